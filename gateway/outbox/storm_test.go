package outbox_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/teller"
)

// claim is what a till was told last of an operation.
type claim struct {
	kind    loyalty.Kind
	status  loyalty.Status // final, if not empty
	pending bool           // accepted: it will be decided
	undone  bool           // nothing happened, and it was not sent again since
	sends   int            // how often it was sent, and how many of those have no answer yet
	waiting int
}

// tills send operations, repeat those of which they heard nothing, and cancel some, while whatever
// can go wrong does.
type tills struct {
	d   *desk
	mu  sync.Mutex
	say map[int]*claim
}

func kindOf(n int) loyalty.Kind {
	return []loyalty.Kind{loyalty.KindEarn, loyalty.KindRedeem, loyalty.KindCapture, loyalty.KindHold}[n%4]
}

func (ts *tills) send(n int, cancel bool) error {
	c := command(n, kindOf(n))
	if n%7 == 0 {
		c.Points = tooMuch
	}
	ts.mu.Lock()
	own := ts.say[n]
	if own == nil {
		own = &claim{kind: c.Kind}
		ts.say[n] = own
	}
	own.undone = false
	own.sends++
	own.waiting++
	mine := own.sends
	ts.mu.Unlock()
	if cancel {
		c = loyalty.Command{Kind: loyalty.KindCancel, Op: c.Op}
	}
	a, err := ts.d.do(c)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	own.waiting--
	last := mine == own.sends && own.waiting == 0
	switch {
	case errors.Is(err, outbox.ErrAccepted):
		own.pending = true
	case errors.Is(err, teller.ErrUnknown): // nothing was promised
	case err != nil:
		own.undone = last && !cancel && !own.pending && own.status == ""
	case !a.Outcome.Recorded && a.Outcome.Status == loyalty.StatusRefused:
		own.undone = last && !cancel && !own.pending && own.status == ""
	case own.status != "" && own.status != a.Outcome.Status:
		return fmt.Errorf("operation %d was %s and is %s", n, own.status, a.Outcome.Status)
	default:
		own.status = a.Outcome.Status
	}
	return nil
}

// check holds what is on the ledger against what was said.
func (ts *tills) check() error {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for n, own := range ts.say {
		r, recorded := ts.d.chain.record(opID(n))
		effects := ts.d.chain.effect(opID(n))
		switch {
		case effects > 1:
			return fmt.Errorf("operation %d took effect %d times", n, effects)
		case own.status != "" && (!recorded || r.Outcome.Status != own.status):
			return fmt.Errorf("operation %d was said to be %s and is %q", n, own.status, r.Outcome.Status)
		case own.pending && !recorded:
			return fmt.Errorf("operation %d was accepted and is lost", n)
		case own.undone && effects > 0:
			return fmt.Errorf("operation %d was said not to have happened", n)
		}
	}
	return nil
}

func TestAStormEndsWell(t *testing.T) {
	rounds := 12
	if testing.Short() || raceEnabled {
		rounds = 3
	}
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { storm(t, seed) })
	}
}

func storm(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 6))
	d := newDesk(t, func(c *outbox.Config) { c.Answer = 50 * time.Millisecond; c.Survive = 8; c.Width = 64 })
	ts := &tills{d: d, say: make(map[int]*claim)}
	for wave := range 8 {
		d.road.atRandom(rand.New(rand.NewPCG(seed, uint64(wave))), 2+rnd.IntN(6))
		var wg sync.WaitGroup
		for range 12 {
			first, orders := rnd.IntN(60), rand.New(rand.NewPCG(rnd.Uint64(), 1))
			wg.Go(func() {
				for range 6 {
					n := (first + orders.IntN(10)) % 60
					if err := ts.send(n, orders.IntN(8) == 0); err != nil {
						t.Error(err)
					}
				}
			})
		}
		closed := rnd.IntN(3) == 0
		d.chain.shut(closed)
		if rnd.IntN(2) == 0 {
			d.later(time.Duration(rnd.IntN(100)) * time.Millisecond)
		}
		stop := make(chan struct{})
		go func() { // tills that wait for what is pending need the storm to pass
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					d.chain.release()
				}
			}
		}()
		wg.Wait()
		close(stop)
		if wave%3 == 2 {
			d.restart()
		}
	}
	d.road.befalls(none)
	d.chain.shut(false)
	eventually(t, "everything is decided", func() bool {
		parked, err := d.store.Undecided(0, 100, true)
		for _, e := range parked {
			if _, err := d.box.Release(e.Op); err != nil {
				t.Fatal(err)
			}
		}
		return err == nil && d.drained()
	})
	d.chain.release()
	if err := ts.check(); err != nil {
		t.Error(err)
	}
	if s := d.box.Status(); s.Kept != 0 {
		t.Errorf("%d transactions are kept for nobody", s.Kept)
	}
}
