package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zegel/zegel/gateway/batcher"
)

// TestWhereItBrokeAndWhatCallersHear is the crash table: four items in one batch, one failure
// each, and what each of the four hears. A letter is the answer of item a, b, c or d:
// + done, ? unknown, c conflict, u unavailable, x poisoned, p permanent.
func TestWhereItBrokeAndWhatCallersHear(t *testing.T) {
	with := func(op string, err error) func([]string, int) error {
		return func(ops []string, _ int) error {
			if slices.Contains(ops, op) {
				return err
			}
			return nil
		}
	}
	first := func(flushes int, err error) func([]string, int) error {
		return func(_ []string, flush int) error {
			if flush <= flushes {
				return err
			}
			return nil
		}
	}
	for _, row := range []struct {
		broke   string
		fail    func([]string, int) error
		heard   string
		flushes int
	}{
		{"nothing", nil, "++++", 1},
		{"a conflict that does not come back", first(1, errConflict), "++++", 3},
		{"a conflict that stays with b", with("b", errConflict), "+c++", 1 + 1 + 1 + 3 + 1},
		{"conflicts everywhere", first(1000, errConflict), "cccc", 1 + 2 + 4*3},
		{"nobody there, once", first(1, errUnavailable), "++++", 2},
		{"nobody there", first(1000, errUnavailable), "uuuu", 3},
		{"c is poison", with("c", errPoisoned), "++x+", 1 + 1 + 1 + 2},
		{"all are poison", first(1000, errPoisoned), "xxxx", 7},
		{"the network, for good", first(1000, errPermanent), "pppp", 1},
		{"an error that nobody thought about", first(1, errSurprise), "????", 1},
		{"unknown in the second half of a conflict", func(ops []string, flush int) error {
			if flush == 1 {
				return errConflict
			}
			return with("d", errSurprise)(ops, flush)
		}, "++??", 3},
		{"a panic", func([]string, int) error { panic("broken") }, "????", 1},
	} {
		t.Run(row.broke, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{takes: time.Millisecond}
				l.fail = func(ops []string, flush int) error {
					if ops[0] == "plug" || row.fail == nil {
						return nil
					}
					return row.fail(ops, flush-1)
				}
				b := newBatcher(t, l, func(c *config) { c.InFlight = 1; c.Attempts = 3 })
				send(t.Context(), b, item("plug")) // the four gather behind it
				var answers []<-chan error
				for _, op := range []string{"a", "b", "c", "d"} {
					answers = append(answers, send(t.Context(), b, item(op, op)))
				}
				heard := ""
				for _, answer := range answers {
					heard += letter(<-answer)
				}
				if flushes := len(l.batches) - 1; heard != row.heard || flushes != row.flushes {
					t.Errorf("heard %s after %d flushes, want %s after %d: %v", heard, flushes, row.heard, row.flushes, l.batches)
				}
			})
		})
	}
}

func letter(err error) string {
	var failure *batcher.Error
	switch {
	case err == nil:
		return "+"
	case errors.Is(err, batcher.ErrUnknown):
		return "?"
	case errors.As(err, &failure) && failure.Class == batcher.Poisoned:
		return "x"
	case errors.As(err, &failure):
		return failure.Class.String()[:1]
	default:
		return "!"
	}
}

func TestResultsThatDoNotMatchAreUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBatcher(t, &ledger{}, func(c *config) {
			c.Flush = func(_ context.Context, _ []string) ([]string, error) { return nil, nil }
		})
		_, err := b.Do(t.Context(), item("a"))
		if !errors.Is(err, batcher.ErrUnknown) || !errors.Is(err, batcher.ErrResults) {
			t.Errorf("heard %v", err)
		}
	})
}

func TestRetriesEndWithTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second, fail: func([]string, int) error { return errUnavailable }}
		b := newBatcher(t, l, func(c *config) { c.Attempts = 1000; c.RetryFor = 3 * time.Second })
		start := time.Now()
		_, err := b.Do(t.Context(), item("a"))
		var failure *batcher.Error
		if !errors.As(err, &failure) || failure.Class != batcher.Unavailable || failure.Attempts != len(l.batches) {
			t.Errorf("heard %v after %d flushes", err, len(l.batches))
		}
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("tried for %v", took)
		}
		if !strings.Contains(err.Error(), "unavailable after") {
			t.Errorf("says %q", err)
		}
	})
}

// TestOnePoisonIsNotSaidOfItsNeighbours: what a poisoned batch hears may be about any one of its
// items, so it is halved even when there is no time left to try anything else again.
func TestOnePoisonIsNotSaidOfItsNeighbours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{takes: time.Second, fail: func(ops []string, _ int) error {
			if slices.Contains(ops, "bad") {
				return errPoisoned
			}
			return nil
		}}
		b := newBatcher(t, l, func(c *config) { c.InFlight = 1; c.RetryFor = 2 * time.Second })
		answers := map[string]<-chan error{"plug": send(t.Context(), b, item("plug"))}
		for i := range 31 {
			op := fmt.Sprint("good", i)
			answers[op] = send(t.Context(), b, item(op, op))
		}
		answers["bad"] = send(t.Context(), b, item("bad", "bad"))
		for op, answer := range answers {
			if err := <-answer; (err != nil) != (op == "bad") {
				t.Errorf("%s hears %v", op, err)
			}
		}
	})
}

func TestOneKeyKeepsItsOrderThroughAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var applied []string
		l := &ledger{takes: time.Millisecond}
		l.fail = func(ops []string, flush int) error {
			if flush%2 == 0 { // every other flush collides with somebody else
				return errConflict
			}
			applied = append(applied, ops...)
			return nil
		}
		b := newBatcher(t, l, nil)
		var want []string
		var answers []<-chan error
		for i := range 20 {
			op := fmt.Sprintf("%02d", i)
			want = append(want, op)
			answers = append(answers, send(t.Context(), b, item(op, "k", fmt.Sprint("x", i%3))))
		}
		for _, answer := range answers {
			if err := <-answer; err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(applied, want) {
			t.Errorf("applied %v", applied)
		}
	})
}
