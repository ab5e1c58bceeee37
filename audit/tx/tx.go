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
	Action    *Action // of an endorsed transaction, nil until Open

	channelHeader, signatureHeader, extension, data []byte
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

// Decode reads the headers of an envelope. What it returns shares the envelope's memory.
func Decode(envelope []byte) (*Transaction, error) {
	t := &Transaction{}
	var header []byte
	if err := split(envelope, &t.Payload, &t.Signature); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	if err := split(t.Payload, &header, &t.data); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if header == nil {
		return nil, errors.New("a payload without a header")
	}
	if err := split(header, &t.channelHeader, &t.signatureHeader); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	channel := &common.ChannelHeader{}
	if err := proto.Unmarshal(t.channelHeader, channel); err != nil {
		return nil, fmt.Errorf("channel header: %w", err)
	}
	if err := split(t.signatureHeader, &t.Creator, &t.Nonce); err != nil {
		return nil, fmt.Errorf("signature header: %w", err)
	}
	t.Type, t.Channel, t.ID = common.HeaderType(channel.GetType()), channel.GetChannelId(), channel.GetTxId()
	t.Time, t.Epoch, t.extension = channel.GetTimestamp().AsTime(), channel.GetEpoch(), channel.GetExtension()
	return t, nil
}

// IsConfig says whether an envelope holds a configuration.
func IsConfig(envelope []byte) bool {
	t, err := Decode(envelope)
	return err == nil && t.Type == common.HeaderType_CONFIG
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

// Open decodes the action of an endorsed transaction, its answer excepted.
func (t *Transaction) Open() error {
	a := &Action{}
	actions, err := list(t.data, 1)
	if err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	if len(actions) != 1 {
		return fmt.Errorf("a transaction of %d actions", len(actions))
	}
	var payload, endorsed, ignored []byte
	if err := split(actions[0], &a.header, &payload); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	if err := split(payload, &a.Proposal, &endorsed); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	endorsements, err := list(endorsed, 2, &a.Response, &ignored)
	if err != nil {
		return fmt.Errorf("endorsed action: %w", err)
	}
	for _, one := range endorsements {
		var e Endorsement
		if err := split(one, &e.Endorser, &e.Signature); err != nil {
			return fmt.Errorf("endorsement: %w", err)
		}
		a.Endorsements = append(a.Endorsements, e)
	}
	if err := a.openProposal(t.extension); err != nil {
		return err
	}
	t.Action = a
	return nil
}

func (a *Action) openProposal(extension []byte) error {
	var input []byte
	spec, named := &peer.ChaincodeInvocationSpec{}, &peer.ChaincodeHeaderExtension{}
	if err := split(a.Proposal, &input); err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	if err := proto.Unmarshal(input, spec); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if err := proto.Unmarshal(extension, named); err != nil {
		return fmt.Errorf("header extension: %w", err)
	}
	a.Args, a.Chaincode = spec.GetChaincodeSpec().GetInput().GetArgs(), named.GetChaincodeId().GetName()
	return nil
}

// Answer decodes what the endorsers signed.
func (a *Action) Answer() error {
	var extension, results, events, response, ran, text []byte
	if err := split(a.Response, &a.ProposalHash, &extension); err != nil {
		return fmt.Errorf("endorsed response: %w", err)
	}
	if err := split(extension, &results, &events, &response, &ran); err != nil {
		return fmt.Errorf("chaincode action: %w", err)
	}
	id, name, version := []byte(nil), []byte(nil), []byte(nil)
	if err := split(ran, &id, &name, &version); err != nil {
		return fmt.Errorf("chaincode's name: %w", err)
	}
	a.Ran, a.Version = string(name), string(version)
	if err := split(response, &id, &text, &a.Reply); err != nil {
		return fmt.Errorf("response: %w", err)
	}
	if len(events) > 0 {
		var of, txid, event []byte
		if err := split(events, &of, &txid, &event, &a.Event); err != nil {
			return fmt.Errorf("event: %w", err)
		}
		a.EventOf, a.EventName = string(of), string(event)
	}
	return a.openResults(results)
}

// Tied says whether what the endorsers signed answers this proposal and no other.
func (t *Transaction) Tied() bool {
	sum := sha256.New()
	sum.Write(t.channelHeader)
	sum.Write(t.Action.header)
	sum.Write(t.Action.Proposal)
	return string(sum.Sum(nil)) == string(t.Action.ProposalHash)
}

// SameCreator says whether the proposal and the transaction were signed by the same. Fabric does not
// ask, and the chaincode sees the creator of the proposal alone.
func (t *Transaction) SameCreator() bool {
	return string(t.Action.header) == string(t.signatureHeader)
}
