package outbox

import (
	"sync"
	"time"
)

// The pace at which a ledger that is out of reach is tried.
const (
	firstProbe = 250 * time.Millisecond
	lastProbe  = 5 * time.Second
)

// outage remembers that the ledger is out of reach, so that not every operation has to find out: one
// at a time is let through to try.
type outage struct {
	mu    sync.Mutex
	on    bool
	probe time.Time     // when the next may try
	pause time.Duration // between two tries
}

// bars reports whether an operation has to wait. Where it may try, the next one may not for a while.
func (o *outage) bars(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.on {
		return false
	}
	if now.Before(o.probe) {
		return true
	}
	o.probe = now.Add(o.pause)
	return false
}

// lasts reports whether the ledger is out of reach, as far as anybody knows.
func (o *outage) lasts() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.on
}

// failed notes that the ledger was out of reach.
func (o *outage) failed(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.on {
		o.on, o.pause = true, firstProbe
	} else {
		o.pause = min(2*o.pause, lastProbe)
	}
	o.probe = now.Add(o.pause)
}

// worked notes that the ledger has answered, and reports whether that is news.
func (o *outage) worked() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.on
	o.on = false
	return was
}
