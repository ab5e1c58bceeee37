package teller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// intent is a request as it goes to the ledger.
type intent struct {
	role    string
	command loyalty.Command
	details loyalty.Details
	keys    []string // what it may write to, beside its own operation
	// refresh brings the details up to date before each attempt; nil where they are fixed.
	refresh func(context.Context, *loyalty.Details) error
}

// The keys under which commands exclude each other.
func lockMember(m loyalty.MemberID) string   { return "member:" + string(m) }
func lockReceipt(r loyalty.ReceiptID) string { return "receipt:" + string(r) }
func lockOperation(o loyalty.OpID) string    { return "op:" + string(o) }
func lockLookup(keyedHash string) string     { return "lookup:" + keyedHash }

// named gives an intent the names that follow from its key and its content, and refuses what the
// rules would refuse whatever is on the ledger: they are asked here already, so that it costs no
// transaction.
func (t *Teller) named(desk Desk, key string, in intent) (intent, error) {
	if key == "" {
		return intent{}, malformed("an idempotency key is required")
	}
	content, err := canonical(in)
	if err != nil {
		return intent{}, err
	}
	in.role = desk.Role
	in.command.Op = t.operation(desk, key)
	in.command.Print = t.secret.Fingerprint(in.command.Kind, content)
	if b := in.details.Basket; b != nil {
		b.Salt = t.secret.Salt(in.command.Op, in.command.Print)
		if refusal := b.Check(); refusal != nil {
			return intent{}, refusal
		}
	}
	if refusal := in.command.Check(); refusal != nil {
		return intent{}, refusal
	}
	return in, nil
}

// canonical is everything that makes two requests the same, as JSON with its fields in a fixed
// order. The key is not part of it, so that the same sale under two keys is one sale, and neither
// is the opening that a return happens to start from.
func canonical(in intent) ([]byte, error) {
	content := struct {
		Command loyalty.Command `json:"command"`
		Basket  *loyalty.Basket `json:"basket,omitempty"`
		Return  *loyalty.Taken  `json:"return,omitempty"`
	}{in.command, in.details.Basket, in.details.Return}
	content.Command.Op, content.Command.Print = "", ""
	if content.Return != nil {
		taken := *content.Return
		taken.Opening = nil
		content.Return = &taken
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("teller: canonical form: %w", err)
	}
	return text, nil
}

// write carries an intent out and answers for it.
func (t *Teller) write(ctx context.Context, in intent) (Answer, error) {
	return t.fly(ctx, in, func(ctx context.Context) (Applied, error) { return t.pursue(ctx, in) })
}

// fly has do carried out in the flight of in's operation.
func (t *Teller) fly(ctx context.Context, in intent, do func(context.Context) (Applied, error)) (Answer, error) {
	applied, joined, err := t.flights.take(ctx, in, do)
	switch {
	case errors.Is(err, errPending), errors.Is(err, ErrAccepted):
		return t.pending(in.command.Op, in.command.Kind), nil
	case errors.Is(err, ErrUnknown):
		t.config.Log.Warn("outcome unknown", "operation", string(in.command.Op), "kind", string(in.command.Kind), "cause", err)
		return t.pending(in.command.Op, in.command.Kind), nil
	case err != nil:
		return Answer{}, err
	}
	out := applied.Outcome
	if out.Status == loyalty.StatusRefused && !out.Recorded {
		return Answer{}, &loyalty.Error{Code: out.Code, Message: out.Message}
	}
	applied.Outcome.Replayed = out.Replayed || joined
	return t.answer(ctx, in.command.Op, applied), nil
}

// pursue makes the command until it is decided, at most Attempts times.
func (t *Teller) pursue(ctx context.Context, in intent) (Applied, error) {
	keys := append(append([]string{}, in.keys...), lockOperation(in.command.Op))
	for attempt := 1; ; attempt++ {
		if in.refresh != nil {
			if err := in.refresh(ctx, &in.details); err != nil {
				return Applied{}, err
			}
		}
		applied, err := t.config.Do(ctx, in.role, keys, in.command, in.details)
		if errors.Is(err, ErrUnknown) {
			return t.resolve(ctx, in, err)
		}
		if err != nil || !undecided(applied.Outcome) || attempt >= t.config.Attempts {
			return applied, err
		}
		if !pause(ctx, t.config.Pause<<(attempt-1)) {
			return applied, nil
		}
	}
}

// undecided reports whether the same command may hear something else a moment later: the opening
// has changed under a return, or the account was last written by a clock ahead of this one.
func undecided(o loyalty.Outcome) bool {
	return o.Status == loyalty.StatusRefused && !o.Recorded &&
		(o.Code == loyalty.CodeOpeningStale || o.Code == loyalty.CodeClockBehind)
}

// resolve looks for the record that the command leaves when it is decided, whichever transaction
// carried it. It never makes the command again: that is the till's to ask for.
func (t *Teller) resolve(ctx context.Context, in intent, cause error) (Applied, error) {
	for attempt := 1; attempt <= t.config.Attempts; attempt++ {
		if !pause(ctx, t.config.Pause<<attempt) {
			break
		}
		record, err := t.record(ctx, in.command.Op)
		if err != nil {
			continue // not there yet, or the peer is away: either may pass
		}
		if record.Print != in.command.Print && record.Outcome.Status != loyalty.StatusCancelled {
			return Applied{}, reused()
		}
		return Applied{Outcome: record.Outcome}, nil
	}
	return Applied{}, cause
}

// record is what the ledger holds of one of the chain's own operations.
func (t *Teller) record(ctx context.Context, op loyalty.OpID) (loyalty.Operation, error) {
	var record loyalty.Operation
	err := t.public(ctx, &record, api.GetOperation, string(t.config.MSP), string(op))
	return record, err
}

func reused() error {
	return loyalty.Refuse(loyalty.CodeOperationReused, "This key was used for another request.")
}

// public asks for what every role may read, in the name of the gateway's own: an API key may have a
// role for which there is no identity, an auditor's above all. Which keys may ask the server says.
func (t *Teller) public(ctx context.Context, v any, name string, args ...string) error {
	return t.evaluate(ctx, t.config.Role, v, name, nil, args...)
}

// evaluate asks the own peer and decodes the answer into v.
func (t *Teller) evaluate(ctx context.Context, role string, v any, name string, transient map[string][]byte, args ...string) error {
	text, err := t.config.Evaluate(ctx, role, name, args, transient)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("teller: answer of %s: %w", name, err)
	}
	return nil
}

// pause waits and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
