package probe

import (
	"slices"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// policyOperations give keys endorsement policies of their own: the peers of all organisations named must endorse.
// Without any organisation the policy goes.
var policyOperations = map[string]operation{
	"demand": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		policy, err := keyPolicy(a[1:])
		if err != nil {
			return "", err
		}
		return "", s.SetStateValidationParameter(a[0], policy)
	}},
	"demands": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return organisations(s.GetStateValidationParameter(a[0]))
	}},
	"demandp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		policy, err := keyPolicy(a[2:])
		if err != nil {
			return "", err
		}
		return "", s.SetPrivateDataValidationParameter(a[0], a[1], policy)
	}},
	"demandsp": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return organisations(s.GetPrivateDataValidationParameter(a[0], a[1]))
	}},
	"baddemand": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.SetStateValidationParameter(a[0], []byte("not a policy"))
	}},
}

func keyPolicy(mspIDs []string) ([]byte, error) {
	if len(mspIDs) == 0 {
		return nil, nil
	}
	policy, err := statebased.NewStateEP(nil)
	if err != nil {
		return nil, err
	}
	if err := policy.AddOrgs(statebased.RoleTypePeer, mspIDs...); err != nil {
		return nil, err
	}
	return policy.Policy()
}

func organisations(encoded []byte, err error) (string, error) {
	if err != nil || encoded == nil {
		return "", err
	}
	policy, err := statebased.NewStateEP(encoded)
	if err != nil {
		return "", err
	}
	mspIDs := policy.ListOrgs()
	slices.Sort(mspIDs) // the shim lists them in no order
	return strings.Join(mspIDs, ","), nil
}
