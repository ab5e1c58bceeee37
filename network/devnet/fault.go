package devnet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zegel/zegel/network/devnet/transaction"
)

// SubmitFault is what goes wrong between a gateway and the orderer. The zero value is: nothing.
type SubmitFault struct {
	// Drop loses the envelope before the orderer sees it; the client hears UNAVAILABLE.
	Drop bool
	// Hold keeps the envelope until Release; the client hears success.
	Hold bool
	// Delay passes before the orderer sees the envelope.
	Delay time.Duration
	// Repeat orders the envelope so many times more.
	Repeat int
	// LoseReply orders the envelope and then loses the answer; the client hears UNAVAILABLE.
	LoseReply bool
	// Hang orders the envelope and never answers; the client hears DEADLINE_EXCEEDED.
	Hang bool
}

// Faults makes a network misbehave, for tests of what clients do about it. All its methods may be called at any time.
type Faults struct {
	// mu guards the rules and what is held.
	mu         sync.Mutex
	submits    func(txid string) SubmitFault
	statuses   func(txid string) error
	endorses   func(peer, txid string) error
	validation func(txid string) (peer.TxValidationCode, bool)
	held       map[string]*common.Envelope
	order      func(context.Context, *common.Envelope) *orderer.BroadcastResponse
}

// OnSubmit sets what goes wrong with envelopes that gateways submit; nil ends it.
func (f *Faults) OnSubmit(rule func(txid string) SubmitFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.submits = rule
}

// OnCommitStatus sets the error that CommitStatus calls end with; nil, or a nil error, lets them through.
func (f *Faults) OnCommitStatus(rule func(txid string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.statuses = rule
}

// OnEndorse sets the error with which a peer, by name, refuses to endorse; nil, or a nil error, lets it endorse.
func (f *Faults) OnEndorse(rule func(peer, txid string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endorses = rule
}

// OnValidation sets the validation code that all peers give a transaction; nil, or false, leaves it to them. The rule
// must answer the same for the same transaction as long as the network runs, or the peers' ledgers part.
func (f *Faults) OnValidation(rule func(txid string) (peer.TxValidationCode, bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.validation = rule
}

// Held lists the transactions that Hold keeps, sorted.
func (f *Faults) Held() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.held))
}

// Release orders a transaction that was held.
func (f *Faults) Release(ctx context.Context, txid string) error {
	f.mu.Lock()
	envelope, ok := f.held[txid]
	delete(f.held, txid)
	f.mu.Unlock()
	if !ok {
		return fmt.Errorf("transaction %s is not held", txid)
	}
	if response := f.order(ctx, envelope); response.GetStatus() != common.Status_SUCCESS {
		return fmt.Errorf("transaction %s: %s", txid, response.GetInfo())
	}
	return nil
}

// errUnreachable is what a gateway hears when the connection to the orderer fails.
var errUnreachable = status.Error(codes.Unavailable, "connection error: the orderer cannot be reached")

// submit is the way of an envelope to the orderer, faults included.
func (f *Faults) submit(ctx context.Context, envelope *common.Envelope) (*orderer.BroadcastResponse, error) {
	f.mu.Lock()
	rule := f.submits
	f.mu.Unlock()
	if rule == nil {
		return f.order(ctx, envelope), nil
	}
	unpacked, err := transaction.UnpackEnvelope(envelope)
	if err != nil {
		return f.order(ctx, envelope), nil
	}
	return f.misdirect(ctx, envelope, unpacked.Channel.GetTxId(), rule(unpacked.Channel.GetTxId()))
}

func (f *Faults) misdirect(ctx context.Context, envelope *common.Envelope, txid string, fault SubmitFault) (*orderer.BroadcastResponse, error) {
	if fault.Drop {
		return nil, errUnreachable
	}
	if fault.Hold {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.held[txid] = envelope
		return &orderer.BroadcastResponse{Status: common.Status_SUCCESS}, nil
	}
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	response := f.order(ctx, envelope)
	for range fault.Repeat {
		f.order(ctx, envelope)
	}
	if fault.Hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if fault.LoseReply {
		return nil, errUnreachable
	}
	return response, nil
}

func (f *Faults) status(txid string) error {
	f.mu.Lock()
	rule := f.statuses
	f.mu.Unlock()
	if rule == nil {
		return nil
	}
	return rule(txid)
}

func (f *Faults) endorse(peer, txid string) error {
	f.mu.Lock()
	rule := f.endorses
	f.mu.Unlock()
	if rule == nil {
		return nil
	}
	return rule(peer, txid)
}

func (f *Faults) force(txid string) (peer.TxValidationCode, bool) {
	f.mu.Lock()
	rule := f.validation
	f.mu.Unlock()
	if rule == nil {
		return 0, false
	}
	return rule(txid)
}

// Stall keeps a peer from committing, so that it falls behind, until the function returned is called.
func (n *Network) Stall(name string) (resume func(), err error) {
	p := n.find(name)
	if p == nil {
		return nil, fmt.Errorf("peer %s is not running", name)
	}
	gate := make(chan struct{})
	p.mu.Lock()
	p.gate = gate
	p.mu.Unlock()
	return sync.OnceFunc(func() { close(gate) }), nil
}

// errRunning is returned for a peer that runs already.
var errRunning = errors.New("the peer is running")

// StopPeer stops a peer as if its machine had gone away. Others no longer send it anything.
func (n *Network) StopPeer(name string) error {
	p := n.find(name)
	if p == nil {
		return fmt.Errorf("peer %s is not running", name)
	}
	n.mu.Lock()
	n.nodes = slices.DeleteFunc(n.nodes, func(other *node) bool { return other == p })
	n.mu.Unlock()
	return p.close()
}

// StartPeer starts a peer again, at the address it had. It takes the blocks it has missed from the orderer; without a
// data directory those are all. Private data it has missed stays missing.
func (n *Network) StartPeer(ctx context.Context, name string) error {
	if n.find(name) != nil {
		return fmt.Errorf("peer %s: %w", name, errRunning)
	}
	for _, organisation := range n.config.Organisations {
		for _, config := range organisation.Peers {
			if config.Name == name {
				return n.startAgain(ctx, organisation, config)
			}
		}
	}
	return fmt.Errorf("there is no peer %s", name)
}

func (n *Network) startAgain(ctx context.Context, organisation Organisation, config Peer) error {
	listener, _, err := listen(n.addresses[config.Name])
	if err != nil {
		return err
	}
	p, err := n.openNode(ctx, organisation, config, n.addresses[config.Name])
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := p.serve(listener); err != nil {
		return errors.Join(err, p.close(), listener.Close())
	}
	n.add(p)
	return nil
}
