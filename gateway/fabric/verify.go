package fabric

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// ErrAltered says that the peer prepared another transaction than was proposed. It was not signed.
var ErrAltered = errors.New("the prepared transaction is not the proposed one")

func altered(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAltered, fmt.Sprintf(format, args...))
}

// verify compares what a peer prepared (a gateway.PreparedTransaction) with what was proposed (a
// gateway.ProposedTransaction), because the signature that follows makes it ours. Checked are, in
// this order: the transaction id; the header, byte for byte, and with it channel, chaincode,
// creator and nonce; that there is one action; the arguments, byte for byte; that the private bytes
// have not come along; that what was endorsed is this proposal; that the chaincode succeeded; that
// exactly orgs endorsed it.
//
// The signatures of the endorsers are not checked here: every peer does before it commits, with
// certificate authorities that we do not know. A forged one makes the transaction invalid.
func verify(proposed, prepared []byte, orgs []string) error {
	before, err := openProposal(proposed)
	if err != nil {
		return err
	}
	after, err := openTransaction(prepared)
	if err != nil {
		return err
	}
	switch {
	case after.id != before.id:
		return altered("transaction id %q, want %q", after.id, before.id)
	case !bytes.Equal(after.channelHeader, before.channelHeader):
		return altered("channel header")
	case !bytes.Equal(after.signatureHeader, before.signatureHeader):
		return altered("signature header")
	case !bytes.Equal(after.actionHeader, before.signatureHeader):
		return altered("header of the action")
	case !bytes.Equal(after.payload, before.payload):
		return altered("arguments")
	}
	if err := verifyResponse(before, after); err != nil {
		return err
	}
	return verifyEndorsers(after.endorsements, orgs)
}

func verifyResponse(before proposal, after transaction) error {
	response := &peer.ProposalResponsePayload{}
	if err := decode(after.response, response); err != nil {
		return altered("response: %v", err)
	}
	hash := sha256.New()
	hash.Write(before.channelHeader)
	hash.Write(before.signatureHeader)
	hash.Write(before.payload)
	if !bytes.Equal(response.GetProposalHash(), hash.Sum(nil)) {
		return altered("another proposal was endorsed")
	}
	action := &peer.ChaincodeAction{}
	if err := decode(response.GetExtension(), action); err != nil {
		return altered("action: %v", err)
	}
	if action.GetChaincodeId().GetName() != before.chaincode {
		return altered("chaincode %q, want %q", action.GetChaincodeId().GetName(), before.chaincode)
	}
	if status := action.GetResponse().GetStatus(); status < 200 || status >= 400 {
		return altered("status %d", status)
	}
	return nil
}

func verifyEndorsers(endorsements []*peer.Endorsement, orgs []string) error {
	var endorsed []string
	for _, endorsement := range endorsements {
		endorser := &msp.SerializedIdentity{}
		if err := proto.Unmarshal(endorsement.GetEndorser(), endorser); err != nil {
			return altered("endorser: %v", err)
		}
		endorsed = append(endorsed, endorser.GetMspid())
	}
	slices.Sort(endorsed)
	if want := slices.Sorted(slices.Values(orgs)); !slices.Equal(endorsed, want) {
		return altered("endorsed by %v, want %v", endorsed, want)
	}
	return nil
}

// decode reads a message and refuses fields that it does not know, at any depth: nobody signs what
// he cannot read.
func decode(data []byte, message proto.Message) error {
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, message); err != nil {
		return err
	}
	if read := proto.Size(message); read != len(data) {
		return fmt.Errorf("%s has %d bytes that say nothing known", message.ProtoReflect().Descriptor().Name(), len(data)-read)
	}
	return nil
}

// proposal is what matters of a proposal.
type proposal struct {
	id                             string
	channelHeader, signatureHeader []byte
	payload                        []byte // without the transient data: what goes into the block
	chaincode                      string
}

func openProposal(proposed []byte) (proposal, error) {
	outer, inner := &gateway.ProposedTransaction{}, &peer.Proposal{}
	header, payload := &common.Header{}, &peer.ChaincodeProposalPayload{}
	spec := &peer.ChaincodeInvocationSpec{}
	if err := errors.Join(decode(proposed, outer),
		decode(outer.GetProposal().GetProposalBytes(), inner),
		decode(inner.GetHeader(), header),
		decode(inner.GetPayload(), payload),
		decode(payload.GetInput(), spec)); err != nil {
		return proposal{}, fmt.Errorf("proposal: %w", err)
	}
	public, err := proto.Marshal(&peer.ChaincodeProposalPayload{Input: payload.GetInput()})
	if err != nil {
		return proposal{}, fmt.Errorf("proposal: %w", err)
	}
	return proposal{
		id:              outer.GetTransactionId(),
		channelHeader:   header.GetChannelHeader(),
		signatureHeader: header.GetSignatureHeader(),
		payload:         public,
		chaincode:       spec.GetChaincodeSpec().GetChaincodeId().GetName(),
	}, nil
}

// transaction is what matters of a prepared transaction.
type transaction struct {
	id                                           string
	channelHeader, signatureHeader, actionHeader []byte
	payload                                      []byte // a peer.ChaincodeProposalPayload
	response                                     []byte // a peer.ProposalResponsePayload
	endorsements                                 []*peer.Endorsement
}

func openTransaction(prepared []byte) (transaction, error) {
	outer, payload := &gateway.PreparedTransaction{}, &common.Payload{}
	inner, action := &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	channelHeader := &common.ChannelHeader{}
	if err := errors.Join(decode(prepared, outer),
		decode(outer.GetEnvelope().GetPayload(), payload),
		decode(payload.GetHeader().GetChannelHeader(), channelHeader),
		decode(payload.GetData(), inner)); err != nil {
		return transaction{}, altered("%v", err)
	}
	if len(inner.GetActions()) != 1 {
		return transaction{}, altered("%d actions, want 1", len(inner.GetActions()))
	}
	if err := decode(inner.GetActions()[0].GetPayload(), action); err != nil {
		return transaction{}, altered("action: %v", err)
	}
	return transaction{
		id:              channelHeader.GetTxId(),
		channelHeader:   payload.GetHeader().GetChannelHeader(),
		signatureHeader: payload.GetHeader().GetSignatureHeader(),
		actionHeader:    inner.GetActions()[0].GetHeader(),
		payload:         action.GetChaincodeProposalPayload(),
		response:        action.GetAction().GetProposalResponsePayload(),
		endorsements:    action.GetAction().GetEndorsements(),
	}, nil
}
