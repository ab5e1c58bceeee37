// Package probe is chaincode for finding out what a network does. It does what its arguments say, step by step, and
// answers what came of each: every rule of the ledger can be tried without writing chaincode for it. It knows nothing
// of the business of any chaincode, and no network should offer it to anybody but its own tests.
package probe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Separator stands between two steps in the arguments. Each step is the name of an operation and its own arguments:
// "put", "k", "v", ";", "get", "k".
const Separator = ";"

// maxSteps bounds one transaction.
const maxSteps = 100

// Chaincode implements shim.Chaincode. Every peer needs an instance of its own: the step "differ" tells them apart.
type Chaincode struct{}

// New makes an instance.
func New() shim.Chaincode { return &Chaincode{} }

// Init implements shim.Chaincode.
func (*Chaincode) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

// Invoke implements shim.Chaincode. The first step that fails ends the transaction. What the steps answer is joined
// by the separator.
func (*Chaincode) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	steps := split(stub.GetStringArgs())
	if len(steps) > maxSteps {
		return shim.Error(fmt.Sprintf("%d steps: at most %d", len(steps), maxSteps))
	}
	answers := make([]string, len(steps))
	for i, step := range steps {
		answer, err := do(stub, step)
		var refused *refusal
		if errors.As(err, &refused) {
			return refused.response
		}
		if err != nil {
			return shim.Error(err.Error())
		}
		answers[i] = answer
	}
	return shim.Success([]byte(strings.Join(answers, Separator)))
}

func split(args []string) [][]string {
	steps := [][]string{nil}
	for _, arg := range args {
		if arg == Separator {
			steps = append(steps, nil)
			continue
		}
		last := len(steps) - 1
		steps[last] = append(steps[last], arg)
	}
	return steps
}

// operation is one thing that chaincode can ask of a peer.
type operation struct {
	// least is how many arguments it needs.
	least int
	do    func(stub shim.ChaincodeStubInterface, args []string) (string, error)
}

var operations = merge(stateOperations, scanOperations, privateOperations, policyOperations, answerOperations)

func merge(tables ...map[string]operation) map[string]operation {
	all := map[string]operation{}
	for _, table := range tables {
		for name, o := range table {
			all[name] = o
		}
	}
	return all
}

func do(stub shim.ChaincodeStubInterface, step []string) (string, error) {
	if len(step) == 0 {
		return "", errors.New("an empty step")
	}
	o, known := operations[step[0]]
	if !known {
		return "", fmt.Errorf("unknown function %s", step[0])
	}
	if args := step[1:]; len(args) >= o.least {
		return o.do(stub, args)
	}
	return "", fmt.Errorf("%s needs %d arguments", step[0], o.least)
}
