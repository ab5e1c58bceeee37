package api

import (
	"encoding/json"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Version is of the wire that this package speaks: the value of Batch.Version and Reply.Version.
const Version = 1

// The sizes above which an argument is refused unread.
const (
	MaxArgumentSize = 1 << 20  // bytes of one argument: a full batch needs a third of it
	MaxDetailsSize  = 32 << 20 // bytes of TransientDetails
)

// EncodeBatch is the argument of Apply for commands: at least one, at most MaxBatch.
func EncodeBatch(commands []loyalty.Command) ([]byte, error) {
	return json.Marshal(Batch{Version: Version, Commands: commands})
}

// DecodeBatch reads the argument of Apply. It refuses (malformed_command) what is not exactly a
// batch of 1 to MaxBatch commands of this version; the commands themselves are checked one by one
// when they are applied.
func DecodeBatch(argument []byte) (Batch, error) {
	var batch Batch
	if len(argument) > MaxArgumentSize {
		return Batch{}, loyalty.Refuse(loyalty.CodeMalformedCommand, "The batch is larger than %d bytes.", MaxArgumentSize)
	}
	if err := Decode(argument, &batch); err != nil {
		return Batch{}, loyalty.Refuse(loyalty.CodeMalformedCommand, "The batch cannot be read: %v.", err)
	}
	if batch.Version != Version {
		return Batch{}, loyalty.Refuse(loyalty.CodeMalformedCommand, "The batch is not of version %d.", Version)
	}
	if n := len(batch.Commands); n == 0 || n > MaxBatch {
		return Batch{}, loyalty.Refuse(loyalty.CodeMalformedCommand, "A batch has 1 to %d commands.", MaxBatch)
	}
	return batch, nil
}

// EncodeDetails is the transient value TransientDetails for details, one per command.
func EncodeDetails(details []loyalty.Details) ([]byte, error) { return json.Marshal(details) }

// DecodeDetails reads the transient value TransientDetails of a batch of n commands. Absent
// details are n empty ones. It refuses (malformed_command) what is not exactly n details.
func DecodeDetails(transient []byte, n int) ([]loyalty.Details, error) {
	if len(transient) == 0 {
		return make([]loyalty.Details, n), nil
	}
	if len(transient) > MaxDetailsSize {
		return nil, loyalty.Refuse(loyalty.CodeMalformedCommand, "The details are larger than %d bytes.", MaxDetailsSize)
	}
	var details []loyalty.Details
	if err := Decode(transient, &details); err != nil {
		return nil, loyalty.Refuse(loyalty.CodeMalformedCommand, "The details cannot be read: %v.", err)
	}
	if len(details) != n {
		return nil, loyalty.Refuse(loyalty.CodeMalformedCommand, "There are %d details for %d commands.", len(details), n)
	}
	return details, nil
}

// DecodeBasket reads the transient value TransientBasket. It refuses basket_missing and
// basket_malformed; whether the basket makes sense is for the rules to say.
func DecodeBasket(transient []byte) (loyalty.Basket, error) {
	var basket loyalty.Basket
	if len(transient) == 0 {
		return basket, loyalty.Refuse(loyalty.CodeBasketMissing, "There is no basket.")
	}
	if len(transient) > loyalty.MaxOpeningSize {
		return basket, loyalty.Refuse(loyalty.CodeBasketMalformed, "The basket is larger than %d bytes.", loyalty.MaxOpeningSize)
	}
	if err := Decode(transient, &basket); err != nil {
		return basket, loyalty.Refuse(loyalty.CodeBasketMalformed, "The basket cannot be read: %v.", err)
	}
	return basket, nil
}

// EncodeReply is the answer of Apply and the payload of its event.
func EncodeReply(outcomes []loyalty.Outcome) ([]byte, error) {
	return json.Marshal(Reply{Version: Version, Outcomes: outcomes})
}

// DecodeReply reads what EncodeReply writes.
func DecodeReply(payload []byte) (Reply, error) {
	var reply Reply
	if err := Decode(payload, &reply); err != nil {
		return Reply{}, err
	}
	return reply, nil
}
