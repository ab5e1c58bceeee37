package batcher

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Item is one operation and what has to be known of it to find it a place in a batch.
type Item[Op any] struct {
	// Keys are what the operation may write to. Two items that share a key never travel in two
	// batches at the same time, and take effect in order of arrival.
	Keys []string
	Size int // bytes it adds to a batch
	Op   Op
}

// Batcher packs items into batches. It is safe for use by many goroutines.
type Batcher[Op, Result any] struct {
	config Config[Op, Result]
	lane   *lane
	// life is the context of every Flush; it ends when Close gives up.
	life context.Context
	end  context.CancelFunc

	// The following are guarded by config.Locks.mu.
	pooled  int
	closing bool
	drained chan struct{} // closed when closing and pooled is 0
}

// New makes a batcher. It fails if the configuration lacks what it needs.
func New[Op, Result any](config Config[Op, Result]) (*Batcher[Op, Result], error) {
	if err := config.setDefaults(); err != nil {
		return nil, err
	}
	b := &Batcher[Op, Result]{config: config, drained: make(chan struct{})}
	b.life, b.end = context.WithCancel(context.Background())
	b.lane = &lane{
		locks:    config.Locks,
		limit:    config.InFlight,
		maxItems: config.MaxBatch,
		maxBytes: config.MaxBytes,
		start:    func(f *flight) { go b.carryOut(f) },
	}
	return b, nil
}

// Do has the item carried out and answers with its result. It fails with ErrFull or ErrClosed, and
// then the item was not taken in; with ErrPending if ctx ends first, and then the item stays in; or
// with an *Error, of which ErrUnknown is the one that says nothing about what happened.
func (b *Batcher[Op, Result]) Do(ctx context.Context, item Item[Op]) (Result, error) {
	var none Result
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	c, err := b.takeIn(item)
	if err != nil {
		return none, err
	}
	select {
	case <-c.done:
		return c.result, c.err
	case <-ctx.Done():
	}
	if c.left.CompareAndSwap(false, true) {
		return none, fmt.Errorf("%w: %w", ErrPending, context.Cause(ctx))
	}
	<-c.done // the answer was on its way
	return c.result, c.err
}

func (b *Batcher[Op, Result]) takeIn(item Item[Op]) (*call[Op, Result], error) {
	locks := b.config.Locks
	locks.mu.Lock()
	defer locks.mu.Unlock()
	if b.closing {
		return nil, ErrClosed
	}
	if b.pooled >= b.config.Pool {
		return nil, ErrFull
	}
	b.pooled++
	b.config.Metrics.Pooled(b.pooled)
	c := &call[Op, Result]{op: item.Op, arrived: time.Now(), done: make(chan struct{})}
	c.ticket = &ticket{lane: b.lane, size: item.Size, value: c}
	locks.enter(c.ticket, item.Keys)
	b.lane.dispatch()
	return c, nil
}

// Close lets nothing new in and waits until everything is answered. If ctx ends first, what is not
// yet under way hears ErrClosed, what is under way is given up (its callers hear what Flush makes
// of a cancelled context), and Close returns the cause of ctx.
func (b *Batcher[Op, Result]) Close(ctx context.Context) error {
	locks := b.config.Locks
	locks.mu.Lock()
	if !b.closing {
		b.closing = true
		if b.pooled == 0 {
			close(b.drained)
		}
	}
	locks.mu.Unlock()

	select {
	case <-b.drained:
		b.end()
		return nil
	case <-ctx.Done():
	}
	b.end()
	locks.mu.Lock()
	abandoned := b.lane.abandon()
	locks.mu.Unlock()
	for _, t := range abandoned {
		var none Result
		b.answer(t.value.(*call[Op, Result]), none, ErrClosed)
	}
	b.leave(len(abandoned))
	return context.Cause(ctx)
}

// leave counts items out of the pool.
func (b *Batcher[Op, Result]) leave(items int) {
	locks := b.config.Locks
	locks.mu.Lock()
	defer locks.mu.Unlock()
	b.pooled -= items
	b.config.Metrics.Pooled(b.pooled)
	if b.closing && b.pooled == 0 && items > 0 {
		close(b.drained)
	}
}

// call is an item and the answer its caller waits for.
type call[Op, Result any] struct {
	ticket   *ticket
	op       Op
	arrived  time.Time
	attempts int
	// left is set once: by the caller who stops waiting, or by the one who answers. Whoever comes
	// second knows what the other did.
	left   atomic.Bool
	done   chan struct{} // closed when result and err are set
	result Result
	err    error
}

// answer delivers the one answer of a call.
func (b *Batcher[Op, Result]) answer(c *call[Op, Result], result Result, err error) {
	b.config.Metrics.Answered(c.attempts, time.Since(c.arrived))
	if !c.left.CompareAndSwap(false, true) {
		b.config.Observe(c.op, result, err)
		return
	}
	c.result, c.err = result, err
	close(c.done)
}
