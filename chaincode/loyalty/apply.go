package loyalty

import (
	"errors"
	"fmt"
)

// Apply carries out one command and says what became of it. A refusal is an Outcome; an error
// means that the ledger could not be read or written or is corrupt, and the whole transaction
// must fail. A command that does not apply writes nothing but, if its refusal is final, its
// Operation. The order of refusal is that of the package documentation.
func Apply(l Ledger, env Env, cmd Command, d Details) (Outcome, error) {
	if refusal := shape(cmd, d); refusal != nil {
		return refused(cmd, refusal), nil
	}
	programme, err := l.Programme()
	if err != nil {
		return Outcome{}, fmt.Errorf("programme: %w", err)
	}
	if refusal := Authorise(programme, env.Caller, string(cmd.Kind)); refusal != nil {
		return refused(cmd, refusal), nil
	}
	known, err := l.Operation(env.Caller.MSP, cmd.Op)
	if err != nil {
		return Outcome{}, fmt.Errorf("operation %s: %w", cmd.Op, err)
	}
	switch {
	case cmd.Kind == KindCancel:
		return cancel(l, env, cmd, known)
	case known != nil:
		return replay(cmd, known), nil
	}
	w := newWork(l, env, programme, cmd, d)
	return w.decide(w.run())
}

// shape is everything that can be said about a command without the ledger.
func shape(cmd Command, d Details) *Error {
	if refusal := cmd.Check(); refusal != nil {
		return refusal
	}
	return d.Check(cmd.Kind)
}

// replay answers a command whose key is taken. A tombstone answers whatever was asked; any other
// record answers only the request that made it.
func replay(cmd Command, known *Operation) Outcome {
	out := known.Outcome
	if out.Status != StatusCancelled && (known.Print != cmd.Print || out.Kind != cmd.Kind) {
		return refused(cmd, Refuse(CodeOperationReused, "This key was used for another request."))
	}
	out.Replayed = true
	return out
}

// refused is the outcome of a command that was refused and not recorded.
func refused(cmd Command, refusal *Error) Outcome {
	return Outcome{
		Op: cmd.Op, Kind: cmd.Kind, Member: cmd.Member, To: cmd.To,
		Status: StatusRefused, Code: refusal.Code, Message: refusal.Message,
	}
}

// rules are the kinds that touch accounts. cancel does not: see Apply.
var rules = map[Kind]func(*work) error{
	KindEnrol: (*work).enrol, KindEarn: (*work).earn, KindHold: (*work).hold, KindCapture: (*work).capture,
	KindVoid: (*work).void, KindRedeem: (*work).redeem, KindReturn: (*work).takeBack, KindTransfer: (*work).transfer,
}

// run carries out the rules of the command on the work's own copies.
func (w *work) run() error {
	original, err := w.repeated()
	if err != nil {
		return err
	}
	if original != nil {
		w.out = original.Outcome
		w.out.Replayed = true
		return nil
	}
	if err := rules[w.cmd.Kind](w); err != nil {
		return err
	}
	return w.finish()
}

// decide turns what run came to into an outcome and writes it down.
func (w *work) decide(err error) (Outcome, error) {
	var refusal *Error
	switch {
	case err == nil:
		return w.commit()
	case !errors.As(err, &refusal):
		return Outcome{}, err
	}
	out := refused(w.cmd, refusal)
	out.Member, out.Hold = w.out.Member, w.out.Hold
	out.At, out.Balance, out.Spendable, out.Held = w.before.At, w.before.Balance, w.before.Spendable, w.before.Held
	if ClassOf(refusal.Code) == ClassRetry {
		return out, nil
	}
	out.Recorded = true
	return out, w.record(out)
}
