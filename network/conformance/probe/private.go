package probe

import (
	"encoding/hex"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// TransientValue is the transient field that private values come in, so that they are not among the arguments, which
// everybody reads.
const TransientValue = "value"

// privateOperations read and write private data. The first argument is the collection.
var privateOperations = map[string]operation{
	"putp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		value, err := transient(s, TransientValue)
		if err != nil {
			return "", err
		}
		return "", s.PutPrivateData(a[0], a[1], []byte(value))
	}},
	"getp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		value, err := s.GetPrivateData(a[0], a[1])
		return string(value), err
	}},
	"delp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.DelPrivateData(a[0], a[1])
	}},
	"purge": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.PurgePrivateData(a[0], a[1])
	}},
	"hashp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		hash, err := s.GetPrivateDataHash(a[0], a[1])
		return hex.EncodeToString(hash), err
	}},
	"manyp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		values, err := s.GetMultiplePrivateData(a[0], a[1:]...)
		return list(values), err
	}},
	"rangep": {3, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetPrivateDataByRange(a[0], a[1], a[2])
		return keys(rows, err, maxRows)
	}},
	"composedp": {3, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		key, err := s.CreateCompositeKey(a[1], a[2:])
		if err != nil {
			return "", err
		}
		return "", s.PutPrivateData(a[0], key, []byte{1})
	}},
	"partialp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetPrivateDataByPartialCompositeKey(a[0], a[1], a[2:])
		return attributes(s, rows, err)
	}},
	"richp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetPrivateDataQueryResult(a[0], a[1])
		return keys(rows, err, maxRows)
	}},
	"transient": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return transient(s, a[0])
	}},
}

func transient(s shim.ChaincodeStubInterface, name string) (string, error) {
	fields, err := s.GetTransient()
	if err != nil {
		return "", fmt.Errorf("transient data: %w", err)
	}
	return string(fields[name]), nil
}
