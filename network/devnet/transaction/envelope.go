package transaction

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/policy"
)

// Envelope is an envelope with its headers.
type Envelope struct {
	Envelope  *common.Envelope
	Payload   *common.Payload
	Channel   *common.ChannelHeader
	Signature *common.SignatureHeader
}

// UnpackEnvelope takes an envelope apart as far as its headers.
func UnpackEnvelope(envelope *common.Envelope) (*Envelope, error) {
	e := &Envelope{Envelope: envelope, Payload: &common.Payload{}, Channel: &common.ChannelHeader{}, Signature: &common.SignatureHeader{}}
	if err := unmarshal(envelope.GetPayload(), e.Payload, "Payload"); err != nil {
		return nil, err
	}
	if e.Payload.GetHeader() == nil {
		return nil, errors.New("header not set")
	}
	if err := unmarshal(e.Payload.GetHeader().GetChannelHeader(), e.Channel, "ChannelHeader"); err != nil {
		return nil, err
	}
	if err := unmarshal(e.Payload.GetHeader().GetSignatureHeader(), e.Signature, "SignatureHeader"); err != nil {
		return nil, err
	}
	return e, nil
}

// SignedBy is the envelope as something signed by its creator.
func (e *Envelope) SignedBy() policy.Signed {
	return policy.Signed{Message: e.Envelope.GetPayload(), Identity: e.Signature.GetCreator(), Signature: e.Envelope.GetSignature()}
}

// Action is the one action of an endorsed transaction, taken apart.
type Action struct {
	Header    []byte
	Payload   *peer.ChaincodeActionPayload
	Response  *peer.ProposalResponsePayload
	Chaincode *peer.ChaincodeAction
}

// Action takes the transaction in the envelope apart.
func (e *Envelope) Action() (*Action, error) {
	transaction := &peer.Transaction{}
	if err := unmarshal(e.Payload.GetData(), transaction, "Transaction"); err != nil {
		return nil, err
	}
	if len(transaction.GetActions()) != 1 {
		return nil, fmt.Errorf("only one action per transaction is supported, tx contains %d", len(transaction.GetActions()))
	}
	a := &Action{Header: transaction.GetActions()[0].GetHeader(), Payload: &peer.ChaincodeActionPayload{},
		Response: &peer.ProposalResponsePayload{}, Chaincode: &peer.ChaincodeAction{}}
	if err := unmarshal(transaction.GetActions()[0].GetPayload(), a.Payload, "ChaincodeActionPayload"); err != nil {
		return nil, err
	}
	if a.Payload.GetAction() == nil {
		return nil, errors.New("the transaction holds no endorsed action")
	}
	if err := unmarshal(a.Payload.GetAction().GetProposalResponsePayload(), a.Response, "ProposalResponsePayload"); err != nil {
		return nil, err
	}
	return a, unmarshal(a.Response.GetExtension(), a.Chaincode, "ChaincodeAction")
}

// Event is the chaincode event the action carries, nil where there is none.
func (a *Action) Event() (*peer.ChaincodeEvent, error) {
	if len(a.Chaincode.GetEvents()) == 0 {
		return nil, nil
	}
	event := &peer.ChaincodeEvent{}
	return event, unmarshal(a.Chaincode.GetEvents(), event, "ChaincodeEvent")
}

// Endorsed puts a transaction together from a proposal and what endorsers answered, ready for its creator to sign.
// The transient data stays behind.
func Endorsed(header *common.Header, payload *peer.ChaincodeProposalPayload, action *peer.ChaincodeEndorsedAction) (*common.Envelope, error) {
	public, err := proto.Marshal(&peer.ChaincodeProposalPayload{Input: payload.GetInput()})
	if err != nil {
		return nil, err
	}
	body, err := proto.Marshal(&peer.ChaincodeActionPayload{ChaincodeProposalPayload: public, Action: action})
	if err != nil {
		return nil, err
	}
	data, err := proto.Marshal(&peer.Transaction{Actions: []*peer.TransactionAction{{Header: header.GetSignatureHeader(), Payload: body}}})
	if err != nil {
		return nil, err
	}
	encoded, err := proto.Marshal(&common.Payload{Header: header, Data: data})
	if err != nil {
		return nil, err
	}
	return &common.Envelope{Payload: encoded}, nil
}
