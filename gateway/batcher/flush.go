package batcher

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// carryOut flushes a batch until everybody in it is answered, then makes room for the next.
func (b *Batcher[Op, Result]) carryOut(f *flight) {
	calls := make([]*call[Op, Result], len(f.tickets))
	for i, t := range f.tickets {
		calls[i] = t.value.(*call[Op, Result])
	}
	timer := time.AfterFunc(b.config.Late, func() { b.lane.delay(f) })
	b.flush(calls, time.Now().Add(b.config.RetryFor), 0)
	timer.Stop()
	b.lane.land(f)
}

// flush tries calls until they are settled, in halves where that helps. The first half is settled
// before the second is tried, so that operations on one key keep their order. The depth is bounded
// by log2 of the batch, the attempts at each depth by Config.Attempts.
//
// A poisoned batch is halved however late it is: what is said of one item must never be answered
// to its neighbours.
func (b *Batcher[Op, Result]) flush(calls []*call[Op, Result], until time.Time, depth int) {
	for attempt := 1; ; attempt++ {
		results, err := b.attempt(calls)
		if err == nil {
			b.settle(calls, results, nil)
			return
		}
		class := b.classify(err)
		halve := len(calls) > 1 && (class == Conflict || class == Poisoned)
		again := halve || attempt < b.config.Attempts && (class == Conflict || class == Unavailable)
		if again && class != Poisoned {
			again = time.Now().Before(until) && b.pause(class, depth+attempt)
		}
		if !again {
			b.settle(calls, nil, &Error{Class: class, Attempts: calls[0].attempts, Err: err})
			return
		}
		if halve {
			middle := len(calls) / 2
			b.flush(calls[:middle], until, depth+1)
			b.flush(calls[middle:], until, depth+1)
			return
		}
	}
}

// attempt calls Flush once. If Flush panics, or its results cannot be matched with the operations,
// the batch may all the same have been applied: the error says ErrUnknown, whatever Classify thinks.
func (b *Batcher[Op, Result]) attempt(calls []*call[Op, Result]) (results []Result, err error) {
	ops := make([]Op, len(calls))
	for i, c := range calls {
		c.attempts++
		ops[i] = c.op
	}
	start := time.Now()
	defer func() {
		if cause := recover(); cause != nil {
			results, err = nil, fmt.Errorf("%w: flush panicked: %v", ErrUnknown, cause)
		}
		if err == nil && len(results) != len(ops) {
			err = fmt.Errorf("%w: %w: %d for %d", ErrUnknown, ErrResults, len(results), len(ops))
		}
		b.config.Metrics.Flushed(len(ops), time.Since(start), err == nil, b.classify(err))
	}()
	return b.config.Flush(b.life, ops)
}

// classify asks the caller, but not about an outcome that is unknown for reasons of our own.
func (b *Batcher[Op, Result]) classify(err error) Class {
	if err == nil || errors.Is(err, ErrUnknown) {
		return Unknown
	}
	return b.config.Classify(err)
}

// settle frees the keys of calls and answers them. The keys first: a caller who hears the answer
// and comes straight back must not find its own keys taken.
func (b *Batcher[Op, Result]) settle(calls []*call[Op, Result], results []Result, err error) {
	tickets := make([]*ticket, len(calls))
	for i, c := range calls {
		tickets[i] = c.ticket
	}
	locks := b.config.Locks
	locks.mu.Lock()
	locks.release(tickets)
	locks.mu.Unlock()

	for i, c := range calls {
		var result Result
		if err == nil {
			result = results[i]
		}
		b.answer(c, result, err)
	}
	b.leave(len(calls))
}

// pause waits before another attempt and reports whether there may be one: not once Close has given
// up. A conflict waits a random part of the span, so that two who collided part; an absent ledger at
// least half of it, so that it is not swamped when it comes back.
func (b *Batcher[Op, Result]) pause(class Class, attempt int) bool {
	span := b.config.MaxPause
	if shift := attempt - 1; shift < 16 && b.config.MinPause < span>>shift {
		span = b.config.MinPause << shift
	}
	var wait time.Duration
	switch class {
	case Conflict:
		wait = rand.N(span + 1)
	case Unavailable:
		wait = span/2 + rand.N(span/2+1)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-b.life.Done():
		return false
	case <-timer.C:
		return true
	}
}
