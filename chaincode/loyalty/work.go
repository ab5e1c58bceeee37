package loyalty

import "fmt"

// maxClockLag is how far, in milliseconds, a transaction's time may lie behind an account's last
// entry. Clients' clocks differ, and two organisations may serve one member within a second.
const maxClockLag Instant = 5 * 60 * 1000

// work is one command being carried out. It changes only its own copies and commit writes them
// all at the end, so a command refused half-way has done nothing.
type work struct {
	ledger    Ledger
	env       Env
	programme *Programme
	cmd       Command
	details   Details

	now      Instant    // the clock of the accounts touched: before none of their last entries
	accounts []*Account // accounts[0] is the one the outcome tells about
	writes   []func() error
	before   Outcome // time and balances before the rules ran, for a refusal
	out      Outcome
}

func newWork(l Ledger, env Env, p *Programme, cmd Command, d Details) *work {
	return &work{
		ledger: l, env: env, programme: p, cmd: cmd, details: d, now: env.Now,
		out: Outcome{Op: cmd.Op, Kind: cmd.Kind, Status: StatusApplied, Recorded: true, Member: cmd.Member, To: cmd.To},
	}
}

// open brings the accounts of members to the present: member_unknown, clock_behind.
func (w *work) open(members ...MemberID) error {
	for _, m := range members {
		if err := w.load(m); err != nil {
			return err
		}
	}
	w.letGo()
	return nil
}

// load reads one account and moves the clock to its last entry.
func (w *work) load(m MemberID) error {
	a, err := w.ledger.Account(m)
	if err != nil {
		return fmt.Errorf("account %s: %w", m, err)
	}
	if a == nil {
		return Refuse(CodeMemberUnknown, "There is no member with this reference.")
	}
	if a.LastAt-w.env.Now > maxClockLag {
		return Refuse(CodeClockBehind, "The transaction's time lies more than five minutes before the account's last entry.")
	}
	w.now = max(w.now, a.LastAt)
	w.accounts = append(w.accounts, a)
	return nil
}

// letGo ends on every account what time has ended, and remembers the balances a refusal tells.
func (w *work) letGo() {
	for _, a := range w.accounts {
		for _, h := range a.letGo(w.now, &w.out.Postings) {
			w.endHold(h.ID, HoldEnd{State: HoldExpired, At: h.Expires})
		}
	}
	w.before.tell(w.accounts[0], w.now)
}

// write puts a change off until the command is known to apply.
func (w *work) write(f func() error) { w.writes = append(w.writes, f) }

// post moves points on an account; the posting becomes part of the outcome.
func (w *work) post(a *Account, r Reason, lot Lot, redeemer MSPID) {
	a.post(&w.out.Postings, r, lot, redeemer)
}

// finish settles the accounts after the rules ran: what was earned may already have expired or be
// owed. It then checks the limits, which may still refuse, and the invariants, which may not fail.
func (w *work) finish() error {
	for _, a := range w.accounts {
		a.letGo(w.now, &w.out.Postings)
		if refusal := a.withinLimits(); refusal != nil {
			return refusal
		}
		a.LastAt = w.now
		a.Entries++
		if err := CheckAccount(a); err != nil {
			return fmt.Errorf("%s would break account %s: %w", w.cmd.Kind, a.Member, err)
		}
		w.write(func() error { return w.ledger.PutAccount(a) })
	}
	w.out.tell(w.accounts[0], w.now)
	return nil
}

// commit writes everything down.
func (w *work) commit() (Outcome, error) {
	for _, write := range w.writes {
		if err := write(); err != nil {
			return Outcome{}, fmt.Errorf("write of %s %s: %w", w.cmd.Kind, w.cmd.Op, err)
		}
	}
	return w.out, w.record(w.out)
}

// record keeps the answer under the command's key. Where a receipt came in under a second key,
// the outcome kept there is the first one's and names the first key.
func (w *work) record(out Outcome) error {
	out.Replayed = false
	err := w.ledger.PutOperation(w.env.Caller.MSP, w.cmd.Op, &Operation{Print: w.cmd.Print, Outcome: out})
	if err != nil {
		return fmt.Errorf("record of %s %s: %w", w.cmd.Kind, w.cmd.Op, err)
	}
	return nil
}

// tell fills in what an outcome says about an account.
func (o *Outcome) tell(a *Account, now Instant) {
	o.At, o.Balance, o.Spendable, o.Held = now, a.Balance(), a.Spendable(), a.Held()
}
