package probe

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// refusal ends a transaction with a response that a step has made itself.
type refusal struct{ response *peer.Response }

func (r *refusal) Error() string { return r.response.GetMessage() }

// answerOperations are about the transaction itself and the ways in which it can end.
var answerOperations = map[string]operation{
	"noop": {0, func(shim.ChaincodeStubInterface, []string) (string, error) { return "", nil }},
	"say":  {1, func(_ shim.ChaincodeStubInterface, a []string) (string, error) { return a[0], nil }},
	"fail": {1, func(_ shim.ChaincodeStubInterface, a []string) (string, error) { return "", errors.New(a[0]) }},
	"panic": {1, func(_ shim.ChaincodeStubInterface, a []string) (string, error) {
		panic(a[0])
	}},
	"status": {3, func(_ shim.ChaincodeStubInterface, a []string) (string, error) {
		code, err := strconv.ParseInt(a[0], 10, 32)
		if err != nil {
			return "", fmt.Errorf("status %q: not a number", a[0])
		}
		return "", &refusal{&peer.Response{Status: int32(code), Message: a[1], Payload: []byte(a[2])}}
	}},
	"event": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.SetEvent(a[0], []byte(a[1]))
	}},
	"differ": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return "", s.PutState(a[0], []byte(rand.Text())) // no two endorsers agree
	}},
	"call": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		args := make([][]byte, len(a)-2)
		for i, arg := range a[2:] {
			args[i] = []byte(arg)
		}
		response := s.InvokeChaincode(a[0], args, a[1])
		return fmt.Sprintf("%d %s%s", response.GetStatus(), response.GetMessage(), response.GetPayload()), nil
	}},
	"who": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) {
		mspID, err := cid.GetMSPID(s)
		if err != nil {
			return "", err
		}
		role, _, err := cid.GetAttributeValue(s, "role")
		return mspID + " " + role, err
	}},
	"txid":    {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) { return s.GetTxID(), nil }},
	"channel": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) { return s.GetChannelID(), nil }},
	"time": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) {
		at, err := s.GetTxTimestamp()
		return at.AsTime().Format(time.RFC3339Nano), err
	}},
	"decorations": {0, func(s shim.ChaincodeStubInterface, _ []string) (string, error) {
		return strconv.Itoa(len(s.GetDecorations())), nil
	}},
}
