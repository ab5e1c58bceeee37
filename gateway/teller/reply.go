package teller

import (
	"context"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// statusPending is the status of an answer that is none yet.
const statusPending = "pending"

// pending is the answer while nobody knows.
func (t *Teller) pending(op loyalty.OpID, kind loyalty.Kind) Answer {
	a := Answer{Operation: string(op), Kind: string(kind), Status: statusPending}
	a.Text = t.answerText(a, loyalty.Programme{})
	return a
}

// answer is what a till hears of a decided operation. op is the operation that was asked for; the
// outcome may name another, where the same sale came in under a second key.
func (t *Teller) answer(ctx context.Context, op loyalty.OpID, applied Applied) Answer {
	out := applied.Outcome
	a := Answer{
		Operation: string(op), Kind: string(out.Kind), Status: string(out.Status), Code: string(out.Code), Message: out.Message,
		Replayed: out.Replayed, Member: string(out.Member), Points: int64(out.Points), Restored: int64(out.Restored),
		Balance: int64(out.Balance), Spendable: int64(out.Spendable), Held: int64(out.Held),
		Hold: string(out.Hold), Transaction: applied.TxID, Block: applied.Block,
	}
	if out.Expiry != 0 {
		a.Expiry = lastDay(out.Expiry)
	}
	if out.Expires != 0 {
		expires := out.Expires.Time()
		a.Expires = &expires
	}
	if out.Replayed || applied.TxID == "" {
		a.Transaction, a.Block = t.whereItWasNew(ctx, out.Op)
	}
	programme := t.recentProgramme(ctx)
	if out.Status == loyalty.StatusApplied && out.Points > 0 {
		a.Value, a.Currency = worth(programme, out.Points), programme.Currency
	}
	a.Text = t.answerText(a, programme)
	return a
}

// whereItWasNew finds the transaction that moved the points; a repeat has one of its own that
// moved nothing. Empty while the projection has not come that far.
func (t *Teller) whereItWasNew(ctx context.Context, op loyalty.OpID) (string, uint64) {
	txID, block, _, err := t.config.Statement.Operation(ctx, t.config.MSP, op)
	if err != nil {
		t.config.Log.Warn("transaction of a repeated operation not found", "operation", string(op), "cause", err)
	}
	return txID, block
}

// worth is how many minor units n points stand for; 0 while no programme says.
func worth(p loyalty.Programme, n loyalty.Points) int64 {
	if p.RedeemPoints <= 0 {
		return 0
	}
	return p.Worth(n)
}

// lastDay is the last day of a month: points can be spent all through it.
func lastDay(m loyalty.Month) string {
	year, month := int(m)/12, time.Month(int(m)%12+1)
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
