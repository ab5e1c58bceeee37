package devnet_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// basic is chaincode on the bare shim that does whatever its arguments say.
type basic struct{ calls atomic.Int64 }

func (b *basic) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

func (b *basic) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	b.calls.Add(1)
	function, args := stub.GetFunctionAndParameters()
	do, ok := functions[function]
	if !ok {
		return shim.Error("unknown function " + function)
	}
	payload, err := do(b, stub, args)
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(payload)
}

var functions = map[string]func(*basic, shim.ChaincodeStubInterface, []string) ([]byte, error){
	"put": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return []byte(a[1]), s.PutState(a[0], []byte(a[1]))
	},
	"get": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) { return s.GetState(a[0]) },
	"del": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return nil, s.DelState(a[0])
	},
	"add": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		value, err := s.GetState(a[0])
		if err != nil {
			return nil, err
		}
		total, _ := strconv.Atoi(string(value))
		more, _ := strconv.Atoi(a[1])
		sum := []byte(strconv.Itoa(total + more))
		return sum, s.PutState(a[0], sum)
	},
	"readback": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		if err := s.PutState(a[0], []byte("new")); err != nil {
			return nil, err
		}
		return s.GetState(a[0])
	},
	"batch": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		s.StartWriteBatch()
		for _, key := range a {
			if err := s.PutState(key, []byte("batched")); err != nil {
				return nil, err
			}
		}
		return nil, s.FinishWriteBatch()
	},
	"many": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		values, err := s.GetMultipleStates(a...)
		var texts []string
		for _, value := range values {
			texts = append(texts, string(value))
		}
		return []byte(strings.Join(texts, ",")), err
	},
	"range": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, err := s.GetStateByRange(a[0], a[1])
		return collect(rows, err)
	},
	"countAndPut": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, err := s.GetStateByRange(a[0], a[1])
		found, err := collect(rows, err)
		if err != nil {
			return nil, err
		}
		return found, s.PutState(a[2], found)
	},
	"page": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		size, _ := strconv.Atoi(a[2])
		rows, metadata, err := s.GetStateByRangeWithPagination(a[0], a[1], int32(size), a[3])
		found, err := collect(rows, err)
		return []byte(string(found) + "|" + metadata.GetBookmark()), err
	},
	"history": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, err := s.GetHistoryForKey(a[0])
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var texts []string
		for rows.HasNext() {
			row, err := rows.Next()
			if err != nil {
				return nil, err
			}
			texts = append(texts, fmt.Sprintf("%s%v", row.GetValue(), row.GetIsDelete()))
		}
		return []byte(strings.Join(texts, ",")), nil
	},
	"rich": func(_ *basic, s shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
		_, err := s.GetQueryResult(`{"selector":{}}`)
		return nil, err
	},
	"putPrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		transient, err := s.GetTransient()
		if err != nil {
			return nil, err
		}
		return nil, s.PutPrivateData(a[0], a[1], transient["value"])
	},
	"getPrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return s.GetPrivateData(a[0], a[1])
	},
	"movePrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		value, err := s.GetPrivateData(a[0], a[1])
		if err != nil {
			return nil, err
		}
		return nil, s.PutPrivateData(a[0], a[2], value)
	},
	"hashPrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return s.GetPrivateDataHash(a[0], a[1])
	},
	"purgePrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return nil, s.PurgePrivateData(a[0], a[1])
	},
	"delPrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return nil, s.DelPrivateData(a[0], a[1])
	},
	"rangePrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, err := s.GetPrivateDataByRange(a[0], a[1], a[2])
		return collect(rows, err)
	},
	"rangePrivateAndPut": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, err := s.GetPrivateDataByRange(a[0], a[1], a[2])
		if _, err = collect(rows, err); err != nil {
			return nil, err
		}
		return nil, s.PutState("k", []byte("v"))
	},
	"pageAndPut": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		rows, _, err := s.GetStateByRangeWithPagination("", "", 1, "")
		if _, err = collect(rows, err); err != nil {
			return nil, err
		}
		return nil, s.PutState("k", []byte("v"))
	},
	"everythingAtOnce": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		s.StartWriteBatch()
		return nil, errors.Join(s.PutState("once", []byte("v")), s.DelState("absent"), s.PutPrivateData(a[0], "once", []byte("v")),
			s.DelPrivateData(a[0], "absent"), s.PurgePrivateData(a[0], "purged"), s.SetStateValidationParameter("once", nil), s.FinishWriteBatch())
	},
	"restrictPrivate": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		encoded, err := orgPolicy(a[2:])
		if err != nil {
			return nil, err
		}
		return nil, s.SetPrivateDataValidationParameter(a[0], a[1], encoded)
	},
	"policies": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		public, err := s.GetStateValidationParameter(a[1])
		if err != nil {
			return nil, err
		}
		private, err := s.GetPrivateDataValidationParameter(a[0], a[1])
		return fmt.Appendf(nil, "%d %d", len(public), len(private)), err
	},
	"restrict": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		encoded, err := orgPolicy(a[1:])
		if err != nil {
			return nil, err
		}
		return nil, s.SetStateValidationParameter(a[0], encoded)
	},
	"event": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		if err := s.PutState("event", []byte(s.GetTxID())); err != nil {
			return nil, err
		}
		return nil, s.SetEvent(a[0], []byte(a[1]))
	},
	"fail": func(_ *basic, _ shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		return nil, fmt.Errorf("%s", a[0])
	},
	"panic": func(_ *basic, _ shim.ChaincodeStubInterface, a []string) ([]byte, error) { panic(a[0]) },
	"sleep": func(_ *basic, _ shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		pause, err := time.ParseDuration(a[0])
		time.Sleep(pause)
		return nil, err
	},
	"differ": func(b *basic, s shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
		return nil, s.PutState("differ", fmt.Appendf(nil, "%p", b))
	},
	"call": func(_ *basic, s shim.ChaincodeStubInterface, a []string) ([]byte, error) {
		var args [][]byte
		for _, arg := range a[1:] {
			args = append(args, []byte(arg))
		}
		response := s.InvokeChaincode(a[0], args, "")
		if response.GetStatus() != 200 {
			return nil, fmt.Errorf("called: %d %s%s", response.GetStatus(), response.GetMessage(), response.GetPayload())
		}
		return response.GetPayload(), nil
	},
}

// orgPolicy asks for a peer of each organisation.
func orgPolicy(mspIDs []string) ([]byte, error) {
	policy, err := statebased.NewStateEP(nil)
	if err != nil {
		return nil, err
	}
	if err := policy.AddOrgs(statebased.RoleTypePeer, mspIDs...); err != nil {
		return nil, err
	}
	return policy.Policy()
}

func collect(rows shim.StateQueryIteratorInterface, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var texts []string
	for rows.HasNext() {
		row, err := rows.Next()
		if err != nil {
			return nil, err
		}
		texts = append(texts, row.GetKey())
	}
	return []byte(strings.Join(texts, ",")), nil
}
