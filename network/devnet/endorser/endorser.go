// Package endorser executes proposals and signs what came out, as the endorser service of a Fabric peer does.
package endorser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/host"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// timeWindow is how far a proposal's timestamp may be from the peer's clock.
const timeWindow = 15 * time.Minute

// System is a chaincode that belongs to the peer.
type System interface {
	// NeedsSimulator says whether the chaincode reads the state, and so records what it reads.
	NeedsSimulator() bool
	// Invoke answers input, which is the proposal's own unless another chaincode asks.
	Invoke(proposal *transaction.Proposal, input *peer.ChaincodeInput, simulator *ledger.Simulator) *peer.Response
}

// Support is what an endorser works with.
type Support struct {
	Channel *channel.Channel
	Ledger  *ledger.Ledger
	Signer  *msp.Signer
	// Host finds the chaincode installed for a definition; nil where it is not.
	Host   func(name string, sequence int64) *host.Host
	System map[string]System
	// Distribute hands a private write set to the peers that may hold it, before the endorsement is signed.
	Distribute func(txid string, height uint64, set *rwset.TxPvtReadWriteSet) error
	// Refuse lets tests make the endorser fail; nil never does.
	Refuse func(*transaction.Proposal) error
	Now    func() time.Time
	Logger *slog.Logger
}

// Endorser implements peer.EndorserServer.
type Endorser struct {
	peer.UnimplementedEndorserServer
	Support
}

// New makes an endorser.
func New(support Support) *Endorser { return &Endorser{Support: support} }

// ProcessProposal executes a proposal. Faults of the proposal are errors; faults of its execution are responses with
// a status of 400 and above.
func (e *Endorser) ProcessProposal(_ context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	if err := e.filter(signed); err != nil {
		return nil, err
	}
	proposal, err := transaction.UnpackProposal(signed)
	if err != nil {
		return failure(err), err
	}
	if id := proposal.Channel.GetChannelId(); id != "" && id != e.Channel.ID() {
		return failure(fmt.Errorf("channel '%s' not found", id)), nil
	}
	if err := e.check(proposal); err != nil {
		e.Logger.Warn("proposal refused", "txid", proposal.TxID(), "err", err)
		return failure(err), err
	}
	response, err := e.process(proposal)
	if err != nil {
		e.Logger.Warn("proposal not endorsed", "txid", proposal.TxID(), "chaincode", proposal.Chaincode, "err", err)
		return failure(err), nil
	}
	return response, nil
}

func failure(err error) *peer.ProposalResponse {
	return &peer.ProposalResponse{Response: &peer.Response{Status: 500, Message: err.Error()}}
}

// check authenticates a proposal and makes sure that it is new and allowed.
func (e *Endorser) check(p *transaction.Proposal) error {
	if err := e.authenticate(p); err != nil {
		return fmt.Errorf("error validating proposal: %w", err)
	}
	if p.Channel.GetChannelId() == "" {
		return nil
	}
	if e.Ledger.HasTx(p.TxID()) {
		return fmt.Errorf("duplicate transaction found [%s]. Creator [%x]", p.TxID(), p.Signature.GetCreator())
	}
	if _, system := e.System[p.Chaincode]; !system {
		return e.Channel.CheckAccess(channel.ResourcePropose, p.SignedBy())
	}
	return nil
}

// process executes a proposal that has passed the checks and signs the result.
func (e *Endorser) process(p *transaction.Proposal) (*peer.ProposalResponse, error) {
	if e.Refuse != nil {
		if err := e.Refuse(p); err != nil {
			return nil, err
		}
	}
	result, err := e.simulate(p)
	if err != nil {
		return nil, err
	}
	if p.Channel.GetChannelId() == "" {
		return &peer.ProposalResponse{Response: result.response}, nil
	}
	payload, err := result.payload(p)
	if err != nil {
		return nil, fmt.Errorf("failed to create the proposal response: %w", err)
	}
	switch status := result.response.GetStatus(); {
	case status >= 500:
		return &peer.ProposalResponse{Response: result.response, Payload: payload, Interest: result.interest}, nil
	case status >= 400:
		return &peer.ProposalResponse{Response: result.response}, nil
	}
	signature, err := e.Signer.Sign(append(append([]byte{}, payload...), e.Signer.Serialised()...))
	if err != nil {
		return nil, fmt.Errorf("endorsing with plugin failed: %w", err)
	}
	return &peer.ProposalResponse{Version: 1, Response: result.response, Payload: payload, Interest: result.interest,
		Endorsement: &peer.Endorsement{Endorser: e.Signer.Serialised(), Signature: signature}}, nil
}

// errNoChannel refuses application chaincode outside a channel.
var errNoChannel = errors.New("chaincode cannot be invoked without a channel")
