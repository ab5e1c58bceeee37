package native_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/consortium/ccaas"
)

// TestMain lets the test binary also be the two programs that a network runs: the external builder,
// and a chaincode that is too small to be wrong.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(m.Run())
	}
	var err error
	switch os.Args[1] {
	case "ccaas-builder":
		err = ccaas.Run(os.Getenv(ccaas.BuilderConfig), os.Args[2:]...)
	case "chaincode":
		err = ccaas.Serve(tiny{})
	case "up":
		err = child(os.Args[3], os.Args[2] == "detached")
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tiny keeps values, public and private, and says that it is there.
type tiny struct{}

func (tiny) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

func (tiny) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, args := stub.GetFunctionAndParameters()
	var value []byte
	var err error
	switch {
	case function == "WhoAmI" && len(args) == 0:
		value = []byte("tiny")
	case function == "Put" && len(args) == 2:
		err = stub.PutState(args[0], []byte(args[1]))
	case function == "Get" && len(args) == 1:
		value, err = stub.GetState(args[0])
	case function == "PutPrivate" && len(args) == 2:
		err = stub.PutPrivateData(args[0], args[1], []byte("private"))
	case function == "GetPrivate" && len(args) == 2:
		value, err = stub.GetPrivateData(args[0], args[1])
	case function == "PurgePrivate" && len(args) == 2:
		err = stub.PurgePrivateData(args[0], args[1])
	default:
		err = fmt.Errorf("no function %s with %d arguments", function, len(args))
	}
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(value)
}
