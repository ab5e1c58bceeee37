package devnet

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	db "github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// packageID is the identifier under which the chaincode's package is installed.
func (c Chaincode) packageID() string {
	label := c.Name + "_" + c.Version
	hash := sha256.Sum256([]byte(label))
	return label + ":" + hex.EncodeToString(hash[:])
}

// replaces says whether a chaincode takes the place of another under the same sequence.
func (c Chaincode) replaces(other Chaincode) bool {
	return c.Name == other.Name && c.Sequence == other.Sequence
}

// Upgrade installs a new version of a chaincode, or a new chaincode, at every running peer and commits its definition
// for all organisations. Whatever was endorsed before the commit and is ordered after it is invalid.
func (n *Network) Upgrade(ctx context.Context, chaincode Chaincode) error {
	if err := chaincode.check(); err != nil {
		return fmt.Errorf("devnet: chaincode %q: %w", chaincode.Name, err)
	}
	n.mu.Lock()
	n.installed = append(slices.DeleteFunc(n.installed, chaincode.replaces), chaincode)
	n.mu.Unlock()
	for _, p := range n.running() {
		if err := p.install(ctx, chaincode); err != nil {
			return fmt.Errorf("devnet: %w", err)
		}
	}
	if err := n.define(ctx, chaincode); err != nil {
		return fmt.Errorf("devnet: %w", err)
	}
	return nil
}

// define makes sure that a chaincode's definition is on the ledger of every peer, and commits it where it is new.
func (n *Network) define(ctx context.Context, chaincode Chaincode) error {
	wanted, err := chaincode.definition()
	if err != nil {
		return err
	}
	if err := n.level(ctx); err != nil {
		return err
	}
	state := lifecycle.Unrecorded(n.running()[0].ledger.Snapshot())
	current, found, err := lifecycle.Read(state, chaincode.Name)
	if err != nil {
		return err
	}
	if found && current.Sequence == wanted.Sequence {
		if !lifecycle.Same(current, wanted) {
			return fmt.Errorf("chaincode %s differs from its definition at sequence %d: raise the sequence to upgrade", chaincode.Name, wanted.Sequence)
		}
		return nil
	}
	if found && current.Sequence > wanted.Sequence {
		return fmt.Errorf("chaincode %s is at sequence %d already, not at %d", chaincode.Name, current.Sequence, wanted.Sequence)
	}
	return n.commitDefinition(ctx, wanted)
}

// level waits until every running peer has every block that the orderer has.
func (n *Network) level(ctx context.Context) error {
	last := n.orderer.Height() - 1
	for _, p := range n.running() {
		if _, err := p.ledger.WaitBlock(ctx, last); err != nil {
			return fmt.Errorf("peer %s does not reach block %d: %w", p.config.Name, last, err)
		}
	}
	return nil
}

// commitDefinition has every peer endorse the definition, orders the transaction and waits for it at every peer. It is
// an ordinary transaction in an ordinary block: auditors see who agreed.
func (n *Network) commitDefinition(ctx context.Context, definition *lifecycle.Definition) error {
	peers := n.running()
	proposal, err := n.proposeDefinition(peers[0].signer, definition)
	if err != nil {
		return err
	}
	action := &peer.ChaincodeEndorsedAction{}
	for _, p := range peers {
		payload, endorsement, err := p.endorseDefinition(proposal, definition)
		if err != nil {
			return fmt.Errorf("peer %s: definition of %s: %w", p.config.Name, definition.Name, err)
		}
		action.ProposalResponsePayload = payload
		action.Endorsements = append(action.Endorsements, endorsement)
	}
	envelope, err := transaction.Endorsed(proposal.Header, proposal.Payload, action)
	if err != nil {
		return err
	}
	if envelope.Signature, err = peers[0].signer.Sign(envelope.GetPayload()); err != nil {
		return err
	}
	before := n.orderer.Height()
	if err := n.orderer.Order(ctx, envelope); err != nil {
		return err
	}
	for number := before; ; number++ {
		if _, err := n.orderer.WaitBlock(ctx, number); err != nil {
			return err
		}
		if err := n.level(ctx); err != nil {
			return err
		}
		code, _, found := peers[0].ledger.TxCode(proposal.TxID())
		if !found {
			continue
		}
		if code != peer.TxValidationCode_VALID {
			return fmt.Errorf("the definition of %s was refused with %s: the peers do not satisfy the lifecycle policy", definition.Name, code)
		}
		return nil
	}
}

func (n *Network) proposeDefinition(creator *msp.Signer, d *lifecycle.Definition) (*transaction.Proposal, error) {
	arguments, err := proto.Marshal(&db.CommitChaincodeDefinitionArgs{Sequence: d.Sequence, Name: d.Name, Version: d.Version(),
		EndorsementPlugin: d.Endorsement.GetEndorsementPlugin(), ValidationPlugin: d.Validation.GetValidationPlugin(),
		ValidationParameter: d.Policy(), Collections: d.Collections})
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 24)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	e := &encoder{}
	id := &peer.ChaincodeID{Name: lifecycle.Namespace}
	header := &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: n.channel.ID(),
		TxId: transaction.ID(nonce, creator.Serialised()), Timestamp: timestamppb.New(time.Now()),
		Extension: e.encode(&peer.ChaincodeHeaderExtension{ChaincodeId: id})}
	spec := &peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{Type: peer.ChaincodeSpec_GOLANG, ChaincodeId: id,
		Input: &peer.ChaincodeInput{Args: [][]byte{[]byte("CommitChaincodeDefinition"), arguments}}}}
	proposal := e.encode(&peer.Proposal{
		Header: e.encode(&common.Header{ChannelHeader: e.encode(header),
			SignatureHeader: e.encode(&common.SignatureHeader{Creator: creator.Serialised(), Nonce: nonce})}),
		Payload: e.encode(&peer.ChaincodeProposalPayload{Input: e.encode(spec)}),
	})
	if e.err != nil {
		return nil, e.err
	}
	return transaction.UnpackProposal(&peer.SignedProposal{ProposalBytes: proposal})
}

// endorseDefinition writes the definition in a simulation and signs the result.
func (p *node) endorseDefinition(proposal *transaction.Proposal, d *lifecycle.Definition) ([]byte, *peer.Endorsement, error) {
	simulator, err := p.ledger.Simulate(proposal.TxID())
	if err != nil {
		return nil, nil, err
	}
	defer simulator.Close()
	if err := lifecycle.Write(simulator, d); err != nil {
		return nil, nil, err
	}
	results, private, err := simulator.Results()
	if err == nil && private != nil {
		err = errors.New("a definition holds no private data")
	}
	if err != nil {
		return nil, nil, err
	}
	e := &encoder{}
	action := &peer.ChaincodeAction{Results: e.encode(results), Response: &peer.Response{Status: 200},
		ChaincodeId: &peer.ChaincodeID{Name: lifecycle.Namespace, Version: "syscc"}}
	payload := e.encode(&peer.ProposalResponsePayload{ProposalHash: proposal.Hash, Extension: e.encode(action)})
	if e.err != nil {
		return nil, nil, e.err
	}
	signature, err := p.signer.Sign(append(append([]byte{}, payload...), p.signer.Serialised()...))
	return payload, &peer.Endorsement{Endorser: p.signer.Serialised(), Signature: signature}, err
}

// encoder marshals and keeps the first error.
type encoder struct{ err error }

func (e *encoder) encode(message proto.Message) []byte {
	encoded, err := proto.Marshal(message)
	if e.err == nil {
		e.err = err
	}
	return encoded
}
