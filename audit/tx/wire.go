package tx

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// A transaction is wrapped a dozen times, each wrapping a field of bytes in the next. Decoding them
// all as protobuf would copy the whole of it a dozen times; split only looks.

var errWire = errors.New("not a protobuf message")

// errRepeated refuses a field that stands twice: readers of it could differ.
var errRepeated = errors.New("a field stands twice that must stand once")

// eachField hands out the fields of a message that hold bytes, sharing its memory.
func eachField(message []byte, take func(number protowire.Number, value []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errWire
		}
		message = message[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
				return errWire
			}
			message = message[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(message)
		if n < 0 {
			return errWire
		}
		message = message[n:]
		if err := take(number, value[:len(value):len(value)]); err != nil {
			return err
		}
	}
	return nil
}

// split puts field 1 of a message into the first place, field 2 into the second, and so on.
func split(message []byte, into ...*[]byte) error {
	var found [8]bool
	return eachField(message, func(number protowire.Number, value []byte) error {
		i := int(number) - 1
		if i >= len(into) || i >= len(found) {
			return nil
		}
		if found[i] {
			return errRepeated
		}
		found[i], *into[i] = true, value
		return nil
	})
}

// list is every value of one field of a message, and the others as split has them.
func list(message []byte, number protowire.Number, into ...*[]byte) (values [][]byte, err error) {
	var found [8]bool
	err = eachField(message, func(n protowire.Number, value []byte) error {
		i := int(n) - 1
		switch {
		case n == number:
			values = append(values, value)
		case i >= len(into) || i >= len(found):
		case found[i]:
			return errRepeated
		default:
			found[i], *into[i] = true, value
		}
		return nil
	})
	return values, err
}
