package outbox

import (
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// feed brings operations from disk onto the road: those that have survived a crash or an outage,
// and those for which there was no room.
func (o *Outbox) feed() {
	var cursor int64
	swept := o.config.Now()
	o.sweep()
	for {
		wait := o.config.Sweep
		if o.refill(&cursor) {
			wait = o.config.Pause
		}
		if now := o.config.Now(); now.Sub(swept) >= o.config.Sweep {
			swept = now
			o.sweep()
		}
		timer := time.NewTimer(wait)
		select {
		case <-o.stop:
			timer.Stop()
			return
		case <-o.kick:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// maxBarred is how many operations in a row are looked at that have to wait for the ledger to come
// back.
const maxBarred = 4 * pageSize

// refill starts what there is room for, from cursor on, and reports whether anything is left that
// will have to be looked at soon.
func (o *Outbox) refill(cursor *int64) (left bool) {
	barred := 0
	for {
		o.mu.Lock()
		room := o.config.Survive - o.survivors
		o.mu.Unlock()
		if room <= 0 || barred >= maxBarred {
			return true
		}
		entries, err := o.config.Store.Undecided(*cursor, min(room, pageSize), false)
		if err != nil {
			o.config.Log.Error("outbox cannot be read", "cause", err)
			return false
		}
		if len(entries) == 0 {
			*cursor = 0
			return barred > 0
		}
		for _, e := range entries {
			*cursor = e.Seq
			if !o.take(e) {
				barred++
			}
		}
	}
}

// take pursues an operation that was found on disk, unless it is pursued already. It reports false if
// the operation has to wait for the ledger to come back.
func (o *Outbox) take(found Entry) bool {
	if found.Intent != nil && o.outage(found.Intent, found.CancelWanted).bars(o.config.Now()) {
		return false
	}
	p := newPursuit(found)
	p.survivor = true
	o.mu.Lock()
	if o.closing || o.pursuits[found.Op] != nil {
		o.mu.Unlock()
		return true
	}
	o.pursuits[found.Op] = p
	o.survivors++
	o.mu.Unlock()
	o.revive(p)
	return true
}

// revive reads an operation again, now that nobody else can touch it: since it was found it may have
// been decided, or withdrawn, and what somebody was told did not happen must not be sent.
func (o *Outbox) revive(p *pursuit) {
	defer close(p.ready)
	e, found, err := o.config.Store.Find(p.entry.Op)
	switch {
	case err != nil:
		o.finish(p, teller.Applied{}, storeFault(err))
	case !found:
		o.finish(p, teller.Applied{}, errAgain)
	default:
		o.adopt(p, e)
	}
}

// sweep looks for the records of parked operations: somebody else may have decided them.
func (o *Outbox) sweep() {
	parked, err := o.config.Store.Undecided(0, pageSize, true)
	if err != nil {
		o.config.Log.Error("outbox cannot be read", "cause", err)
		return
	}
	o.parked.Store(int64(len(parked)))
	for _, e := range parked {
		o.take(e)
	}
}

// Release lets a parked operation go on, because a person has removed what stood in its way. It
// reports whether there was one.
func (o *Outbox) Release(op loyalty.OpID) (bool, error) {
	e, found, err := o.config.Store.Find(op)
	if err != nil || !found || !e.Parked {
		return false, err
	}
	e.Parked, e.Chokes = false, 0
	if err := o.config.Store.MarkDurably(e); err != nil {
		return false, err
	}
	o.parked.Add(-1)
	o.nudge()
	return true, nil
}
