package probe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// stateOperations read and write single public keys.
var stateOperations = map[string]operation{
	"put": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.PutState(a[0], []byte(a[1]))
	}},
	"get": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		value, err := s.GetState(a[0])
		return string(value), err
	}},
	"del": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.DelState(a[0])
	}},
	"add": {2, add},
	"large": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		size, err := strconv.Atoi(a[1])
		if err != nil || size < 0 || size > maxLarge {
			return "", fmt.Errorf("size %q: want 0 to %d bytes", a[1], maxLarge)
		}
		return "", s.PutState(a[0], []byte(strings.Repeat("x", size)))
	}},
	"length": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		value, err := s.GetState(a[0])
		return strconv.Itoa(len(value)), err
	}},
	"fill": {2, fill},
	"many": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		values, err := s.GetMultipleStates(a...)
		return list(values), err
	}},
	"batch": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) {
		s.StartWriteBatch()
		return "", nil
	}},
	"flush": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) {
		return "", s.FinishWriteBatch()
	}},
	"compose": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return s.CreateCompositeKey(a[0], a[1:])
	}},
	"composed": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		key, err := s.CreateCompositeKey(a[0], a[1:])
		if err != nil {
			return "", err
		}
		return "", s.PutState(key, []byte{1})
	}},
	"split": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		kind, attributes, err := s.SplitCompositeKey(a[0])
		return strings.Join(append([]string{kind}, attributes...), ","), err
	}},
}

const (
	maxLarge = 64 << 20 // bytes of one value
	maxRows  = 10_000   // of one fill
)

// add reads a number, adds to it and writes it: the shortest read-modify-write.
func add(s shim.ChaincodeStubInterface, a []string) (string, error) {
	value, err := s.GetState(a[0])
	if err != nil {
		return "", err
	}
	total, _ := strconv.Atoi(string(value)) // an absent number counts as 0
	more, err := strconv.Atoi(a[1])
	if err != nil {
		return "", fmt.Errorf("add %q: not a number", a[1])
	}
	sum := strconv.Itoa(total + more)
	return sum, s.PutState(a[0], []byte(sum))
}

// fill writes so many rows: prefix000, prefix001, ...
func fill(s shim.ChaincodeStubInterface, a []string) (string, error) {
	count, err := strconv.Atoi(a[1])
	if err != nil || count < 0 || count > maxRows {
		return "", fmt.Errorf("fill %q: want 0 to %d rows", a[1], maxRows)
	}
	for i := range count {
		if err := s.PutState(fmt.Sprintf("%s%03d", a[0], i), []byte("row")); err != nil {
			return "", err
		}
	}
	return "", nil
}

// list shows values with "-" for those that are absent.
func list(values [][]byte) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
		if value == nil {
			texts[i] = "-"
		}
	}
	return strings.Join(texts, ",")
}
