package loyalty

import "fmt"

// cancel decides an operation whose answer was lost. If nothing is known of the key it leaves a
// tombstone, and the original, should it still arrive, hears that it was cancelled; otherwise the
// answer is what became of the original. Either way the answer is final, whichever came first.
func cancel(l Ledger, env Env, cmd Command, known *Operation) (Outcome, error) {
	if known != nil {
		out := known.Outcome
		out.Replayed = true
		return out, nil
	}
	out := Outcome{
		Op: cmd.Op, Kind: KindCancel, Status: StatusCancelled, Code: CodeOperationCancelled,
		Message: "The operation was cancelled before it was carried out.", Recorded: true, At: env.Now,
	}
	if err := l.PutOperation(env.Caller.MSP, cmd.Op, &Operation{Outcome: out}); err != nil {
		return Outcome{}, fmt.Errorf("tombstone of %s: %w", cmd.Op, err)
	}
	return out, nil
}
