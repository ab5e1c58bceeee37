// Package transaction takes apart and puts together what travels between clients, endorsers and the orderer.
package transaction

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/policy"
)

// Proposal is a signed proposal taken apart. Nothing in it has been checked yet.
type Proposal struct {
	Signed    *peer.SignedProposal
	Proposal  *peer.Proposal
	Header    *common.Header
	Channel   *common.ChannelHeader
	Signature *common.SignatureHeader
	// Chaincode is the name in the header's extension: the one that counts.
	Chaincode string
	Payload   *peer.ChaincodeProposalPayload
	Spec      *peer.ChaincodeInvocationSpec
	// Hash covers headers and payload, without the transient data.
	Hash []byte
}

// unmarshal decodes with Fabric's error text.
func unmarshal(encoded []byte, into proto.Message, name string) error {
	if err := proto.Unmarshal(encoded, into); err != nil {
		return fmt.Errorf("error unmarshalling %s: %w", name, err)
	}
	return nil
}

// UnpackProposal takes a signed proposal apart.
func UnpackProposal(signed *peer.SignedProposal) (*Proposal, error) {
	p := &Proposal{Signed: signed, Proposal: &peer.Proposal{}, Header: &common.Header{}, Channel: &common.ChannelHeader{},
		Signature: &common.SignatureHeader{}, Payload: &peer.ChaincodeProposalPayload{}, Spec: &peer.ChaincodeInvocationSpec{}}
	extension := &peer.ChaincodeHeaderExtension{}
	for _, part := range []struct {
		encoded func() []byte
		into    proto.Message
		name    string
	}{
		{signed.GetProposalBytes, p.Proposal, "Proposal"},
		{p.Proposal.GetHeader, p.Header, "Header"},
		{p.Header.GetChannelHeader, p.Channel, "ChannelHeader"},
		{p.Header.GetSignatureHeader, p.Signature, "SignatureHeader"},
		{p.Channel.GetExtension, extension, "ChaincodeHeaderExtension"},
		{p.Proposal.GetPayload, p.Payload, "ChaincodeProposalPayload"},
		{p.Payload.GetInput, p.Spec, "ChaincodeInvocationSpec"},
	} {
		if err := unmarshal(part.encoded(), part.into, part.name); err != nil {
			return nil, err
		}
	}
	switch {
	case extension.GetChaincodeId() == nil:
		return nil, errors.New("ChaincodeHeaderExtension.ChaincodeId is nil")
	case extension.GetChaincodeId().GetName() == "":
		return nil, errors.New("ChaincodeHeaderExtension.ChaincodeId.Name is empty")
	case p.Spec.GetChaincodeSpec() == nil:
		return nil, errors.New("chaincode invocation spec did not contain chaincode spec")
	case p.Spec.GetChaincodeSpec().GetInput() == nil:
		return nil, errors.New("chaincode input did not contain any input")
	}
	p.Chaincode = extension.GetChaincodeId().GetName()
	public, err := proto.Marshal(&peer.ChaincodeProposalPayload{Input: p.Payload.GetInput()})
	if err != nil {
		return nil, fmt.Errorf("could not marshal non-transient portion of payload: %w", err)
	}
	p.Hash = ProposalHash(p.Header.GetChannelHeader(), p.Header.GetSignatureHeader(), public)
	return p, nil
}

// TxID is the transaction identifier the proposal claims.
func (p *Proposal) TxID() string { return p.Channel.GetTxId() }

// Input is the arguments of the chaincode.
func (p *Proposal) Input() *peer.ChaincodeInput { return p.Spec.GetChaincodeSpec().GetInput() }

// SignedBy is the proposal as something signed by its creator.
func (p *Proposal) SignedBy() policy.Signed {
	return policy.Signed{Message: p.Signed.GetProposalBytes(), Identity: p.Signature.GetCreator(), Signature: p.Signed.GetSignature()}
}

// ProposalHash ties endorsements to a proposal; public is the payload without transient data.
func ProposalHash(channelHeader, signatureHeader, public []byte) []byte {
	hash := sha256.New()
	hash.Write(channelHeader)
	hash.Write(signatureHeader)
	hash.Write(public)
	return hash.Sum(nil)
}

// ID is the identifier of a transaction: nobody else can propose one with the same.
func ID(nonce, creator []byte) string {
	hash := sha256.New()
	hash.Write(nonce)
	hash.Write(creator)
	return hex.EncodeToString(hash.Sum(nil))
}
