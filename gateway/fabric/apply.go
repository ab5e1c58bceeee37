package fabric

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
)

// Applied is a batch that is on the ledger: Reply.Outcomes[i] is what became of its command i.
type Applied struct {
	TxID  string
	Block uint64
	Reply api.Reply
}

// Apply carries a batch out in one transaction. details[i] belongs to command i; an empty Details,
// or a slice that is nil, means that nothing private comes along. Where something does, only
// Options.Endorsers are asked; otherwise others may stand in. It fails with an *Error; a refusal of
// single commands is not an error but an outcome.
func (c *Client) Apply(ctx context.Context, batch api.Batch, details []loyalty.Details) (Applied, error) {
	r, err := applyRequest(batch, details)
	if err != nil {
		return Applied{}, &Error{Class: Internal, Stage: StageEndorse, Err: err}
	}
	var reply api.Reply
	check := func(result []byte) (err error) {
		reply, err = readReply(result, batch)
		return err
	}
	committed, err := c.transact(ctx, r, c.endorsers(c.id.MSP, r.transient != nil), check)
	if err != nil {
		return Applied{}, err
	}
	return Applied{TxID: committed.TxID, Block: committed.Block, Reply: reply}, nil
}

func applyRequest(batch api.Batch, details []loyalty.Details) (request, error) {
	if len(batch.Commands) == 0 || len(batch.Commands) > api.MaxBatch {
		return request{}, fmt.Errorf("a batch of %d commands, want 1 to %d", len(batch.Commands), api.MaxBatch)
	}
	if len(details) > 0 && len(details) != len(batch.Commands) {
		return request{}, fmt.Errorf("%d details for %d commands", len(details), len(batch.Commands))
	}
	argument, err := api.EncodeBatch(batch.Commands)
	if err != nil {
		return request{}, fmt.Errorf("batch: %w", err)
	}
	r := request{name: api.Apply, args: []string{string(argument)}, ops: make([]loyalty.OpID, len(batch.Commands))}
	for i, command := range batch.Commands {
		r.ops[i] = command.Op
	}
	if !slices.ContainsFunc(details, isPrivate) {
		return r, nil
	}
	private, err := api.EncodeDetails(details)
	if err != nil {
		return request{}, fmt.Errorf("details: %w", err)
	}
	r.transient = map[string][]byte{api.TransientDetails: private}
	return r, nil
}

// isPrivate reports whether there is anything in d.
func isPrivate(d loyalty.Details) bool { return d.Basket != nil || d.Return != nil }

// readReply reads the chaincode's answer: one outcome for each command, of the same operation. A
// repeat of a receipt under a second key answers with the outcome of the first, which names the
// first operation.
func readReply(result []byte, batch api.Batch) (api.Reply, error) {
	reply, err := api.ReadReply(result)
	if err != nil {
		return api.Reply{}, fmt.Errorf("reply: %w", err)
	}
	if len(reply.Outcomes) != len(batch.Commands) {
		return api.Reply{}, fmt.Errorf("reply: %d outcomes for %d commands", len(reply.Outcomes), len(batch.Commands))
	}
	for i, outcome := range reply.Outcomes {
		if outcome.Op != batch.Commands[i].Op && !outcome.Replayed {
			return api.Reply{}, fmt.Errorf("reply: outcome %d is of operation %s, want %s", i, outcome.Op, batch.Commands[i].Op)
		}
	}
	return reply, nil
}

// Order is a command on its way to the ledger, as an operation of a batcher.
type Order struct {
	Command loyalty.Command
	Details loyalty.Details
}

// Size estimates how many bytes an order adds to a transaction and its transient data.
func (o Order) Size() int {
	size := 512 // a command with its outcome
	if o.Details.Basket != nil {
		size += 256 + 96*len(o.Details.Basket.Lines)
	}
	if o.Details.Return != nil {
		size += 256 + 2*len(o.Details.Return.Opening) + 32*len(o.Details.Return.Lines)
	}
	return size
}

// Receipt is what became of an order.
type Receipt struct {
	TxID    string
	Block   uint64
	Outcome loyalty.Outcome
}

// Flush applies orders in one transaction: it is the Flush of a batcher.
func (c *Client) Flush(ctx context.Context, orders []Order) ([]Receipt, error) {
	batch := api.Batch{Version: api.Version, Commands: make([]loyalty.Command, len(orders))}
	details := make([]loyalty.Details, len(orders))
	for i, order := range orders {
		batch.Commands[i], details[i] = order.Command, order.Details
	}
	applied, err := c.Apply(ctx, batch, details)
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, len(orders))
	for i, outcome := range applied.Reply.Outcomes {
		receipts[i] = Receipt{TxID: applied.TxID, Block: applied.Block, Outcome: outcome}
	}
	return receipts, nil
}

// Classify is the Classify of a batcher whose Flush is Client.Flush.
func Classify(err error) batcher.Class {
	var failure *Error
	if !errors.As(err, &failure) {
		return batcher.Unknown
	}
	switch failure.Class {
	case Conflict:
		return batcher.Conflict
	case Unavailable:
		return batcher.Unavailable
	case Refused:
		return batcher.Poisoned
	case Internal:
		// The chaincode chokes on one of the commands; anything else would befall all of them.
		if failure.Stage == StageEndorse && containAny(textsOf(failure.Err), []string{chaincodeSays}) {
			return batcher.Poisoned
		}
		return batcher.Permanent
	default:
		return batcher.Unknown
	}
}
