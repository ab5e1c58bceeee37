package projection

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// transaction is what a projection needs to know of a valid transaction of the rules.
type transaction struct {
	index    int // in the block
	id       string
	chain    loyalty.MSPID // whose gateway submitted it
	outcomes []loyalty.Outcome
}

// decode reads the valid transactions of the rules out of a block, in their order.
func decode(b *common.Block) ([]transaction, error) {
	flags, err := validity(b)
	if err != nil {
		return nil, err
	}
	var found []transaction
	for i, envelope := range b.GetData().GetData() {
		if peer.TxValidationCode(flags[i]) != peer.TxValidationCode_VALID {
			continue
		}
		t, err := decodeEnvelope(envelope)
		if err != nil {
			return nil, fmt.Errorf("%w: block %d, transaction %d: %w", ErrBroken, b.GetHeader().GetNumber(), i, err)
		}
		if t != nil {
			t.index = i
			found = append(found, *t)
		}
	}
	return found, nil
}

// validity is one code per transaction, as the peer that delivered the block judged it. Block 0,
// which comes from the orderer's own tools, may be without: it holds the configuration only.
func validity(b *common.Block) ([]byte, error) {
	slots, size := b.GetMetadata().GetMetadata(), len(b.GetData().GetData())
	var flags []byte
	if slot := int(common.BlockMetadataIndex_TRANSACTIONS_FILTER); slot < len(slots) {
		flags = slots[slot]
	}
	if len(flags) == 0 && b.GetHeader().GetNumber() == 0 {
		return make([]byte, size), nil
	}
	if len(flags) != size {
		return nil, fmt.Errorf("%w: block %d: %d validation codes for %d transactions",
			ErrBroken, b.GetHeader().GetNumber(), len(flags), size)
	}
	return flags, nil
}

// decodeEnvelope reads one valid transaction. It is nil if the rules have no part in it: a change
// of the channel's configuration, another chaincode, or a transaction without outcomes.
func decodeEnvelope(bytes []byte) (*transaction, error) {
	var (
		r         reader
		envelope  common.Envelope
		payload   common.Payload
		header    common.ChannelHeader
		signature common.SignatureHeader
		creator   msp.SerializedIdentity
	)
	r.read(bytes, &envelope)
	r.read(envelope.GetPayload(), &payload)
	r.read(payload.GetHeader().GetChannelHeader(), &header)
	if r.err != nil || header.GetType() != int32(common.HeaderType_ENDORSER_TRANSACTION) {
		return nil, r.err
	}
	event, err := decodeEvent(payload.GetData())
	if err != nil || event == nil {
		return nil, err
	}
	r.read(payload.GetHeader().GetSignatureHeader(), &signature)
	r.read(signature.GetCreator(), &creator)
	if r.err != nil {
		return nil, r.err
	}
	reply, err := api.ReadReply(event.GetPayload())
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", api.EventApplied, err)
	}
	if err := understood(reply.Outcomes); err != nil {
		return nil, err
	}
	return &transaction{id: header.GetTxId(), chain: loyalty.MSPID(creator.GetMspid()), outcomes: reply.Outcomes}, nil
}

// understood makes sure that every posting is of a kind whose effect this version knows.
func understood(outcomes []loyalty.Outcome) error {
	for _, o := range outcomes {
		for _, p := range o.Postings {
			if _, known := loyalty.EffectOf(p.Reason); !known || p.Points < 0 || p.Points > loyalty.MaxPoints {
				return fmt.Errorf("operation %s: posting %q of %d points", o.Op, p.Reason, p.Points)
			}
		}
	}
	return nil
}

// decodeEvent finds the event of a transaction of the rules; nil if there is none.
func decodeEvent(bytes []byte) (*peer.ChaincodeEvent, error) {
	var (
		r          reader
		tx         peer.Transaction
		invocation peer.ChaincodeActionPayload
		response   peer.ProposalResponsePayload
		action     peer.ChaincodeAction
		event      peer.ChaincodeEvent
	)
	r.read(bytes, &tx)
	if r.err != nil {
		return nil, r.err
	}
	if len(tx.GetActions()) != 1 {
		return nil, errors.New("a transaction has exactly one action")
	}
	r.read(tx.GetActions()[0].GetPayload(), &invocation)
	r.read(invocation.GetAction().GetProposalResponsePayload(), &response)
	r.read(response.GetExtension(), &action)
	r.read(action.GetEvents(), &event)
	ours := action.GetChaincodeId().GetName() == api.Chaincode && event.GetChaincodeId() == api.Chaincode
	if r.err != nil || !ours || event.GetEventName() != api.EventApplied {
		return nil, r.err
	}
	return &event, nil
}

// reader reads messages one inside the other and remembers the first error, so that the way in
// can be written down as it is. After an error everything it reads is empty.
type reader struct{ err error }

func (r *reader) read(bytes []byte, into proto.Message) {
	if r.err == nil {
		r.err = proto.Unmarshal(bytes, into)
	}
}
