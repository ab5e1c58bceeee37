package fabric_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/fabric"
)

// counter counts what a batcher does.
type counter struct{ flushes, conflicts, items atomic.Int64 }

func (*counter) Pooled(int) {}

func (c *counter) Flushed(items int, _ time.Duration, ok bool, class batcher.Class) {
	c.flushes.Add(1)
	c.items.Add(int64(items))
	if !ok && class == batcher.Conflict {
		c.conflicts.Add(1)
	}
}

func (*counter) Answered(int, time.Duration) {}

func newLane(t *testing.T, c *fabric.Client, count *counter) *batcher.Batcher[fabric.Order, fabric.Receipt] {
	t.Helper()
	lane, err := batcher.New(batcher.Config[fabric.Order, fabric.Receipt]{
		Flush: c.Flush, Classify: fabric.Classify, Metrics: count, Attempts: 20, RetryFor: 30 * time.Second,
	})
	must(err)
	return lane
}

// TestTwoChainsSellToTheSameMembers has two gateways that know nothing of each other earn on the same few
// accounts at once. Their transactions collide; the callers do not notice, and no point is lost or
// made twice.
func TestTwoChainsSellToTheSameMembers(t *testing.T) {
	m := openMarket(t)
	const members, sales = 8, 160
	chains := []*fabric.Client{m.client("KorenaarMSP", "pos", nil), m.client("DuinmarktMSP", "pos", nil)}
	var enrolments api.Batch
	for i := range members {
		enrolments.Commands = append(enrolments.Commands, enrolment(member(i)))
	}
	if _, err := chains[0].Apply(t.Context(), enrolments, nil); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	count := &counter{}
	for _, chain := range chains {
		lane := newLane(t, chain, count)
		for i := range sales {
			all.Go(func() {
				order := sale(member(i%members), 1)
				receipt, err := lane.Do(t.Context(), batcher.Item[fabric.Order]{
					Keys: []string{string(order.Command.Member)}, Size: order.Size(), Op: order,
				})
				if err != nil || receipt.Outcome.Status != loyalty.StatusApplied {
					t.Errorf("a sale of %s ended with %+v, %v", chain.MSP(), receipt.Outcome, err)
				}
			})
		}
	}
	all.Wait()
	t.Logf("%d sales in %d flushes, %d of them conflicts", 2*sales, count.flushes.Load(), count.conflicts.Load())
	for _, chain := range chains {
		poll(t, "every peer has every sale", func() error {
			for i := range members {
				v, err := view(t.Context(), chain, member(i))
				if err != nil || v.Balance != 2*sales/members {
					return fmt.Errorf("%s: member %d has %d points: %w", chain.MSP(), i, v.Balance, err)
				}
			}
			return nil
		})
	}
}

// poll waits until a check succeeds.
func poll(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPeersComeAndGo(t *testing.T) {
	m := openMarket(t)
	ctx := t.Context()
	till := m.client("KorenaarMSP", "pos", func(o *fabric.Options) {
		o.Endorse, o.Commit = 2*time.Second, 500*time.Millisecond
	})
	own, clearing := m.PeersOf("KorenaarMSP")[0].Name, m.PeersOf("ClearingMSP")[0].Name
	enrol := func(number int) error {
		_, err := till.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{enrolment(member(number))}}, nil)
		return err
	}
	sell := func(number int) error {
		order := sale(member(number), 1)
		_, err := till.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{order.Command}}, []loyalty.Details{order.Details})
		return err
	}
	if err := enrol(1); err != nil {
		t.Fatal(err)
	}

	t.Run("one's own peer does not commit: nobody else is believed", func(t *testing.T) {
		hasty := m.client("KorenaarMSP", "pos", func(o *fabric.Options) { o.Resolve = time.Second })
		resume, err := m.Stall(own)
		must(err)
		_, err = hasty.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{enrolment(member(2))}}, nil)
		if fabric.ClassOf(err) != fabric.Unknown {
			t.Errorf("heard %v", err)
		}
		resume()
		poll(t, "the peer catches up", func() error { _, err := view(ctx, till, member(2)); return err })
	})
	t.Run("the clearing house is away: others stand in, but not for a basket", func(t *testing.T) {
		must(m.StopPeer(clearing))
		if err := enrol(3); err != nil {
			t.Errorf("without a basket, heard %v", err)
		}
		if err := sell(1); fabric.ClassOf(err) != fabric.Unavailable {
			t.Errorf("with a basket, heard %v", err)
		}
		if ready := till.Ready(ctx); ready.OK() || ready[3].OK {
			t.Errorf("ready: %+v", ready)
		}
		must(m.StartPeer(ctx, clearing))
		poll(t, "the clearing house endorses again", func() error { return sell(1) })
	})
	t.Run("one's own peer is away and comes back", func(t *testing.T) {
		must(m.StopPeer(own))
		if err := enrol(4); fabric.ClassOf(err) != fabric.Unavailable {
			t.Errorf("heard %v", err)
		}
		must(m.StartPeer(ctx, own))
		poll(t, "sales go through again", func() error {
			err := sell(1)
			if errors.Is(err, nil) || fabric.ClassOf(err) == fabric.Unavailable || fabric.ClassOf(err) == fabric.Conflict {
				return err
			}
			t.Fatalf("heard %v", err)
			return nil
		})
		poll(t, "ready again", func() error {
			if ready := till.Ready(ctx); !ready.OK() {
				return fmt.Errorf("%+v", ready)
			}
			return nil
		})
	})
}
