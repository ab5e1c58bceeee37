// Package tx takes the transactions of a block apart: who proposed what, who endorsed which result.
// It judges nothing but form.
package tx

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// Transaction is one envelope of a block, decoded as far as it goes.
type Transaction struct {
	Payload   []byte // what the creator signed
	Signature []byte
	Type      common.HeaderType
	Channel   string
	ID        string
	Time      time.Time // the client's clock
	Epoch     uint64
	Creator   []byte // serialised identity
	Nonce     []byte
	header    *common.Header
	extension []byte
	data      []byte
	Action    *Action // of an endorsed transaction, nil until Open
}

// Action is what an endorsed transaction asked for, and what the endorsers answered.
type Action struct {
	Chaincode    string // that the proposal names
	Ran          string // that the endorsers say they ran
	Version      string
	Args         [][]byte
	Proposal     []byte // the proposal's payload, as it stands in the transaction
	Response     []byte // what each endorser signed, with its identity
	ProposalHash []byte
	Status       int32
	Reply        []byte
	EventName    string
	EventOf      string // chaincode that the event names
	Event        []byte
	Endorsements []Endorsement
	Results      []Namespace
	header       []byte
}

// Endorsement is one endorser's signature.
type Endorsement struct{ Endorser, Signature []byte }

// Decode reads the headers of an envelope.
func Decode(envelope []byte) (*Transaction, error) {
	outer, payload := &common.Envelope{}, &common.Payload{}
	channel, signer := &common.ChannelHeader{}, &common.SignatureHeader{}
	if err := proto.Unmarshal(envelope, outer); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	if err := proto.Unmarshal(outer.GetPayload(), payload); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if payload.GetHeader() == nil {
		return nil, errors.New("a payload without a header")
	}
	if err := proto.Unmarshal(payload.GetHeader().GetChannelHeader(), channel); err != nil {
		return nil, fmt.Errorf("channel header: %w", err)
	}
	if err := proto.Unmarshal(payload.GetHeader().GetSignatureHeader(), signer); err != nil {
		return nil, fmt.Errorf("signature header: %w", err)
	}
	return &Transaction{
		Payload: outer.GetPayload(), Signature: outer.GetSignature(), Type: common.HeaderType(channel.GetType()),
		Channel: channel.GetChannelId(), ID: channel.GetTxId(), Time: channel.GetTimestamp().AsTime(), Epoch: channel.GetEpoch(),
		Creator: signer.GetCreator(), Nonce: signer.GetNonce(), header: payload.GetHeader(),
		extension: channel.GetExtension(), data: payload.GetData(),
	}, nil
}

// ComputedID is the identifier that follows from creator and nonce.
func (t *Transaction) ComputedID() string {
	sum := sha256.New()
	sum.Write(t.Nonce)
	sum.Write(t.Creator)
	return hex.EncodeToString(sum.Sum(nil))
}

// Config is the configuration that a configuration transaction brings.
func (t *Transaction) Config() (*common.ConfigEnvelope, error) {
	c := &common.ConfigEnvelope{}
	if err := proto.Unmarshal(t.data, c); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}

// Open decodes the action of an endorsed transaction, its results excepted.
func (t *Transaction) Open() error {
	body, payload := &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	if err := proto.Unmarshal(t.data, body); err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	if len(body.GetActions()) != 1 {
		return fmt.Errorf("a transaction of %d actions", len(body.GetActions()))
	}
	if err := proto.Unmarshal(body.GetActions()[0].GetPayload(), payload); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	a := &Action{header: body.GetActions()[0].GetHeader(), Response: payload.GetAction().GetProposalResponsePayload()}
	for _, e := range payload.GetAction().GetEndorsements() {
		a.Endorsements = append(a.Endorsements, Endorsement{e.GetEndorser(), e.GetSignature()})
	}
	if err := a.openProposal(payload.GetChaincodeProposalPayload(), t.extension); err != nil {
		return err
	}
	t.Action = a
	return nil
}

func (a *Action) openProposal(encoded, extension []byte) error {
	proposal, spec := &peer.ChaincodeProposalPayload{}, &peer.ChaincodeInvocationSpec{}
	named := &peer.ChaincodeHeaderExtension{}
	if err := proto.Unmarshal(encoded, proposal); err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	if err := proto.Unmarshal(proposal.GetInput(), spec); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if err := proto.Unmarshal(extension, named); err != nil {
		return fmt.Errorf("header extension: %w", err)
	}
	a.Proposal, a.Args = encoded, spec.GetChaincodeSpec().GetInput().GetArgs()
	a.Chaincode = named.GetChaincodeId().GetName()
	return nil
}

// Answer decodes what the endorsers signed.
func (a *Action) Answer() error {
	response, ran := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
	if err := proto.Unmarshal(a.Response, response); err != nil {
		return fmt.Errorf("endorsed response: %w", err)
	}
	if err := proto.Unmarshal(response.GetExtension(), ran); err != nil {
		return fmt.Errorf("chaincode action: %w", err)
	}
	a.ProposalHash = response.GetProposalHash()
	a.Ran, a.Version = ran.GetChaincodeId().GetName(), ran.GetChaincodeId().GetVersion()
	a.Status, a.Reply = ran.GetResponse().GetStatus(), ran.GetResponse().GetPayload()
	if len(ran.GetEvents()) > 0 {
		event := &peer.ChaincodeEvent{}
		if err := proto.Unmarshal(ran.GetEvents(), event); err != nil {
			return fmt.Errorf("event: %w", err)
		}
		a.EventName, a.EventOf, a.Event = event.GetEventName(), event.GetChaincodeId(), event.GetPayload()
	}
	return a.openResults(ran.GetResults())
}

// Tied says whether what the endorsers signed answers this proposal and no other.
func (t *Transaction) Tied() bool {
	sum := sha256.New()
	sum.Write(t.header.GetChannelHeader())
	sum.Write(t.Action.header)
	sum.Write(t.Action.Proposal)
	return string(sum.Sum(nil)) == string(t.Action.ProposalHash)
}

// SameCreator says whether the proposal and the transaction were signed by the same. Fabric does not
// ask, and the chaincode sees the creator of the proposal alone.
func (t *Transaction) SameCreator() bool {
	return string(t.Action.header) == string(t.header.GetSignatureHeader())
}
