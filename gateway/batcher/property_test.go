package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zegel/zegel/gateway/batcher"
	"pgregory.net/rapid"
)

// step is an operation of the property test: which it is, and what it touches.
type step struct {
	number int
	keys   []string
}

// witness is a Flush that checks what it is given.
type witness struct {
	mu       sync.Mutex
	inFlight map[string]int // key -> flush that has it
	flushes  int
	last     map[string]int // key -> number of the last operation applied to it
	applied  map[int]bool
	faults   []string
	rand     *rand.Rand
	maxItems int
}

func (w *witness) complain(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *witness) flush(ctx context.Context, ops []step) ([]int, error) {
	w.mu.Lock()
	w.flushes++
	me := w.flushes
	if len(ops) > w.maxItems {
		w.complain("a batch of %d", len(ops))
	}
	for _, op := range ops {
		for _, key := range op.keys {
			if other, taken := w.inFlight[key]; taken && other != me {
				w.complain("flushes %d and %d both touch %s", other, me, key)
			}
			w.inFlight[key] = me
		}
	}
	takes := time.Duration(w.rand.IntN(1000)) * time.Microsecond
	fate := w.rand.IntN(10)
	w.mu.Unlock()

	time.Sleep(takes)

	w.mu.Lock()
	defer w.mu.Unlock()
	for _, op := range ops {
		for _, key := range op.keys {
			delete(w.inFlight, key)
		}
	}
	switch fate {
	case 0:
		return nil, errConflict
	case 1:
		return nil, errUnavailable
	case 2:
		return nil, errPermanent
	case 3:
		return nil, errPoisoned
	case 4:
		return nil, errSurprise
	}
	return w.apply(ops), nil
}

func (w *witness) apply(ops []step) []int {
	results := make([]int, len(ops))
	for i, op := range ops {
		if w.applied[op.number] {
			w.complain("operation %d applied twice", op.number)
		}
		w.applied[op.number] = true
		for _, key := range op.keys {
			if w.last[key] > op.number {
				w.complain("on %s, operation %d came after %d", key, op.number, w.last[key])
			}
			w.last[key] = op.number
		}
		results[i] = op.number
	}
	return results
}

// TestPromises sends random operations through three batchers that share a register, over a ledger
// that fails in every way. No two flushes under way share a key, every key sees its operations in
// order of arrival, nothing is applied twice, and everybody is answered once and truly.
func TestPromises(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		lanes := rapid.IntRange(1, 3).Draw(r, "lanes")
		keys := rapid.IntRange(1, 20).Draw(r, "keys")
		steps := rapid.IntRange(1, 200).Draw(r, "steps")
		maxItems := rapid.IntRange(1, 20).Draw(r, "maxItems")
		inFlight := rapid.IntRange(1, 3).Draw(r, "inFlight")
		synctest.Test(t, func(*testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			w := &witness{inFlight: map[string]int{}, last: map[string]int{}, applied: map[int]bool{}, rand: random, maxItems: maxItems}
			locks := batcher.NewLocks()
			var batchers []*batcher.Batcher[step, int]
			for range lanes {
				b, err := batcher.New(batcher.Config[step, int]{
					Flush: w.flush, Classify: classify, Locks: locks, MaxBatch: maxItems, InFlight: inFlight,
				})
				if err != nil {
					r.Fatal(err)
				}
				batchers = append(batchers, b)
			}
			for _, fault := range drive(w, batchers, keys, steps) {
				r.Error(fault)
			}
			if !locks.Idle() {
				r.Error("a key is locked for ever")
			}
		})
	})
}

// drive sends the steps one after the other, so that their order of arrival is known, waits for all
// answers and returns what was wrong.
func drive(w *witness, batchers []*batcher.Batcher[step, int], keys, steps int) []string {
	var all sync.WaitGroup
	for number := 1; number <= steps; number++ {
		w.mu.Lock()
		op := step{number: number}
		for range w.rand.IntN(4) {
			op.keys = append(op.keys, fmt.Sprint("k", w.rand.IntN(keys)))
		}
		lane, pause := batchers[w.rand.IntN(len(batchers))], w.rand.IntN(3)
		w.mu.Unlock()
		all.Go(func() {
			result, err := lane.Do(context.Background(), batcher.Item[step]{Keys: op.keys, Size: 1, Op: op})
			w.mu.Lock()
			defer w.mu.Unlock()
			applied := w.applied[op.number]
			switch {
			case err == nil && (result != op.number || !applied):
				w.complain("operation %d heard %d, applied: %t", op.number, result, applied)
			case err != nil && applied && !errors.Is(err, batcher.ErrUnknown):
				w.complain("operation %d is applied and heard %v", op.number, err)
			}
		})
		synctest.Wait()
		if pause == 0 {
			time.Sleep(100 * time.Microsecond)
		}
	}
	all.Wait()
	for _, b := range batchers {
		if err := b.Close(context.Background()); err != nil {
			w.complain("close: %v", err)
		}
	}
	return w.faults
}
