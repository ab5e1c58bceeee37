package host

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// guard keeps a panic of the chaincode from taking the whole process down. On a real peer the chaincode's process
// would die and the stream break; the caller hears the same here, and the reason with it.
type guard struct {
	chaincode shim.Chaincode

	running atomic.Int64 // invocations that have not returned

	// mu guards panics, by transaction identifier.
	mu     sync.Mutex
	panics map[string]crash
}

// crash is a panic and where it happened.
type crash struct {
	reason string
	stack  []byte
}

func newGuard(chaincode shim.Chaincode) *guard {
	return &guard{chaincode: chaincode, panics: map[string]crash{}}
}

// Init implements shim.Chaincode.
func (g *guard) Init(stub shim.ChaincodeStubInterface) (response *peer.Response) {
	g.running.Add(1)
	defer g.running.Add(-1)
	defer g.catch(stub, &response)
	return g.chaincode.Init(stub)
}

// Invoke implements shim.Chaincode.
func (g *guard) Invoke(stub shim.ChaincodeStubInterface) (response *peer.Response) {
	g.running.Add(1)
	defer g.running.Add(-1)
	defer g.catch(stub, &response)
	return g.chaincode.Invoke(stub)
}

func (g *guard) catch(stub shim.ChaincodeStubInterface, response **peer.Response) {
	reason := recover()
	if reason == nil {
		return
	}
	g.mu.Lock()
	g.panics[stub.GetTxID()] = crash{reason: fmt.Sprint(reason), stack: debug.Stack()}
	g.mu.Unlock()
	*response = shim.Error("")
}

// crashed tells, once, that a transaction ended in a panic.
func (g *guard) crashed(txid string) (crash, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	found, ok := g.panics[txid]
	delete(g.panics, txid)
	return found, ok
}

// restInterval is how often rest looks.
const restInterval = time.Millisecond

// rest waits until no invocation is running, but not for ever: chaincode that hangs is left behind.
func (g *guard) rest(patience time.Duration) {
	for deadline := time.Now().Add(patience); g.running.Load() > 0 && time.Now().Before(deadline); {
		time.Sleep(restInterval)
	}
}
