package host

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// Transaction is what chaincode runs in: one simulation, shared by every chaincode the transaction reaches.
type Transaction struct {
	Channel   string
	ID        string
	Proposal  *peer.SignedProposal
	Simulator *ledger.Simulator
	History   func(namespace, key string) (*ledger.History, error)
}

// call is one invocation of the chaincode.
type call struct {
	*Transaction
	namespace string
	answer    chan *peer.ChaincodeMessage

	// mu guards the queries. A simulation serves one question at a time; the lock also keeps a question that is still
	// being answered from racing with the end of the call.
	mu      sync.Mutex
	ended   bool
	queries map[string]query
	scans   int
	access  map[string]access
}

// access is what the creator may do with a collection, asked once per call.
type access struct{ read, write bool }

// query is an open scan.
type query interface {
	next() (rows []*peer.QueryResultBytes, more bool, err error)
	close()
}

// Execute runs the chaincode and returns its response and its event. An error means that there is no response: the
// chaincode took too long, or went away.
func (h *Host) Execute(tx *Transaction, namespace string, input *peer.ChaincodeInput) (*peer.ChaincodeMessage, error) {
	payload, err := proto.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("failed to create chaincode message: %w", err)
	}
	c := &call{Transaction: tx, namespace: namespace, answer: make(chan *peer.ChaincodeMessage, 1),
		queries: map[string]query{}, access: map[string]access{}}
	if err := h.open(c); err != nil {
		return nil, fmt.Errorf("error sending: %w", err)
	}
	defer h.end(c)
	message := &peer.ChaincodeMessage{Type: peer.ChaincodeMessage_TRANSACTION, Payload: payload, Txid: tx.ID,
		ChannelId: tx.Channel, Proposal: tx.Proposal}
	if err := h.send(message); err != nil {
		return nil, fmt.Errorf("error sending: %w", ErrStreamTerminated)
	}
	timeout := time.NewTimer(h.options.ExecuteTimeout)
	defer timeout.Stop()
	select {
	case answer := <-c.answer:
		return h.outcome(tx.ID, answer)
	case <-timeout.C:
		return nil, fmt.Errorf("error sending: %w", errExecuteTimeout)
	case <-h.done:
		return nil, fmt.Errorf("error sending: %w", ErrStreamTerminated)
	}
}

// outcome tells a response from a panic.
func (h *Host) outcome(txid string, answer *peer.ChaincodeMessage) (*peer.ChaincodeMessage, error) {
	if h.guard == nil {
		return answer, nil
	}
	crash, crashed := h.guard.crashed(txid)
	if !crashed {
		return answer, nil
	}
	h.options.Logger.Error("chaincode panicked", "chaincode", h.options.ID, "txid", txid, "reason", crash.reason, "stack", string(crash.stack))
	return nil, fmt.Errorf("error sending: chaincode panicked (%s): %w", crash.reason, ErrStreamTerminated)
}

func (h *Host) open(c *call) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, exists := h.calls[c.ID]; exists {
		return fmt.Errorf("txid: %s(%s) exists", c.ID, c.Channel)
	}
	h.calls[c.ID] = c
	return nil
}

func (h *Host) find(txid string) *call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[txid]
}

// end closes what the call left open. It waits for a question that is being answered.
func (h *Host) end(c *call) {
	h.mu.Lock()
	delete(h.calls, c.ID)
	h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for _, q := range c.queries {
		q.close()
	}
	c.queries = nil
}

func (h *Host) finish(message *peer.ChaincodeMessage) {
	if c := h.find(message.GetTxid()); c != nil {
		c.answer <- message
	}
}

// answer answers one question of the chaincode.
func (h *Host) answer(message *peer.ChaincodeMessage) {
	reply := &peer.ChaincodeMessage{Type: peer.ChaincodeMessage_RESPONSE, Txid: message.GetTxid(), ChannelId: message.GetChannelId()}
	payload, err := h.ask(message)
	if err != nil {
		reply.Type = peer.ChaincodeMessage_ERROR
		payload = fmt.Appendf(nil, "%s failed: transaction ID: %s: %s", message.GetType(), message.GetTxid(), err)
	}
	reply.Payload = payload
	if err := h.send(reply); err != nil {
		h.options.Logger.Debug("answer not sent", "chaincode", h.options.ID, "txid", message.GetTxid(), "err", err)
	}
}

func (h *Host) ask(message *peer.ChaincodeMessage) ([]byte, error) {
	c := h.find(message.GetTxid())
	if c == nil {
		return nil, errors.New("no ledger context")
	}
	if message.GetType() == peer.ChaincodeMessage_INVOKE_CHAINCODE {
		return h.invoke(c, message.GetPayload()) // the other chaincode takes the lock of its own call
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, errors.New("no ledger context")
	}
	return questions[message.GetType()](h, c, message.GetPayload())
}

// rowOf encodes one row as the shim expects it.
func rowOf(row proto.Message) (*peer.QueryResultBytes, error) {
	encoded, err := proto.Marshal(row)
	return &peer.QueryResultBytes{ResultBytes: encoded}, err
}
