package endorser

import (
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/host"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// systemVersion is the version system chaincodes have in endorsements.
const systemVersion = "syscc"

// legacyNamespace is where Fabric before 2.0 kept chaincode definitions.
const legacyNamespace = "lscc"

// result is what executing a proposal came to.
type result struct {
	version  string
	response *peer.Response
	results  []byte
	event    *peer.ChaincodeEvent
	interest *peer.ChaincodeInterest
}

// payload is what endorsers sign.
func (r *result) payload(p *transaction.Proposal) ([]byte, error) {
	action := &peer.ChaincodeAction{Results: r.results, Response: r.response,
		ChaincodeId: &peer.ChaincodeID{Name: p.Chaincode, Version: r.version}}
	if r.event != nil {
		encoded, err := proto.Marshal(r.event)
		if err != nil {
			return nil, fmt.Errorf("failed to marshal chaincode event: %w", err)
		}
		action.Events = encoded
	}
	extension, err := proto.Marshal(action)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&peer.ProposalResponsePayload{ProposalHash: p.Hash, Extension: extension})
}

// simulate executes a proposal on the state as it is now.
func (e *Endorser) simulate(p *transaction.Proposal) (*result, error) {
	if system, ok := e.System[p.Chaincode]; ok {
		return e.simulateSystem(system, p)
	}
	if p.Channel.GetChannelId() == "" {
		return nil, errNoChannel
	}
	simulator, err := e.Ledger.Simulate(p.TxID())
	if err != nil {
		return nil, err
	}
	defer simulator.Close()
	definition, err := e.defined(simulator, p.Chaincode)
	if err != nil {
		return nil, fmt.Errorf("make sure the chaincode %s has been successfully defined on channel %s and try again: %w",
			p.Chaincode, p.Channel.GetChannelId(), err)
	}
	tx := &host.Transaction{Channel: p.Channel.GetChannelId(), ID: p.TxID(), Proposal: p.Signed, Simulator: simulator, History: e.Ledger.History}
	response, event, err := e.execute(tx, definition, p.Input())
	if err != nil {
		return nil, fmt.Errorf("error in simulation: %w", err)
	}
	r := &result{version: definition.Version(), response: response, event: event}
	if err := e.record(r, tx, simulator); err != nil {
		return nil, fmt.Errorf("error in simulation: %w", err)
	}
	return r, nil
}

// defined looks a chaincode up, which records the read of its sequence, and makes sure that this peer has it.
func (e *Endorser) defined(simulator *ledger.Simulator, name string) (*lifecycle.Definition, error) {
	sequence, err := lifecycle.Sequence(simulator, name)
	if err != nil {
		return nil, fmt.Errorf("could not get current sequence for chaincode '%s' on channel '%s': %w", name, e.Channel.ID(), err)
	}
	if sequence == 0 {
		// Fabric then looks where definitions were kept before 2.0, and leaves the trace of it in the read set.
		if _, err := simulator.GetState(legacyNamespace, name); err != nil {
			return nil, fmt.Errorf("could not retrieve state for chaincode %s: %w", name, err)
		}
		return nil, fmt.Errorf("chaincode %s not found", name)
	}
	definition, found, err := lifecycle.Read(lifecycle.Unrecorded(e.Ledger.Snapshot()), name)
	if err != nil || !found {
		return nil, fmt.Errorf("could not get approved chaincode info from cache: %w", err)
	}
	if definition.Sequence != sequence {
		return nil, fmt.Errorf("chaincode cache at sequence %d but current sequence is %d, chaincode definition for '%s' changed during invoke",
			definition.Sequence, sequence, name)
	}
	if e.Host(name, sequence) == nil {
		return nil, fmt.Errorf("chaincode definition for '%s' exists, but chaincode is not installed", name)
	}
	return definition, nil
}

// execute runs an application chaincode.
func (e *Endorser) execute(tx *host.Transaction, definition *lifecycle.Definition, input *peer.ChaincodeInput) (*peer.Response, *peer.ChaincodeEvent, error) {
	name := definition.Name
	if input.GetIsInit() {
		return nil, nil, fmt.Errorf("failed to execute transaction %s: invalid invocation: chaincode '%s' does not require initialization but called as init", tx.ID, name)
	}
	answer, err := e.Host(name, definition.Sequence).Execute(tx, name, input)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to execute transaction %s: %w", tx.ID, err)
	}
	if answer.GetType() != peer.ChaincodeMessage_COMPLETED {
		return nil, nil, fmt.Errorf("transaction returned with failure: %s", answer.GetPayload())
	}
	response := &peer.Response{}
	if err := proto.Unmarshal(answer.GetPayload(), response); err != nil {
		return nil, nil, fmt.Errorf("failed to unmarshal response for transaction %s: %w", tx.ID, err)
	}
	event := answer.GetChaincodeEvent()
	if response.GetStatus() >= shim.ERRORTHRESHOLD || event == nil {
		return response, nil, nil
	}
	return response, &peer.ChaincodeEvent{ChaincodeId: name, TxId: tx.ID, EventName: event.GetEventName(), Payload: event.GetPayload()}, nil
}

// record ends the simulation: private data goes to the peers that may hold it, the rest into the result.
func (e *Endorser) record(r *result, tx *host.Transaction, simulator *ledger.Simulator) error {
	public, private, err := simulator.Results()
	if err != nil {
		return err
	}
	if private != nil {
		if err := e.Distribute(tx.ID, e.Ledger.Height(), private); err != nil {
			return err
		}
	}
	if r.interest, err = interest(e.Ledger.Snapshot(), e.System, public, simulator.PrivateReads()); err != nil {
		return err
	}
	r.results, err = proto.Marshal(public)
	return err
}

func (e *Endorser) simulateSystem(system System, p *transaction.Proposal) (*result, error) {
	r := &result{version: systemVersion}
	if !system.NeedsSimulator() || p.Channel.GetChannelId() == "" {
		r.response = system.Invoke(p, p.Input(), nil)
		return r, nil
	}
	simulator, err := e.Ledger.Simulate(p.TxID())
	if err != nil {
		return nil, err
	}
	defer simulator.Close()
	r.response = system.Invoke(p, p.Input(), simulator)
	public, _, err := simulator.Results()
	if err != nil {
		return nil, fmt.Errorf("error in simulation: %w", err)
	}
	r.results, err = proto.Marshal(public)
	return r, err
}
