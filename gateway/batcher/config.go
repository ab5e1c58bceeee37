package batcher

import (
	"context"
	"errors"
	"time"
)

// Config says what a batcher does and how far it goes. Flush and Classify are required; a number
// left at 0 becomes the default named beside it.
type Config[Op, Result any] struct {
	// Flush carries a batch out and answers results[i] to ops[i]. Operations that share a key stand
	// in order of arrival, and must take effect in that order. The context ends only when Close
	// gives up: Flush sets its own deadlines.
	Flush func(ctx context.Context, ops []Op) ([]Result, error)
	// Classify sorts an error of Flush. Only an error that certainly changed nothing may be called
	// anything else than Unknown.
	Classify func(error) Class
	// Observe hears the answers whose callers have left. It may be nil.
	Observe func(Op, Result, error)
	// Metrics hears what happens. It may be nil.
	Metrics Metrics
	// Locks is shared with other batchers that write to the same keys; nil means nobody else does.
	Locks *Locks

	// InFlight is how many batches are under way at a time: 1. With one, all that arrives meanwhile
	// is the next batch: fewer and larger ones cost the ledger less than what overlapping saves.
	InFlight int
	// Late is how long a batch may be under way before one more may leave beside those: 2 s. An
	// outcome that takes long to find out must not stop everybody.
	Late time.Duration

	MaxBatch int // items of a batch: 500
	MaxBytes int // sum of Item.Size of a batch: 1 MiB; an item above it travels alone
	Pool     int // items taken in and not yet answered: 10,000

	// Attempts is how often an item that is alone, or a batch that finds nobody there, is tried in
	// all: 6. Halving a batch does not count.
	Attempts int
	// RetryFor is how long after its first attempt a batch may still be tried again: 10 s.
	RetryFor time.Duration
	// MinPause and MaxPause bound the pause before another attempt: 20 ms, doubling up to 1 s,
	// each time a random part of it.
	MinPause, MaxPause time.Duration
}

// Metrics is what an instrument has to measure. The methods are called from many goroutines and
// must not block.
type Metrics interface {
	// Pooled says how many items are in: waiting or under way.
	Pooled(items int)
	// Flushed says that an attempt has ended: how many items, how long, and how. Class means
	// nothing if ok.
	Flushed(items int, took time.Duration, ok bool, class Class)
	// Answered says after how many attempts and how long after its arrival an item was answered.
	Answered(attempts int, waited time.Duration)
}

func (c *Config[Op, Result]) setDefaults() error {
	if c.Flush == nil || c.Classify == nil {
		return errors.New("batcher: Flush and Classify are required")
	}
	for _, limit := range []struct {
		value    *int
		fallback int
	}{{&c.InFlight, 1}, {&c.MaxBatch, 500}, {&c.MaxBytes, 1 << 20}, {&c.Pool, 10_000}, {&c.Attempts, 6}} {
		if err := orDefault(limit.value, limit.fallback); err != nil {
			return err
		}
	}
	for _, span := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&c.Late, 2 * time.Second}, {&c.RetryFor, 10 * time.Second}, {&c.MinPause, 20 * time.Millisecond}, {&c.MaxPause, time.Second}} {
		if err := orDefault(span.value, span.fallback); err != nil {
			return err
		}
	}
	if c.Observe == nil {
		c.Observe = func(Op, Result, error) {}
	}
	if c.Metrics == nil {
		c.Metrics = deaf{}
	}
	if c.Locks == nil {
		c.Locks = NewLocks()
	}
	return nil
}

func orDefault[T int | time.Duration](value *T, fallback T) error {
	if *value < 0 {
		return errors.New("batcher: a limit is negative")
	}
	if *value == 0 {
		*value = fallback
	}
	return nil
}

// deaf is Metrics that nobody listens to.
type deaf struct{}

func (deaf) Pooled(int)                              {}
func (deaf) Flushed(int, time.Duration, bool, Class) {}
func (deaf) Answered(int, time.Duration)             {}
