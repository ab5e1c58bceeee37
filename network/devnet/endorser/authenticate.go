package endorser

import (
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/transaction"
)

// filter drops proposals before anything else looks at them: of expired identities, and of clients whose clock is
// wrong. The caller gets no response, only an error, as on a real peer.
func (e *Endorser) filter(signed *peer.SignedProposal) error {
	proposal, header := &peer.Proposal{}, &common.Header{}
	channelHeader, signatureHeader := &common.ChannelHeader{}, &common.SignatureHeader{}
	for _, part := range []struct {
		encoded func() []byte
		into    proto.Message
		name    string
		message string
	}{
		{signed.GetProposalBytes, proposal, "proposal", "Proposal"},
		{proposal.GetHeader, header, "header", "Header"},
		{header.GetSignatureHeader, signatureHeader, "signature header", "SignatureHeader"},
		{header.GetChannelHeader, channelHeader, "channel header", "ChannelHeader"},
	} {
		if err := proto.Unmarshal(part.encoded(), part.into); err != nil {
			return fmt.Errorf("failed parsing %s: error unmarshalling %s: %w", part.name, part.message, err)
		}
	}
	now := e.Now().UTC()
	if identity, err := e.Channel.Directory().Identify(signatureHeader.GetCreator()); err == nil && now.After(identity.ExpiresAt()) {
		return errors.New("proposal client identity expired")
	}
	proposed := channelHeader.GetTimestamp().AsTime().UTC()
	if proposed.Add(timeWindow).Before(now) || proposed.Add(-timeWindow).After(now) {
		return fmt.Errorf("request unauthorized due to incorrect timestamp %s, peer time %s, peer.authentication.timewindow %s",
			proposed.Format(time.RFC3339), now.Format(time.RFC3339), timeWindow)
	}
	return nil
}

// authenticate checks headers, transaction identifier, creator and signature.
func (e *Endorser) authenticate(p *transaction.Proposal) error {
	switch kind := common.HeaderType(p.Channel.GetType()); kind {
	case common.HeaderType_ENDORSER_TRANSACTION, common.HeaderType_CONFIG:
	default:
		return fmt.Errorf("invalid header type %s", kind)
	}
	switch {
	case p.Channel.GetEpoch() != 0:
		return errors.New("epoch is non-zero")
	case len(p.Signature.GetNonce()) == 0:
		return errors.New("nonce is empty")
	case len(p.Signature.GetCreator()) == 0:
		return errors.New("creator is empty")
	}
	if expected := transaction.ID(p.Signature.GetNonce(), p.Signature.GetCreator()); p.TxID() != expected {
		return fmt.Errorf("incorrectly computed txid '%s' -- expected '%s'", p.TxID(), expected)
	}
	if len(p.Signed.GetSignature()) == 0 {
		return errors.New("empty signature bytes")
	}
	creator, err := e.Channel.Directory().Identify(p.Signature.GetCreator())
	if err == nil {
		err = creator.Validate()
	}
	if err != nil {
		e.Logger.Warn("access denied", "err", err) // the caller is not told why
		return fmt.Errorf("access denied: channel [%s] creator org unknown, creator is malformed", p.Channel.GetChannelId())
	}
	if err := creator.Verify(p.Signed.GetProposalBytes(), p.Signed.GetSignature()); err != nil {
		e.Logger.Warn("access denied", "msp", creator.MSPID(), "err", err)
		return fmt.Errorf("access denied: channel [%s] creator org [%s]", p.Channel.GetChannelId(), creator.MSPID())
	}
	return nil
}
