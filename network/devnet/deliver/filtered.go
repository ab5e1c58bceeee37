package deliver

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/transaction"
)

// Filtered reduces a block to identifiers, codes and the names of events.
func Filtered(block *common.Block) (*peer.FilteredBlock, error) {
	filtered := &peer.FilteredBlock{Number: block.GetHeader().GetNumber()}
	for i, encoded := range block.GetData().GetData() {
		envelope := &common.Envelope{}
		if err := proto.Unmarshal(encoded, envelope); err != nil {
			continue // as a peer does: the transaction is invalid anyway
		}
		unpacked, err := transaction.UnpackEnvelope(envelope)
		if err != nil {
			return nil, fmt.Errorf("could not extract payload from envelope: %w", err)
		}
		filtered.ChannelId = unpacked.Channel.GetChannelId()
		filtered.FilteredTransactions = append(filtered.FilteredTransactions, filter(unpacked, Code(block, i)))
	}
	return filtered, nil
}

func filter(tx *transaction.Envelope, code peer.TxValidationCode) *peer.FilteredTransaction {
	filtered := &peer.FilteredTransaction{Txid: tx.Channel.GetTxId(), Type: common.HeaderType(tx.Channel.GetType()), TxValidationCode: code}
	if filtered.GetType() != common.HeaderType_ENDORSER_TRANSACTION {
		return filtered
	}
	actions := &peer.FilteredTransactionActions{}
	filtered.Data = &peer.FilteredTransaction_TransactionActions{TransactionActions: actions}
	event, err := eventOf(tx)
	if err != nil || event.GetChaincodeId() == "" {
		return filtered
	}
	actions.ChaincodeActions = []*peer.FilteredChaincodeAction{{ChaincodeEvent: &peer.ChaincodeEvent{
		TxId: event.GetTxId(), ChaincodeId: event.GetChaincodeId(), EventName: event.GetEventName()}}}
	return filtered
}

func eventOf(tx *transaction.Envelope) (*peer.ChaincodeEvent, error) {
	action, err := tx.Action()
	if err != nil {
		return nil, err
	}
	return action.Event()
}

// Code is the validation code of a transaction in a committed block.
func Code(block *common.Block, transaction int) peer.TxValidationCode {
	metadata := block.GetMetadata().GetMetadata()
	if len(metadata) <= int(common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		return peer.TxValidationCode_INVALID_OTHER_REASON
	}
	codes := metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	if transaction >= len(codes) {
		return peer.TxValidationCode_INVALID_OTHER_REASON
	}
	return peer.TxValidationCode(codes[transaction])
}

// Events lists the chaincode events of a block's valid transactions, in block order.
func Events(block *common.Block) []*peer.ChaincodeEvent {
	var events []*peer.ChaincodeEvent
	for i, encoded := range block.GetData().GetData() {
		if Code(block, i) != peer.TxValidationCode_VALID {
			continue
		}
		envelope := &common.Envelope{}
		if proto.Unmarshal(encoded, envelope) != nil {
			continue
		}
		unpacked, err := transaction.UnpackEnvelope(envelope)
		if err != nil || unpacked.Channel.GetType() != int32(common.HeaderType_ENDORSER_TRANSACTION) {
			continue
		}
		if event, err := eventOf(unpacked); err == nil && event != nil {
			events = append(events, event)
		}
	}
	return events
}
