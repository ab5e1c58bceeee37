package worldstate

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zegel/zegel/chaincode/api"
)

// valueVersion is the first byte of every value. A later layout takes another number, so that old
// values stay readable for ever; a chaincode that does not know a number refuses to guess.
const valueVersion = 0x01

// Encode is v as it is stored: the version byte, then compact JSON with the fields in the order of
// the Go type. Equal values have equal bytes. A value is never empty, because Fabric takes an
// empty value for a deletion.
//
// v must hold no maps, floats or interfaces.
func Encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return append([]byte{valueVersion}, text...), nil
}

// Decode reads what Encode writes into v, a pointer. It is strict: an unknown version or field is
// an error, never dropped, because what is not understood would be lost at the next write.
func Decode(value []byte, v any) error {
	if len(value) == 0 {
		return errors.New("empty value")
	}
	if value[0] != valueVersion {
		return fmt.Errorf("value of unknown version %d", value[0])
	}
	return api.Decode(value[1:], v)
}
