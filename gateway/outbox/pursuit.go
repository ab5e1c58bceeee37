package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// pursuit is an operation in memory. The fields down to leaving are guarded by Outbox.mu, but for what
// never changes in an entry.
type pursuit struct {
	entry   Entry
	machine Machine
	out     []string // transactions of the proposal under way
	doubts  []string // of earlier ones
	waiters int
	stale   bool // the opening of the sale has to be read again
	leaving bool // it is on its way out of memory, undecided

	proposing bool // a proposal is under way

	// disk is held while a copy of entry is handed to the store, so that an older copy never follows a
	// newer one. It is taken before Outbox.mu.
	disk sync.Mutex

	survivor bool          // it came from disk
	ready    chan struct{} // closed when it is durable, or has failed to become so
	deferred chan struct{} // closed when waiting makes no sense; it is pursued all the same
	wake     chan struct{} // cuts a pause short
	done     chan struct{} // closed when answer and err are set
	answer   teller.Applied
	err      error
}

func newPursuit(e Entry) *pursuit {
	return &pursuit{
		entry: e, machine: Machine{CancelWanted: e.CancelWanted},
		ready: make(chan struct{}), deferred: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// pursue takes one step after the other until the operation is decided, or has to wait on disk.
func (o *Outbox) pursue(p *pursuit) {
	for {
		o.mu.Lock()
		act := p.machine.Next()
		p.proposing = act == Send || act == Cancel
		o.mu.Unlock()
		h := o.step(p, act)
		if o.life.Err() != nil {
			o.unload(p) // whatever it was, it was heard through a closing door: the disk knows
			return
		}
		o.config.reached("heard " + h.signal.String())
		if !o.hear(p, act, h) || !o.pause(p) {
			return
		}
	}
}

// step carries out one act. A panic below is an unknown outcome: in a goroutine of its own it would
// end the gateway, and every operation with it.
func (o *Outbox) step(p *pursuit, act Act) (h heard) {
	defer func() {
		if cause := recover(); cause != nil {
			h = heard{signal: Lost, err: fmt.Errorf("%w: panic: %v\n%s", teller.ErrUnknown, cause, debug.Stack())}
		}
	}()
	switch act {
	case Send:
		return o.send(p)
	case Cancel:
		tombstone := loyalty.Command{Kind: loyalty.KindCancel, Op: p.entry.Op}
		a, err := o.config.Road.Do(o.life, p.entry.Role, p.keys(), tombstone, loyalty.Details{})
		return judge(p.entry.Kind, true, a, err)
	case Resume:
		return o.resume(p)
	default:
		return o.look(p)
	}
}

// keys are what the operation excludes others from: itself above all.
func (p *pursuit) keys() []string {
	if p.entry.Intent == nil {
		return nil
	}
	return p.entry.Intent.Keys
}

func (o *Outbox) send(p *pursuit) heard {
	if p.entry.Intent == nil {
		return heard{signal: Choked, err: p.entry.Fault}
	}
	in := *p.entry.Intent
	if p.stale && in.Details.Return != nil {
		opening, err := o.config.Road.Evaluate(o.life, p.entry.Role, api.GetOpening, []string{string(in.Command.Sale)}, nil)
		if err != nil {
			return heard{signal: NotSent, err: err, stale: true, away: classOf(err) == "unavailable"}
		}
		taken := *in.Details.Return
		taken.Opening = opening
		in.Details.Return = &taken
	}
	a, err := o.config.Road.Do(o.life, p.entry.Role, in.Keys, in.Command, in.Details)
	return judge(in.Command.Kind, false, a, err)
}

// look looks for the record that the operation leaves when it is decided.
func (o *Outbox) look(p *pursuit) heard {
	args := []string{string(o.config.MSP), string(p.entry.Op)}
	text, err := o.config.Road.Evaluate(o.life, p.entry.Role, api.GetOperation, args, nil)
	var refusal *loyalty.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code == loyalty.CodeOperationUnknown:
		return heard{signal: Absent}
	case err != nil:
		return heard{signal: Unheard, err: err}
	}
	var record loyalty.Operation
	if err := json.Unmarshal(text, &record); err != nil {
		return heard{signal: Unheard, err: fmt.Errorf("outbox: record of %s: %w", p.entry.Op, err)}
	}
	out := record.Outcome
	if p.entry.Kind != loyalty.KindCancel && out.Status != loyalty.StatusCancelled && record.Print != p.entry.Print {
		out = loyalty.Outcome{
			Op: p.entry.Op, Kind: p.entry.Kind, Status: loyalty.StatusRefused, Code: loyalty.CodeOperationReused,
			Message: "This key was used for another request.",
		}
	}
	return heard{signal: Found, answer: teller.Applied{Outcome: out}}
}

// hear tells the machine and does what follows. It reports whether the pursuit goes on.
func (o *Outbox) hear(p *pursuit, act Act, h heard) bool {
	now := o.config.Now()
	o.mark(p, act, h, now)
	o.mu.Lock()
	before := p.machine
	if now.Sub(p.entry.Received) > o.config.Answer {
		p.machine = p.machine.Hear(Promised)
	}
	if o.late(p, now) {
		p.machine = p.machine.Hear(CancelWanted)
	}
	if h.signal == GivenUp && p.machine.Promised && !spends(p.entry.Kind) {
		h.signal = Choked // a person had better look than that a promise is taken back
	}
	p.machine = p.machine.Hear(h.signal)
	p.stale, p.proposing = h.stale, false
	needless := o.account(p, h)
	m, entry := p.machine, p.entry
	o.mu.Unlock()
	o.drop(needless)

	switch {
	case m.Verdict == Recorded:
		o.decided(p, h.answer)
		return false
	case m.Verdict == Withdrawn:
		o.withdraw(p, h)
		return false
	}
	if m.CancelWanted != before.CancelWanted || m.Parked != before.Parked || m.Chokes != before.Chokes {
		o.save(p)
	}
	if m.Parked && !before.Parked {
		o.parked.Add(1)
		o.config.Log.Error("operation parked: it needs a person", "operation", string(entry.Op), "kind", string(entry.Kind), "cause", h.err)
	}
	if m.Parked || h.away {
		o.unload(p)
		return false
	}
	return true
}

// mark tells the outage what a proposal has shown of it.
func (o *Outbox) mark(p *pursuit, act Act, h heard, now time.Time) {
	if p.entry.Intent == nil || act != Send && act != Cancel {
		return
	}
	outage := o.outage(p.entry.Intent, act == Cancel)
	switch {
	case h.away:
		outage.failed(now)
	case h.err == nil && outage.worked():
		o.nudge()
	}
}

// late reports whether nobody waits for a spending any more: then it had better not happen. The clock
// only asks for the tombstone; the ledger decides.
func (o *Outbox) late(p *pursuit, now time.Time) bool {
	return spends(p.entry.Kind) && p.machine.Verdict == Undecided && !p.machine.CancelWanted &&
		now.Sub(p.entry.Received) > o.config.Answer
}

// account moves transactions between what is under way, what is in doubt and what is settled, as the
// machine does with their numbers, and says which of them nobody needs now. The caller holds mu.
func (o *Outbox) account(p *pursuit, h heard) (needless []string) {
	switch h.signal {
	case NotSent, Choked, GivenUp:
		needless = o.leave(p.entry.Op, p.out)
		p.out = nil
	case Lost:
		p.doubts = append(p.doubts, p.out...)
		p.out = nil
	case Dead:
		needless = o.leave(p.entry.Op, []string{h.dead})
		p.doubts = slices.DeleteFunc(p.doubts, func(tx string) bool { return tx == h.dead })
	}
	p.entry.CancelWanted, p.entry.Parked, p.entry.Chokes = p.machine.CancelWanted, p.machine.Parked, p.machine.Chokes
	return needless
}

// decided ends a pursuit with what the ledger says. The answer is on the ledger, so that writing it
// down here can wait; but what nobody needs is forgotten only after that.
func (o *Outbox) decided(p *pursuit, a teller.Applied) {
	o.mu.Lock()
	p.entry.Decision = &Decision{Outcome: a.Outcome, TxID: a.TxID, Block: a.Block}
	o.mu.Unlock()
	o.save(p)
	o.mu.Lock()
	needless := o.leave(p.entry.Op, slices.Clone(o.listed[p.entry.Op]))
	o.mu.Unlock()
	o.drop(needless)
	o.config.reached("decided")
	o.finish(p, a, nil)
}

// save writes down, lazily, how far the operation has come.
func (o *Outbox) save(p *pursuit) {
	p.disk.Lock()
	defer p.disk.Unlock()
	o.mu.Lock()
	entry := p.entry
	o.mu.Unlock()
	o.config.Store.Mark(entry)
}

// withdraw ends a pursuit of which nothing was ever sent. Whoever waits hears so once the disk has
// forgotten it: a survivor would be sent after all.
func (o *Outbox) withdraw(p *pursuit, h heard) {
	o.config.reached("withdrawing")
	o.mu.Lock()
	unsent := o.unsent(p.entry.Op)
	o.mu.Unlock()
	if err := o.config.Store.Withdraw(p.entry, unsent); err != nil {
		o.config.Log.Error("operation cannot be withdrawn", "operation", string(p.entry.Op), "cause", err)
		o.finish(p, teller.Applied{}, ErrAccepted)
		return
	}
	o.mu.Lock()
	o.forget(unsent)
	o.mu.Unlock()
	o.config.reached("withdrawn")
	o.finish(p, h.answer, h.err)
}

// finish answers everybody who waits.
func (o *Outbox) finish(p *pursuit, a teller.Applied, err error) {
	o.mu.Lock()
	p.answer, p.err = a, err
	o.remove(p)
	entry, unheard := p.entry, p.waiters == 0
	o.mu.Unlock()
	close(p.done)
	if unheard && entry.Decision != nil {
		o.config.Decided(entry)
	}
}

// unload leaves an operation to the disk; whoever waits need not any longer. What was asked for
// meanwhile is on its way to the disk before the operation can be found there.
func (o *Outbox) unload(p *pursuit) {
	o.mu.Lock()
	p.leaving = true
	asked := p.entry.CancelWanted
	o.mu.Unlock()
	if asked {
		o.save(p)
	}
	o.mu.Lock()
	o.remove(p)
	o.mu.Unlock()
	close(p.deferred)
	o.nudge()
}

// remove takes a pursuit out of memory. The caller holds mu.
func (o *Outbox) remove(p *pursuit) {
	delete(o.pursuits, p.entry.Op)
	if p.survivor {
		o.survivors--
		o.nudge()
	}
}

// pause waits before the next step, the longer the more steps were in vain, each time a random half
// of it. It reports whether there may be one.
func (o *Outbox) pause(p *pursuit) bool {
	o.mu.Lock()
	vain := p.machine.Vain
	o.mu.Unlock()
	if vain > 0 {
		span := o.config.Longest
		if shift := vain - 1; shift < 16 && o.config.Pause < span>>shift {
			span = o.config.Pause << shift
		}
		timer := time.NewTimer(span/2 + rand.N(span/2+1))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.wake:
		case <-o.stop:
		}
	}
	select {
	case <-o.stop:
		o.unload(p)
		return false
	default:
		return true
	}
}

// nudge wakes the feeder.
func (o *Outbox) nudge() {
	select {
	case o.kick <- struct{}{}:
	default:
	}
}
