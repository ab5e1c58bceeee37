package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// Do implements teller.Ledger: it makes the command durable and answers when it is decided. It
// fails with ErrAccepted if that may take a while, and with an error of class unavailable or busy
// if the command was not accepted, or was given up before anything of it was sent.
//
// A command that is here already is joined. A cancel of one that is here takes its place.
func (o *Outbox) Do(ctx context.Context, role string, keys []string, c loyalty.Command, d loyalty.Details) (teller.Applied, error) {
	in := Intent{Keys: keys, Command: c, Details: d}
	for {
		if o.barred(&in) {
			return teller.Applied{}, teller.Unavailable(errAway)
		}
		p, mine, err := o.enter(role, in)
		if err != nil {
			return teller.Applied{}, err
		}
		if mine {
			o.accept(p)
		}
		a, err := o.join(ctx, p, c)
		switch {
		case errors.Is(err, errAgain):
		case err != nil || p.answers(c):
			return a, err
		default: // another request under the same key is decided: the ledger knows which of them counts
			return o.config.Road.Do(ctx, role, keys, c, d)
		}
	}
}

// errAgain says that a pursuit has ended without an answer to the command that joined it.
var errAgain = errors.New("outbox: begin again")

// join waits for what becomes of p, and has a tombstone take its place first if c says so.
func (o *Outbox) join(ctx context.Context, p *pursuit, c loyalty.Command) (teller.Applied, error) {
	defer o.quit(p)
	if c.Kind == loyalty.KindCancel {
		err := o.cancel(p)
		if errors.Is(err, errAgain) {
			<-p.deferred
		}
		if err != nil {
			return teller.Applied{}, err
		}
	}
	select {
	case <-p.done:
	case <-p.deferred:
		return teller.Applied{}, ErrAccepted
	case <-ctx.Done():
		if o.promise(p) {
			return teller.Applied{}, fmt.Errorf("%w: %w", ErrAccepted, context.Cause(ctx))
		}
		<-p.done // the answer is on its way
	}
	// What was withdrawn leaves no answer for another request; and a cancellation wants the ledger's word.
	if p.machine.Verdict == Withdrawn && (p.entry.Kind != c.Kind || p.entry.Print != c.Print) {
		return teller.Applied{}, errAgain
	}
	return p.answer, p.err
}

// promise notes that somebody is told of an operation that it is accepted. It reports false if the
// operation is decided by now.
func (o *Outbox) promise(p *pursuit) bool {
	<-p.ready
	o.mu.Lock()
	defer o.mu.Unlock()
	p.machine = p.machine.Hear(Promised)
	return p.machine.Verdict == Undecided && p.err == nil && p.entry.Decision == nil
}

func (o *Outbox) quit(p *pursuit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.waiters--
}

// answers reports whether what becomes of p is what becomes of c.
func (p *pursuit) answers(c loyalty.Command) bool {
	return c.Kind == loyalty.KindCancel || p.entry.Kind == c.Kind && p.entry.Print == c.Print
}

// cancel makes durable that a tombstone is to take the place of an operation. What is decided by
// then stays as it is.
func (o *Outbox) cancel(p *pursuit) error {
	<-p.ready
	p.disk.Lock()
	defer p.disk.Unlock()
	o.mu.Lock()
	leaving := p.leaving
	wanted := p.machine.CancelWanted || p.machine.Verdict != Undecided || p.entry.Decision != nil || p.err != nil
	if !leaving && !wanted {
		p.machine = p.machine.Hear(CancelWanted)
		p.entry.CancelWanted, p.entry.Parked, p.entry.Chokes = true, false, 0
	}
	entry := p.entry
	o.mu.Unlock()
	switch {
	case wanted:
		return nil
	case leaving:
		return errAgain
	}
	if err := o.config.Store.Cancel(entry); err != nil {
		return storeFault(err)
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil
}

// enter joins the pursuit of a command's operation, or begins one.
func (o *Outbox) enter(role string, in Intent) (p *pursuit, mine bool, err error) {
	now := o.config.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := o.pursuits[in.Command.Op]; p != nil {
		p.waiters++
		return p, false, nil
	}
	if o.closing {
		return nil, false, teller.Unavailable(ErrClosed)
	}
	p = newPursuit(newEntry(role, in, now))
	p.waiters = 1
	o.pursuits[p.entry.Op] = p
	return p, true, nil
}

// errAway says that the ledger is out of reach: a spending is not taken in.
var errAway = errors.New("outbox: the ledger is out of reach")

// barred reports whether a spending is turned away at the door, because the ledger is out of reach
// and nothing is known of it here.
func (o *Outbox) barred(in *Intent) bool {
	if !spends(in.Command.Kind) || !o.outage(in, false).bars(o.config.Now()) {
		return false
	}
	o.mu.Lock()
	here := o.pursuits[in.Command.Op] != nil
	o.mu.Unlock()
	if here {
		return false
	}
	_, found, err := o.config.Store.Find(in.Command.Op)
	return err == nil && !found
}

// accept makes an operation durable and starts to pursue it.
func (o *Outbox) accept(p *pursuit) {
	defer close(p.ready)
	known, err := o.config.Store.Put(&p.entry)
	o.config.reached("put")
	switch {
	case err != nil:
		o.finish(p, teller.Applied{}, storeFault(err))
	case known != nil:
		o.adopt(p, *known)
	default:
		o.begin(p)
	}
}

// adopt goes on with what is on disk already.
func (o *Outbox) adopt(p *pursuit, e Entry) {
	o.mu.Lock()
	p.entry = e
	late := o.reload(p)
	o.mu.Unlock()
	if d := e.Decision; d != nil {
		out := d.Outcome
		out.Replayed = true
		o.finish(p, teller.Applied{Outcome: out, TxID: d.TxID, Block: d.Block}, nil)
		return
	}
	if late {
		o.save(p)
	}
	o.begin(p)
}

// reload brings the machine to where the disk says the operation stands, and reports whether that is
// a spending for which nobody waits any more. The caller holds mu.
func (o *Outbox) reload(p *pursuit) (late bool) {
	e := &p.entry
	p.doubts = append([]string(nil), o.listed[e.Op]...)
	doubts := len(p.doubts)
	if o.config.Transactions == nil {
		doubts++ // nobody keeps transactions: it may have been sent
	}
	p.machine = Reload(e.CancelWanted, e.Parked, e.Chokes, doubts)
	if late = e.Decision == nil && o.late(p, o.config.Now()); late {
		p.machine = p.machine.Hear(CancelWanted)
		e.CancelWanted = true
	}
	return late
}

// begin pursues an operation that is durable, unless the ledger is out of reach or too many are
// pursued: then it waits on disk. A survivor has been let through already.
func (o *Outbox) begin(p *pursuit) {
	in := p.entry.Intent
	barred := !p.survivor && in != nil && !spends(p.entry.Kind) && o.outage(in, p.entry.CancelWanted).bars(o.config.Now())
	o.mu.Lock()
	begin := !barred && !o.closing && len(o.pursuits) <= o.config.Width
	if begin {
		o.all.Add(1)
	}
	o.mu.Unlock()
	if !begin {
		o.unload(p)
		return
	}
	go func() {
		defer o.all.Done()
		o.pursue(p)
	}()
}

// storeFault is what a caller hears of a store that has not taken an operation, or may not have:
// the same may be sent again.
func storeFault(err error) error {
	if errors.Is(err, ErrFull) {
		return teller.Busy(err)
	}
	return teller.Unavailable(err)
}
