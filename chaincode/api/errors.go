package api

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// errorPrefix marks a refusal inside the only thing that survives from a contract to a client: a
// string. What stands before it differs by the road the error took (evaluate, endorse).
const errorPrefix = "loyalty-error:"

// maxErrorSize bounds what DecodeError looks at.
const maxErrorSize = 4096

// EncodeError turns a refusal into an error whose text DecodeError can read back. Any other error
// is passed through: to the client it stays an internal error.
func EncodeError(err error) error {
	var refusal *loyalty.Error
	if !errors.As(err, &refusal) {
		return err
	}
	text, jsonErr := json.Marshal(refusal)
	if jsonErr != nil {
		return err
	}
	return errors.New(errorPrefix + string(text))
}

// DecodeError finds a refusal in the text of a Fabric error. It returns nil if there is none.
func DecodeError(text string) *loyalty.Error {
	_, rest, found := strings.Cut(text, errorPrefix)
	if !found || len(rest) > maxErrorSize {
		return nil
	}
	var refusal loyalty.Error
	err := json.NewDecoder(strings.NewReader(rest)).Decode(&refusal) // text may follow the object
	if err == nil && refusal.Code != "" {
		return &refusal
	}
	return nil
}
