package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Cancel makes sure that an operation of the own chain never happens, or says what became of it.
// The answer is final: should the original still arrive from somewhere, it hears that it was
// cancelled.
func (t *Teller) Cancel(ctx context.Context, desk Desk, operation string) (Answer, error) {
	op, err := operationID(operation)
	if err != nil {
		return Answer{}, err
	}
	in := intent{role: desk.Role, command: loyalty.Command{Kind: loyalty.KindCancel, Op: op}}
	return t.fly(ctx, in, func(ctx context.Context) (Applied, error) {
		applied, err := t.pursue(ctx, in)
		if err == nil && applied.Outcome.Status == loyalty.StatusCancelled {
			t.withdraw(ctx, op)
		}
		return applied, err
	})
}

// Operation says what became of an operation of the own chain: pending while it is under way here,
// operation_unknown if neither this gateway nor the ledger knows it.
func (t *Teller) Operation(ctx context.Context, _ Desk, operation string) (Answer, error) {
	op, err := operationID(operation)
	if err != nil {
		return Answer{}, err
	}
	if kind, flying := t.flights.find(op); flying {
		return t.pending(op, kind), nil
	}
	if kind, pursued := t.config.Pursuing(op); pursued {
		return t.pending(op, kind), nil
	}
	record, err := t.record(ctx, op)
	if err != nil {
		return Answer{}, err
	}
	return t.answer(ctx, op, Applied{Outcome: record.Outcome}), nil
}

// Decided hears of an operation that a ledger has decided when nobody waited for it any more. What an
// enrolment has stored of a person goes if there will be no account.
func (t *Teller) Decided(op loyalty.OpID, out loyalty.Outcome) {
	if !neverBorn(out) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), t.config.Patience)
	defer cancel()
	t.withdraw(ctx, op)
}
