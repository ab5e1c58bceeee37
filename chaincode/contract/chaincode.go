package contract

import (
	"log/slog"
	"runtime/debug"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// metadataQuery is the one transaction of contract-api's own contract: tools ask it for the
// metadata. It is let through without arguments only.
const metadataQuery = contractapi.SystemContractName + ":GetMetadata"

// Chaincode is the contract behind its door. The door is in front of contract-api because that
// one is lenient: it takes "apply" and "loyalty:Apply" for "Apply", then skips its own checks, and
// ignores surplus arguments, which nevertheless stay in the block for ever.
type Chaincode struct {
	contracts *contractapi.ContractChaincode
}

var _ shim.Chaincode = (*Chaincode)(nil)

// New is the chaincode as it is deployed.
func New() (*Chaincode, error) { return NewWithClock(SystemClock) }

// NewWithClock is the chaincode with another clock for the endorser, for tests of time.
func NewWithClock(clock Clock) (*Chaincode, error) {
	contracts, err := contractapi.NewChaincode(newContract(clock))
	if err != nil {
		return nil, err
	}
	return &Chaincode{contracts: contracts}, nil
}

// Init does nothing: the ledger begins with the first programme that is approved.
func (c *Chaincode) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

// Invoke runs one transaction. What it refuses carries a code that api.DecodeError reads.
func (c *Chaincode) Invoke(stub shim.ChaincodeStubInterface) (response *peer.Response) {
	defer func() {
		if cause := recover(); cause != nil {
			// A panic would end the process and every transaction in flight with it. Nothing was
			// flushed, so failing this one transaction is enough.
			slog.Error("transaction panicked", "tx", stub.GetTxID(), "cause", cause, "stack", string(debug.Stack()))
			response = shim.Error("internal error")
		}
	}()
	if err := guard(stub.GetFunctionAndParameters()); err != nil {
		return shim.Error(api.EncodeError(err).Error())
	}
	return c.contracts.Invoke(stub)
}

// guard refuses (malformed_command) a transaction whose name is not exactly one of api.Arity or
// whose arguments are not exactly as many. It never repeats the name: it is the caller's text.
func guard(name string, arguments []string) error {
	arity, known := api.Arity[name]
	if !known && name != metadataQuery {
		return loyalty.Refuse(loyalty.CodeMalformedCommand, "There is no such transaction; names are exact.")
	}
	if len(arguments) != arity {
		return loyalty.Refuse(loyalty.CodeMalformedCommand, "%s takes %d arguments, not %d.", name, arity, len(arguments))
	}
	for _, argument := range arguments {
		if len(argument) > api.MaxArgumentSize {
			return loyalty.Refuse(loyalty.CodeMalformedCommand, "An argument is larger than %d bytes.", api.MaxArgumentSize)
		}
	}
	return nil
}
