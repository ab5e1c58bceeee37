package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// apply carries out a batch again.
func (r *run) apply(points *tx.Namespace) error {
	batch, err := api.DecodeBatch([]byte(r.args[0]))
	if err != nil {
		r.found(Finding{Code: CodeTransaction, Message: "The contract refuses the argument: " + err.Error()})
		return nil //nolint:nilerr // what is wrong with the ledger is a finding, not an error of the audit
	}
	var recorded api.Reply
	if err := json.Unmarshal(r.tx.Action.Reply, &recorded); err != nil || len(recorded.Outcomes) != len(batch.Commands) {
		r.found(Finding{Code: CodeReply, Message: "The endorsers' answer does not answer the batch."})
		return nil //nolint:nilerr // what is wrong with the ledger is a finding, not an error of the audit
	}
	if a := r.tx.Action; a.EventName != api.EventApplied || !bytes.Equal(a.Event, a.Reply) {
		r.found(Finding{Code: CodeEvent, Message: "The event does not say what the answer says."})
	}
	r.auditor.report.Counts.Operations += len(batch.Commands)
	e, err := r.execute(batch.Commands, recorded.Outcomes, points)
	if err != nil {
		return err
	}
	r.book = e.book
	r.conclude(e, points)
	return r.watch(batch.Commands, recorded.Outcomes, e)
}

// execution is one try at carrying out a batch.
type execution struct {
	*run
	book     *book
	commands []loyalty.Command
	recorded []loyalty.Outcome
	outcomes []loyalty.Outcome
	guess    int // which of several possible days of a sale to take
	choices  int // how many there are
	problems []Finding
	rates    unseen
	days     []loyalty.Day // business day of each earn; 0 of others
}

// execute carries the batch out until what comes of it is what the endorsers wrote, as often as there
// are days on which its sales can have been. The first try is the one that is reported on.
func (r *run) execute(commands []loyalty.Command, recorded []loyalty.Outcome, points *tx.Namespace) (*execution, error) {
	first, err := r.attempt(commands, recorded, points, 0)
	if err != nil || first.choices <= 1 || first.agrees(points) {
		return first, err
	}
	for guess := 1; guess < first.choices; guess++ {
		next, err := r.attempt(commands, recorded, points, guess)
		if err != nil {
			return nil, err
		}
		if next.agrees(points) {
			return next, nil
		}
	}
	return first, nil
}

func (r *run) attempt(commands []loyalty.Command, recorded []loyalty.Outcome, points *tx.Namespace, guess int) (*execution, error) {
	e := &execution{run: r, book: r.newBook(), commands: commands, recorded: recorded, guess: guess,
		outcomes: make([]loyalty.Outcome, len(commands)), days: make([]loyalty.Day, len(commands))}
	env := loyalty.Env{Caller: r.caller, Now: r.now}
	for i, c := range commands {
		details, skip, err := e.explain(i, points)
		if err != nil {
			return nil, err
		}
		if skip {
			e.rates.Refusals++
			e.outcomes[i] = recorded[i]
			continue
		}
		if e.outcomes[i], err = loyalty.Apply(e.book, env, c, details); err != nil {
			var disk *stateError
			if errors.As(err, &disk) {
				return nil, err
			}
			e.problem(i, CodeInvariant, "", "", "The rules cannot carry out the command: "+err.Error()+".")
			e.outcomes[i] = recorded[i]
		}
	}
	return e, nil
}

// problem notes what is wrong with a command.
func (e *execution) problem(i int, code Code, expected, found, message string) {
	e.problems = append(e.problems, Finding{Code: code, Operation: string(e.commands[i].Op), Expected: expected, Found: found, Message: message})
}

// agrees says whether what came of the batch is what the endorsers wrote.
func (e *execution) agrees(points *tx.Namespace) bool {
	if len(e.problems) > 0 {
		return false
	}
	reply, err := api.EncodeReply(e.outcomes)
	return err == nil && bytes.Equal(reply, e.tx.Action.Reply) && len(differences(e.book, points)) == 0
}

// conclude reports on an execution. Where a command's outcome is wrong, the writes that follow from
// it are not reported as well.
func (r *run) conclude(e *execution, points *tx.Namespace) {
	for _, p := range e.problems {
		r.found(p)
	}
	r.auditor.report.Unchecked.add(e.rates)
	if len(e.problems) > 0 {
		return
	}
	reply, err := api.EncodeReply(e.outcomes)
	if err == nil && bytes.Equal(reply, r.tx.Action.Reply) {
		r.compareWrites(points)
		return
	}
	before := r.findings
	for i := range e.outcomes {
		r.compareOutcome(e.commands[i], e.outcomes[i], e.recorded[i])
	}
	if r.findings == before {
		r.compareReply(reply)
	}
}

// compareOutcome reports an outcome that is not what the rules make of the command.
func (r *run) compareOutcome(c loyalty.Command, ours, theirs loyalty.Outcome) {
	expected, err := json.Marshal(ours)
	found, err2 := json.Marshal(theirs)
	if err != nil || err2 != nil || bytes.Equal(expected, found) {
		return
	}
	f := Finding{Code: CodeOutcome, Operation: string(c.Op), Expected: string(expected), Found: string(found),
		Message: fmt.Sprintf("By the rules something else comes of the %s.", c.Kind)}
	switch {
	case onlyOrderDiffers(ours, theirs):
		f.Code, f.Message = CodeBurnOrder, "It was not the turn of the points that were taken."
		f.Expected, f.Found = drawn(ours), drawn(theirs)
	case c.Kind == loyalty.KindEarn && ours.Status == theirs.Status && ours.Points != theirs.Points:
		f.Code, f.Message = CodeEarnRate, "The basket earns something else."
		f.Expected, f.Found = fmt.Sprint(ours.Points), fmt.Sprint(theirs.Points)
	}
	r.found(f)
}

// onlyOrderDiffers says whether two outcomes take equally many points from different lots.
func onlyOrderDiffers(a, b loyalty.Outcome) bool {
	if a.Status != b.Status || a.Points != b.Points || a.Balance != b.Balance {
		return false
	}
	return taken(a) == taken(b) && taken(a) > 0 && drawn(a) != drawn(b)
}

func isDraw(r loyalty.Reason) bool {
	return r == loyalty.Redeemed || r == loyalty.Held || r == loyalty.Sent || r == loyalty.Captured
}

func taken(o loyalty.Outcome) (total loyalty.Points) {
	for _, p := range o.Postings {
		if isDraw(p.Reason) {
			total += p.Points
		}
	}
	return total
}

func drawn(o loyalty.Outcome) (text string) {
	for _, p := range o.Postings {
		if isDraw(p.Reason) {
			text += fmt.Sprintf("%s %d of %s terms %d until %s; ", p.Reason, p.Points, p.Issuer, p.Terms, p.Expiry)
		}
	}
	return text
}
