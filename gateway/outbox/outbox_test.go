package outbox_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/teller"
)

// desk is a gateway of the tests: a store, an outbox and a road.
type desk struct {
	t      *testing.T
	path   string
	chain  *chain
	road   *road
	store  *outbox.Store
	box    *outbox.Outbox
	mu     sync.Mutex
	clock  time.Duration // ahead of the real one
	heard  []outbox.Entry
	change func(*outbox.Config)
}

func newDesk(t *testing.T, change func(*outbox.Config)) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "outbox.db"), chain: newChain(), change: change}
	d.open()
	t.Cleanup(d.close)
	return d
}

func (d *desk) open() {
	d.t.Helper()
	d.road = newRoad(d.chain)
	store, err := outbox.OpenStore(d.path, testKey, nobodyLooks)
	if err != nil {
		d.t.Fatal(err)
	}
	d.store = store
	config := outbox.Config{
		Store: d.store, Road: d.road, MSP: "KorenaarMSP", Transactions: d.road,
		Pause: time.Millisecond, Longest: 4 * time.Millisecond, Sweep: 20 * time.Millisecond, Now: d.now,
		Decided: func(e outbox.Entry) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.heard = append(d.heard, e)
		},
	}
	if d.change != nil {
		d.change(&config)
	}
	box, err := outbox.New(config)
	if err != nil {
		d.t.Fatal(err)
	}
	d.box, d.road.keep = box, box.Keep
	box.Start()
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.clock)
}

func (d *desk) later(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock += by
}

// close ends the gateway without waiting for anything to be decided.
func (d *desk) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.box.Close(ctx)
	_ = d.store.Close()
	_ = d.road.batches.Close(ctx)
}

// restart is another process with the same disk.
func (d *desk) restart() {
	d.close()
	d.open()
}

func command(n int, k loyalty.Kind) loyalty.Command {
	return loyalty.Command{Op: opID(n), Print: printOf(n), Kind: k, Member: memberID(n), Points: 10}
}

func (d *desk) do(c loyalty.Command) (teller.Applied, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return d.box.Do(ctx, "pos", []string{"member:" + string(c.Member)}, c, loyalty.Details{})
}

func (d *desk) cancel(n int) (teller.Applied, error) {
	return d.do(loyalty.Command{Kind: loyalty.KindCancel, Op: opID(n)})
}

// eventually polls until condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("it never came about that %s", what)
}

func (d *desk) drained() bool {
	s := d.box.Status()
	return s.Undecided == 0 && s.Pursued == 0
}

func classOf(err error) string {
	var classed interface{ Class() string }
	if errors.As(err, &classed) {
		return classed.Class()
	}
	return ""
}

func TestAnOperationIsDecided(t *testing.T) {
	d := newDesk(t, nil)
	a, err := d.do(command(1, loyalty.KindEarn))
	if err != nil || a.Outcome.Status != loyalty.StatusApplied || a.TxID != "tx1" || a.Block != 1 {
		t.Fatalf("heard %+v, %v", a, err)
	}
	eventually(t, "it is off the disk", d.drained)
	if s := d.box.Status(); s.Kept != 0 || s.Err != nil || s.Away {
		t.Errorf("the status is %+v", s)
	}
}

func TestARepeatHearsTheSameWithoutTheLedger(t *testing.T) {
	d := newDesk(t, nil)
	first, err := d.do(command(1, loyalty.KindRedeem))
	if err != nil {
		t.Fatal(err)
	}
	d.restart()
	d.road.befalls(unreachable)
	again, err := d.do(command(1, loyalty.KindRedeem))
	if err != nil || !again.Outcome.Replayed || again.TxID != first.TxID || again.Outcome.Status != loyalty.StatusApplied {
		t.Errorf("heard %+v, %v", again, err)
	}
}

func TestAnotherRequestUnderTheKeyHearsTheLedger(t *testing.T) {
	d := newDesk(t, nil)
	if _, err := d.do(command(1, loyalty.KindEarn)); err != nil {
		t.Fatal(err)
	}
	other := command(1, loyalty.KindEarn)
	other.Print = printOf(2)
	if a, err := d.do(other); err != nil || a.Outcome.Code != loyalty.CodeOperationReused {
		t.Errorf("heard %+v, %v", a, err)
	}
	if n := d.chain.effect(opID(1)); n != 1 {
		t.Errorf("it took effect %d times", n)
	}
}

func TestTheLedgerIsAway(t *testing.T) {
	for _, c := range []struct {
		kind     loyalty.Kind
		accepted bool
	}{
		{loyalty.KindEarn, true}, {loyalty.KindReturn, true}, {loyalty.KindCapture, true}, {loyalty.KindVoid, true}, {loyalty.KindEnrol, true},
		{loyalty.KindRedeem, false}, {loyalty.KindHold, false}, {loyalty.KindTransfer, false},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			d := newDesk(t, nil)
			d.road.befalls(unreachable)
			_, err := d.do(command(1, c.kind))
			if c.accepted != errors.Is(err, outbox.ErrAccepted) || !c.accepted != (classOf(err) == "unavailable") {
				t.Fatalf("heard %v", err)
			}
			if _, here := d.box.Pursuing(opID(1)); here != c.accepted {
				t.Errorf("it is here: %v", here)
			}
			d.restart() // also across a restart
			d.road.befalls(none)
			eventually(t, "nothing is left", d.drained)
			want := 0
			if c.accepted {
				want = 1
			}
			if n := d.chain.effect(opID(1)); n != want {
				t.Errorf("it took effect %d times, want %d", n, want)
			}
		})
	}
}

func TestWhileTheLedgerIsAwayNobodyWaits(t *testing.T) {
	d := newDesk(t, func(c *outbox.Config) { c.Sweep = time.Hour; c.Pause = time.Hour; c.Longest = time.Hour })
	d.road.befalls(unreachable)
	if _, err := d.do(command(0, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
		t.Fatalf("the first heard %v", err)
	}
	if !d.box.Status().Away {
		t.Fatal("nobody has noticed")
	}
	tries := 0
	d.road.befallsBy(func() mishap { tries++; return unreachable })
	for n := 1; n <= 20; n++ {
		if _, err := d.do(command(n, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
			t.Errorf("%d heard %v", n, err)
		}
		if _, err := d.do(command(100+n, loyalty.KindRedeem)); classOf(err) != "unavailable" {
			t.Errorf("redemption %d heard %v", n, err)
		}
	}
	d.road.mu.Lock()
	defer d.road.mu.Unlock()
	if tries > 5 {
		t.Errorf("the ledger was tried %d times", tries)
	}
}

func TestALostAnswerIsFound(t *testing.T) {
	for name, what := range map[string]mishap{"on the way": lostOnTheWay, "on the way back": lostOnTheBack, "at the orderer": held} {
		for _, kind := range []loyalty.Kind{loyalty.KindEarn, loyalty.KindRedeem} {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				d := newDesk(t, nil)
				once := true
				d.road.befallsBy(func() mishap {
					if once {
						once = false
						return what
					}
					return none
				})
				a, err := d.do(command(1, kind))
				if err != nil || a.Outcome.Status != loyalty.StatusApplied {
					t.Fatalf("heard %+v, %v", a, err)
				}
				d.chain.release()
				if n := d.chain.effect(opID(1)); n != 1 {
					t.Errorf("it took effect %d times", n)
				}
			})
		}
	}
}

func TestWhatIsInDoubtSurvives(t *testing.T) {
	for name, what := range map[string]mishap{"on the way": lostOnTheWay, "on the way back": lostOnTheBack, "at the orderer": held} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(c *outbox.Config) { c.Pause = time.Hour; c.Longest = time.Hour })
			d.road.befalls(what)
			ctx, cancel := context.WithCancel(t.Context())
			answer := make(chan error, 1)
			go func() {
				_, err := d.box.Do(ctx, "pos", nil, command(1, loyalty.KindEarn), loyalty.Details{})
				answer <- err
			}()
			eventually(t, "it is in doubt", func() bool { return d.box.Status().InDoubt == 1 })
			cancel()
			if err := <-answer; !errors.Is(err, outbox.ErrAccepted) {
				t.Fatalf("heard %v", err)
			}
			d.change = nil
			d.restart()
			eventually(t, "it is decided", d.drained)
			d.chain.release()
			if n := d.chain.effect(opID(1)); n != 1 {
				t.Errorf("it took effect %d times", n)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if len(d.heard) != 1 || d.heard[0].Op != opID(1) || d.heard[0].Decision.Outcome.Status != loyalty.StatusApplied {
				t.Errorf("those who listen for what nobody waited for heard %+v", d.heard)
			}
		})
	}
}

func TestASpendingThatIsLateIsCancelled(t *testing.T) {
	d := newDesk(t, func(c *outbox.Config) { c.Pause = time.Hour; c.Longest = time.Hour })
	d.road.befalls(held)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, _ = d.box.Do(ctx, "pos", nil, command(1, loyalty.KindRedeem), loyalty.Details{}) }()
	eventually(t, "it is in doubt", func() bool { return d.box.Status().InDoubt == 1 })
	cancel()
	d.later(time.Minute)
	d.change = nil
	d.restart()
	eventually(t, "it is decided", d.drained)
	d.chain.release() // the late envelope
	if r, _ := d.chain.record(opID(1)); r.Outcome.Status != loyalty.StatusCancelled || d.chain.effect(opID(1)) != 0 {
		t.Errorf("it is %+v", r.Outcome)
	}
}

func TestCancel(t *testing.T) {
	t.Run("what nobody has heard of", func(t *testing.T) {
		d := newDesk(t, nil)
		if a, err := d.cancel(1); err != nil || a.Outcome.Status != loyalty.StatusCancelled {
			t.Fatalf("heard %+v, %v", a, err)
		}
		if a, err := d.do(command(1, loyalty.KindEarn)); err != nil || a.Outcome.Status != loyalty.StatusCancelled {
			t.Errorf("the late original heard %+v, %v", a, err)
		}
	})
	t.Run("what is done", func(t *testing.T) {
		d := newDesk(t, nil)
		if _, err := d.do(command(1, loyalty.KindEarn)); err != nil {
			t.Fatal(err)
		}
		if a, err := d.cancel(1); err != nil || a.Outcome.Status != loyalty.StatusApplied {
			t.Errorf("heard %+v, %v", a, err)
		}
	})
	t.Run("what waits for the ledger", func(t *testing.T) {
		d := newDesk(t, nil)
		d.road.befalls(unreachable)
		if _, err := d.do(command(1, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
			t.Fatal(err)
		}
		if _, err := d.cancel(1); !errors.Is(err, outbox.ErrAccepted) {
			t.Fatalf("heard %v", err)
		}
		d.restart()
		d.road.befalls(none)
		eventually(t, "it is decided", d.drained)
		if r, _ := d.chain.record(opID(1)); r.Outcome.Status != loyalty.StatusCancelled {
			t.Errorf("it is %+v", r.Outcome)
		}
	})
	t.Run("what is in doubt", func(t *testing.T) {
		d := newDesk(t, func(c *outbox.Config) { c.Pause = time.Hour; c.Longest = time.Hour })
		d.road.befalls(held)
		original := make(chan teller.Applied, 1)
		go func() {
			a, _ := d.do(command(1, loyalty.KindEarn))
			original <- a
		}()
		eventually(t, "it is in doubt", func() bool { return d.box.Status().InDoubt == 1 })
		d.road.befalls(none)
		a, err := d.cancel(1)
		if err != nil || a.Outcome.Status != loyalty.StatusCancelled {
			t.Fatalf("heard %+v, %v", a, err)
		}
		if a := <-original; a.Outcome.Status != loyalty.StatusCancelled {
			t.Errorf("the original heard %+v", a)
		}
		d.chain.release()
		if n := d.chain.effect(opID(1)); n != 0 {
			t.Errorf("it took effect %d times", n)
		}
	})
}

func TestARefusalThatIsNotWrittenDown(t *testing.T) {
	t.Run("ends what was never sent", func(t *testing.T) {
		d := newDesk(t, nil)
		d.chain.shut(true)
		a, err := d.do(command(1, loyalty.KindEarn))
		if err != nil || a.Outcome.Code != loyalty.CodeNotAuthorised || a.Outcome.Recorded {
			t.Fatalf("heard %+v, %v", a, err)
		}
		d.chain.shut(false)
		if a, err := d.do(command(1, loyalty.KindEarn)); err != nil || a.Outcome.Status != loyalty.StatusApplied {
			t.Errorf("the next attempt heard %+v, %v", a, err)
		}
	})
	t.Run("asks for a tombstone where something may have been sent", func(t *testing.T) {
		d := newDesk(t, nil)
		first := true
		d.road.befallsBy(func() mishap {
			if first {
				first = false
				return held
			}
			return lostOnTheWay // nothing more arrives
		})
		answer := make(chan teller.Applied, 1)
		go func() {
			a, _ := d.do(command(1, loyalty.KindEarn))
			answer <- a
		}()
		eventually(t, "it is in doubt", func() bool { return d.box.Status().InDoubt == 1 })
		d.chain.shut(true)
		d.road.befalls(held)
		eventually(t, "it is sent again", func() bool { d.chain.mu.Lock(); defer d.chain.mu.Unlock(); return d.chain.txs > 1 })
		d.road.befalls(none)
		if a := <-answer; a.Outcome.Status != loyalty.StatusCancelled && a.Outcome.Status != loyalty.StatusApplied {
			t.Fatalf("heard %+v", a)
		}
		r, _ := d.chain.record(opID(1))
		effects := d.chain.effect(opID(1))
		d.chain.release()
		if d.chain.effect(opID(1)) != effects || r.Outcome.Status == "" {
			t.Errorf("a late transaction changed what had been said: %+v", r.Outcome)
		}
	})
}

func TestWhatChokesTheLedgerIsParked(t *testing.T) {
	d := newDesk(t, nil)
	d.road.befalls(sick)
	if _, err := d.do(command(1, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
		t.Fatalf("heard %v", err)
	}
	if _, err := d.do(command(2, loyalty.KindRedeem)); err == nil || errors.Is(err, outbox.ErrAccepted) {
		t.Errorf("a redemption heard %v", err)
	}
	d.road.befalls(none)
	if a, err := d.do(command(3, loyalty.KindEarn)); err != nil || a.Outcome.Status != loyalty.StatusApplied {
		t.Errorf("a neighbour heard %+v, %v", a, err)
	}
	d.restart()
	if parked, err := d.store.Undecided(0, 10, true); err != nil || len(parked) != 1 || parked[0].Op != opID(1) {
		t.Fatalf("parked are %+v, %v", parked, err)
	}
	if d.chain.effect(opID(1)) != 0 {
		t.Error("a parked operation was sent")
	}
	if there, err := d.box.Release(opID(1)); !there || err != nil {
		t.Fatal(there, err)
	}
	eventually(t, "it is decided", d.drained)
	if there, err := d.box.Release(opID(1)); there || err != nil {
		t.Error("what is decided was released")
	}
	if d.chain.effect(opID(1)) != 1 {
		t.Error("it was not carried out")
	}
}

func TestAParkedOperationThatSomebodyElseDecides(t *testing.T) {
	d := newDesk(t, nil)
	d.road.befalls(sick)
	if _, err := d.do(command(1, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
		t.Fatalf("heard %v", err)
	}
	d.chain.order(d.chain.endorse([]loyalty.Command{command(1, loyalty.KindEarn)})) // another gateway
	eventually(t, "it is decided", d.drained)
}

func TestAPoisonedRowDisturbsNobody(t *testing.T) {
	d := newDesk(t, nil)
	d.road.befalls(unreachable)
	for n := range 5 {
		if _, err := d.do(command(n, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
			t.Fatal(err)
		}
	}
	d.close()
	tamper(t, d.path, `UPDATE operation SET intent = zeroblob(100) WHERE seq = 2`)
	d.open()
	eventually(t, "the others are decided", func() bool {
		parked, err := d.store.Undecided(0, 10, true)
		open, _ := d.box.Status(), err
		return err == nil && len(parked) == 1 && open.Undecided == 1
	})
	for n := range 5 {
		if want := map[bool]int{true: 0, false: 1}[n == 1]; d.chain.effect(opID(n)) != want {
			t.Errorf("%d took effect %d times", n, d.chain.effect(opID(n)))
		}
	}
}

func TestAFullOutboxSaysBusy(t *testing.T) {
	d := newDesk(t, nil)
	d.close()
	store, err := outbox.OpenStore(d.path, testKey, outbox.Limits{Operations: 1, FreeDisk: -1})
	if err != nil {
		t.Fatal(err)
	}
	d.store = store
	box, err := outbox.New(outbox.Config{Store: d.store, Road: d.road, MSP: "KorenaarMSP"})
	if err != nil {
		t.Fatal(err)
	}
	d.box = box
	d.road.befalls(unreachable)
	if _, err := d.do(command(1, loyalty.KindEarn)); !errors.Is(err, outbox.ErrAccepted) {
		t.Fatal(err)
	}
	if _, err := d.do(command(2, loyalty.KindEarn)); classOf(err) != "busy" || !errors.Is(err, outbox.ErrFull) {
		t.Errorf("heard %v", err)
	}
}

func TestAClosedOutboxAcceptsNothing(t *testing.T) {
	d := newDesk(t, nil)
	if err := d.box.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.do(command(1, loyalty.KindEarn)); classOf(err) != "unavailable" {
		t.Errorf("heard %v", err)
	}
	if err := d.box.Keep(t.Context(), "pos", "tx", nil, nil); err == nil {
		t.Error("a transaction was let through that nobody would remember")
	}
}
