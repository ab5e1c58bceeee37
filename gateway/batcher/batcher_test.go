package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zegel/zegel/gateway/batcher"
)

var (
	errConflict    = errors.New("conflict")
	errUnavailable = errors.New("unavailable")
	errPoisoned    = errors.New("poisoned")
	errPermanent   = errors.New("permanent")
	errSurprise    = errors.New("surprise")
)

func classify(err error) batcher.Class {
	switch {
	case errors.Is(err, errConflict):
		return batcher.Conflict
	case errors.Is(err, errUnavailable):
		return batcher.Unavailable
	case errors.Is(err, errPoisoned):
		return batcher.Poisoned
	case errors.Is(err, errPermanent):
		return batcher.Permanent
	default:
		return batcher.Unknown
	}
}

// ledger is a Flush that takes a while and remembers the batches it was given.
type ledger struct {
	mu      sync.Mutex
	batches [][]string
	takes   time.Duration
	fail    func(ops []string, flush int) error
}

func (l *ledger) flush(ctx context.Context, ops []string) ([]string, error) {
	l.mu.Lock()
	l.batches = append(l.batches, slices.Clone(ops))
	number := len(l.batches)
	l.mu.Unlock()
	select {
	case <-time.After(l.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.fail != nil {
		if err := l.fail(ops, number); err != nil {
			return nil, err
		}
	}
	results := make([]string, len(ops))
	for i, op := range ops {
		results[i] = "did " + op
	}
	return results, nil
}

type config = batcher.Config[string, string]

func newBatcher(t *testing.T, l *ledger, change func(*config)) *batcher.Batcher[string, string] {
	t.Helper()
	c := config{Flush: l.flush, Classify: classify}
	if change != nil {
		change(&c)
	}
	b, err := batcher.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func item(op string, keys ...string) batcher.Item[string] {
	return batcher.Item[string]{Keys: keys, Size: 1, Op: op}
}

// send starts Do and, so that arrival has an order, waits until the item is in.
func send(ctx context.Context, b *batcher.Batcher[string, string], it batcher.Item[string]) <-chan error {
	answer := make(chan error, 1)
	go func() {
		result, err := b.Do(ctx, it)
		if err == nil && result != "did "+it.Op {
			err = fmt.Errorf("%s heard %q", it.Op, result)
		}
		answer <- err
	}()
	synctest.Wait()
	return answer
}

func wantBatches(t *testing.T, l *ledger, want ...[]string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if fmt.Sprint(l.batches) != fmt.Sprint(want) {
		t.Errorf("batches are %v, want %v", l.batches, want)
	}
}

func TestALateBatchDoesNotStopTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Minute}
		b := newBatcher(t, l, func(c *config) { c.Late = 2 * time.Second })
		start := time.Now()
		first := send(t.Context(), b, item("stuck", "k"))
		send(t.Context(), b, item("behind it", "k"))
		send(t.Context(), b, item("a", "a"))
		send(t.Context(), b, item("b", "b"))
		wantBatches(t, l, []string{"stuck"})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		wantBatches(t, l, []string{"stuck"}, []string{"a", "b"})
		last := send(t.Context(), b, item("c", "c"))
		time.Sleep(10 * time.Second) // one more beside a late one, not two
		wantBatches(t, l, []string{"stuck"}, []string{"a", "b"})
		<-first
		synctest.Wait()
		wantBatches(t, l, []string{"stuck"}, []string{"a", "b"}, []string{"behind it", "c"})
		<-last
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("three batches of a minute took %v", took)
		}
		late := time.Now()
		if _, err := b.Do(t.Context(), item("d")); err != nil || time.Since(late) > time.Minute {
			t.Errorf("afterwards: %v after %v", err, time.Since(late))
		}
	})
}

func TestALoneItemLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		b := newBatcher(t, l, nil)
		start := time.Now()
		if result, err := b.Do(t.Context(), item("a", "k")); err != nil || result != "did a" {
			t.Errorf("heard %q, %v", result, err)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("an idle batcher waited %v", waited)
		}
	})
}

func TestWhatGathersMeanwhileIsTheNextBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) { c.InFlight = 1; c.MaxBatch = 3 })
		for _, op := range []string{"a", "b", "c", "d", "e"} {
			send(t.Context(), b, item(op, op))
		}
		time.Sleep(4 * time.Second)
		wantBatches(t, l, []string{"a"}, []string{"b", "c", "d"}, []string{"e"})
	})
}

func TestABatchHoldsItsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) { c.InFlight = 1; c.MaxBytes = 10 })
		send(t.Context(), b, item("first"))
		for op, size := range map[string]int{"huge": 100} {
			send(t.Context(), b, batcher.Item[string]{Size: size, Op: op})
		}
		send(t.Context(), b, batcher.Item[string]{Size: 6, Op: "six"})
		send(t.Context(), b, batcher.Item[string]{Size: 4, Op: "four"})
		send(t.Context(), b, batcher.Item[string]{Size: 1, Op: "one"})
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"first"}, []string{"huge"}, []string{"six", "four"}, []string{"one"})
	})
}

func TestItemsOnOneKeyShareABatchButNeverTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) { c.InFlight = 2 })
		send(t.Context(), b, item("a", "k"))
		send(t.Context(), b, item("b", "k")) // there is room for a second batch, but not on k
		send(t.Context(), b, item("c", "k"))
		wantBatches(t, l, []string{"a"})
		send(t.Context(), b, item("d", "other"))
		wantBatches(t, l, []string{"a"}, []string{"d"})
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"a"}, []string{"d"}, []string{"b", "c"})
	})
}

func TestNobodyOvertakesAWaitingItemOnItsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, nil)
		send(t.Context(), b, item("a", "k1"))
		send(t.Context(), b, item("b", "k1", "k2")) // waits for k1, and has k2 reserved meanwhile
		send(t.Context(), b, item("c", "k2"))
		wantBatches(t, l, []string{"a"})
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"a"}, []string{"b", "c"})
	})
}

func TestWhatWasLentToALargeBatchIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) { c.MaxBatch = 2 })
		send(t.Context(), b, item("a", "k"))
		for _, op := range []string{"b", "c", "d", "e"} {
			send(t.Context(), b, item(op, "k"))
		}
		time.Sleep(1500 * time.Millisecond)
		wantBatches(t, l, []string{"a"}, []string{"b", "c"}) // d has k lent to it, and is too many
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"a"}, []string{"b", "c"}, []string{"d", "e"})
	})
}

func TestBatchersThatShareLocksNeverShareAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := batcher.NewLocks()
		l := &ledger{takes: time.Second}
		share := func(c *config) { c.Locks = locks }
		pos, manager := newBatcher(t, l, share), newBatcher(t, l, share)
		send(t.Context(), pos, item("sale", "k"))
		send(t.Context(), manager, item("correction", "k"))
		send(t.Context(), pos, item("sale2", "k"))
		wantBatches(t, l, []string{"sale"})
		time.Sleep(1500 * time.Millisecond)
		wantBatches(t, l, []string{"sale"}, []string{"correction"})
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"sale"}, []string{"correction"}, []string{"sale2"})
		if !locks.Idle() {
			t.Error("a key is locked for ever")
		}
	})
}

func TestAFullPoolRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) { c.Pool = 2 })
		send(t.Context(), b, item("a", "k"))
		send(t.Context(), b, item("b", "k"))
		if err := <-send(t.Context(), b, item("c", "x")); !errors.Is(err, batcher.ErrFull) {
			t.Errorf("the third of two heard %v", err)
		}
		time.Sleep(1500 * time.Millisecond)
		if err := <-send(t.Context(), b, item("d", "x")); err != nil {
			t.Errorf("after room was made, heard %v", err)
		}
	})
}

func TestACallerWhoLeavesDoesNotTakeTheItemAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		observed := make(chan string, 3)
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, func(c *config) {
			c.Observe = func(op, result string, err error) { observed <- fmt.Sprint(op, ": ", result, ", ", err) }
		})
		send(t.Context(), b, item("a", "k"))
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		err := <-send(ctx, b, item("b", "k"))
		if !errors.Is(err, batcher.ErrPending) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("heard %v", err)
		}
		time.Sleep(5 * time.Second)
		wantBatches(t, l, []string{"a"}, []string{"b"})
		if answer := <-observed; answer != "b: did b, <nil>" || len(observed) > 0 {
			t.Errorf("observed %q, and %d more", answer, len(observed))
		}
		ended, stop := context.WithCancel(t.Context())
		stop()
		if err := <-send(ended, b, item("c")); !errors.Is(err, context.Canceled) || errors.Is(err, batcher.ErrPending) {
			t.Errorf("a caller who had left before heard %v", err)
		}
	})
}

func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second}
		b := newBatcher(t, l, nil)
		first, second := send(t.Context(), b, item("a", "k")), send(t.Context(), b, item("b", "k"))
		closed := make(chan error)
		go func() { closed <- b.Close(t.Context()) }()
		synctest.Wait()
		if err := <-send(t.Context(), b, item("late")); !errors.Is(err, batcher.ErrClosed) {
			t.Errorf("a latecomer heard %v", err)
		}
		if err := errors.Join(<-first, <-second, <-closed); err != nil {
			t.Error(err)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

func TestCloseGivesUpWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locks := batcher.NewLocks()
		l := &ledger{takes: time.Hour}
		b := newBatcher(t, l, func(c *config) { c.InFlight = 1; c.Late = time.Hour; c.Locks = locks })
		flying := send(t.Context(), b, item("a", "k"))
		waiting := []<-chan error{send(t.Context(), b, item("keyless")), send(t.Context(), b, item("b", "k", "k0"))}
		for i := range 9 { // each at the head of the queue of the next one's key
			op := item(fmt.Sprint("c", i), fmt.Sprint("k", i), fmt.Sprint("k", i+1))
			waiting = append(waiting, send(t.Context(), b, op))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close answered %v", err)
		}
		if err := <-flying; !errors.Is(err, batcher.ErrUnknown) {
			t.Errorf("what was under way heard %v", err)
		}
		for _, answer := range waiting {
			if err := <-answer; !errors.Is(err, batcher.ErrClosed) {
				t.Errorf("what had not left heard %v", err)
			}
		}
		synctest.Wait()
		wantBatches(t, l, []string{"a"})
		if !locks.Idle() {
			t.Error("a key is locked for ever")
		}
	})
}

func TestABatcherNeedsItsParts(t *testing.T) {
	l := &ledger{}
	for name, c := range map[string]config{
		"no flush":       {Classify: classify},
		"no classify":    {Flush: l.flush},
		"negative limit": {Flush: l.flush, Classify: classify, Pool: -1},
		"negative pause": {Flush: l.flush, Classify: classify, MinPause: -1},
	} {
		if _, err := batcher.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
