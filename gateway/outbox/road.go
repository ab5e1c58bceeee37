package outbox

import (
	"context"
	"errors"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// Road is the way to the ledger that forgets what it carries when the process ends.
type Road = teller.Ledger

// Transactions can find out about a transaction that was prepared before, by an earlier process
// perhaps.
type Transactions interface {
	// Resume asks the ledger for a transaction and, where nobody has heard of it and again is set, sends
	// the same bytes again. known says that it is in a block; then outcomes are its answers in the order
	// of its commands, or nil if it was not valid and has changed nothing. An error says that nobody
	// could be asked.
	Resume(ctx context.Context, role, txID string, envelope []byte, again bool) (outcomes []loyalty.Outcome, block uint64, known bool, err error)
}

// ErrAccepted says that an operation is durable and that nobody can tell when it will be decided:
// the ledger is out of reach, or a person has to look at it. It is pursued all the same.
var ErrAccepted = teller.ErrAccepted

// heard is what a step came to: what the machine is told, and what is told to whoever waits should
// that end the operation.
type heard struct {
	signal Signal
	answer teller.Applied
	err    error
	// away says that the ledger was out of reach, stale that the opening of a sale has changed meanwhile.
	away, stale bool
	dead        string // the transaction of which nothing can come, if the signal is Dead
}

// spends reports whether an operation takes points that somebody has to hand something over for.
// Nobody waits for it for long: see judge.
func spends(k loyalty.Kind) bool {
	return k == loyalty.KindRedeem || k == loyalty.KindHold || k == loyalty.KindTransfer
}

// judge says what the end of a proposal means. The table, for what the road answers:
//
//	answer                            | earn and others | hold, redeem, transfer | tombstone
//	an outcome on record              | found           | found                  | found
//	the key was used otherwise        | found           | found                  | found
//	refused, to be tried again        | not sent        | given up               | not sent
//	refused, not written down         | given up        | given up               | choked
//	unknown                           | lost            | lost                   | lost
//	busy, unavailable                 | not sent        | given up               | not sent
//	anything else (nothing changed)   | choked          | given up               | choked
func judge(kind loyalty.Kind, tombstone bool, a teller.Applied, err error) heard {
	h := heard{answer: a, err: err}
	var refusal *loyalty.Error
	switch {
	case err == nil && onRecord(a.Outcome):
		h.signal = Found
	case err == nil:
		h.refused(a.Outcome.Code, kind, tombstone)
	case errors.Is(err, teller.ErrUnknown):
		h.signal = Lost
	case errors.As(err, &refusal):
		h.refused(refusal.Code, kind, tombstone)
	case classOf(err) != "":
		h.away = classOf(err) == "unavailable"
		h.signal = unless(tombstone || !spends(kind), NotSent, GivenUp)
	default:
		h.signal = unless(tombstone || !spends(kind), Choked, GivenUp)
	}
	return h
}

// onRecord reports whether the ledger holds a record that answers for the operation for good.
func onRecord(o loyalty.Outcome) bool {
	return o.Recorded || o.Status != loyalty.StatusRefused || o.Code == loyalty.CodeOperationReused
}

// refused is a no that the ledger has not written down.
func (h *heard) refused(code loyalty.Code, kind loyalty.Kind, tombstone bool) {
	again := loyalty.ClassOf(code) == loyalty.ClassRetry
	h.stale = code == loyalty.CodeOpeningStale
	switch {
	case again:
		h.signal = unless(tombstone || !spends(kind), NotSent, GivenUp)
	default:
		h.signal = unless(tombstone, Choked, GivenUp)
	}
}

func unless(condition bool, then, otherwise Signal) Signal {
	if condition {
		return then
	}
	return otherwise
}

// classOf is the class of an error that has changed nothing and may pass; empty for any other.
func classOf(err error) string {
	var classed interface{ Class() string }
	if errors.As(err, &classed) {
		return classed.Class()
	}
	return ""
}
