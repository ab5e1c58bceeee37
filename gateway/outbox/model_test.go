package outbox_test

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zegel/zegel/gateway/outbox"
)

var modelHistories = flag.Int("histories", 200_000, "how many histories the model plays")

// seededBug is one way to build the outbox wrongly.
type seededBug struct {
	name   string
	rules  worldRules
	bugs   driverBugs
	hear   func(outbox.Machine, outbox.Signal) outbox.Machine
	reload func(cancelWanted, parked bool, chokes, doubts int) outbox.Machine
}

// history plays one seed through and says which promise was broken, if any.
func history(seed uint64, bug seededBug) (broken string, faults int) {
	w := newWorld(seed, bug.rules)
	d := &driver{w: w, hear: outbox.Machine.Hear, reload: outbox.Reload, bugs: bug.bugs}
	if bug.hear != nil {
		d.hear = bug.hear
	}
	if bug.reload != nil {
		d.reload = bug.reload
	}
	posted := 0
	for range 30 + w.rnd.IntN(40)*w.rnd.IntN(5) {
		d.chaos(&posted)
		if w.bug != "" {
			return w.bug, w.faults
		}
	}
	d.heal(posted)
	w.settle()
	return w.bug, w.faults
}

// chaos is one thing that happens while everything may go wrong.
func (d *driver) chaos(posted *int) {
	w := d.w
	g, i := w.rnd.IntN(modelGateways), w.rnd.IntN(max(1, *posted))
	unanswered := *posted > 0 && w.told[i] == noRecord
	switch what := w.rnd.IntN(40); {
	case what < 5:
		if *posted < modelOps {
			d.accept(g, *posted, false)
			*posted++
		}
	case what < 25:
		d.step(g, d.someRunning(g, i))
	case what < 32:
		if w.rnd.IntN(w.slow) == 0 {
			w.order()
		}
	case what < 34:
		d.flush(g)
	case what < 36: // the till gives up, or a spending is late
		if unanswered {
			d.accept(g, i, true)
		}
	case what < 37: // the till posts the same again, here or at another gateway
		if unanswered {
			d.accept(g, i, false)
		}
	case what == 37:
		d.promise(g, i)
	case what == 38:
		w.closed = w.rnd.IntN(1<<modelOps) & w.rnd.IntN(1<<modelOps)
	default:
		if w.chance(powerCut) {
			d.crash(g)
		} else if w.rnd.IntN(16) == 0 {
			w.faults++
			w.gateway[g] = gateway{} // its disk is lost
		}
	}
}

// someRunning is the first operation from i on that is being pursued.
func (d *driver) someRunning(g, i int) int {
	for range modelOps {
		if d.w.gateway[g].running[i] {
			return i
		}
		i = (i + 1) % modelOps
	}
	return i
}

// heal ends all faults, lets tills post again what they have heard nothing of, and runs until all is
// at rest.
func (d *driver) heal(posted int) {
	w := d.w
	w.calm, w.closed = true, 0
	for i := range posted {
		if w.told[i] == noRecord && !w.gateway[0].promised[i] && !w.gateway[1].promised[i] {
			d.accept(i%modelGateways, i, false)
		}
	}
	for range 200 {
		busy := len(w.sent) > 0
		for len(w.sent) > 0 {
			w.order()
		}
		for g := range modelGateways {
			for i := range modelOps {
				if !w.gateway[g].running[i] {
					continue
				}
				busy = true
				if w.gateway[g].machine[i].Parked {
					d.signal(g, i, outbox.Released)
				}
				d.step(g, i)
			}
			d.flush(g)
		}
		if !busy {
			return
		}
	}
}

// histories plays n seeds on all processors and answers with the first broken promise.
func histories(t *testing.T, n int, bug seededBug) (broken string, faults int64) {
	t.Helper()
	var next, faulty atomic.Int64
	var first atomic.Pointer[string]
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for first.Load() == nil {
				seed := next.Add(1) - 1
				if seed >= int64(n) {
					return
				}
				what, faults := history(uint64(seed), bug)
				faulty.Add(int64(faults))
				if what != "" {
					text := fmt.Sprintf("seed %d: %s", seed, what)
					first.CompareAndSwap(nil, &text)
				}
			}
		})
	}
	wg.Wait()
	if text := first.Load(); text != nil {
		return *text, faulty.Load()
	}
	return "", faulty.Load()
}

func TestNoHistoryBreaksAPromise(t *testing.T) {
	n := *modelHistories
	if testing.Short() || raceEnabled {
		n = min(n, 10_000)
	}
	broken, faults := histories(t, n, seededBug{})
	if broken != "" {
		t.Fatal(broken)
	}
	t.Logf("%d histories, %d faults", n, faults)
}

func TestSeededBugsAreCaught(t *testing.T) {
	forget := func(change func(before, after outbox.Machine, s outbox.Signal) outbox.Machine) func(outbox.Machine, outbox.Signal) outbox.Machine {
		return func(m outbox.Machine, s outbox.Signal) outbox.Machine { return change(m, m.Hear(s), s) }
	}
	for _, bug := range []seededBug{
		{name: "the chaincode keeps no record", rules: worldRules{noRecords: true}},
		{name: "accepted before it is durable", bugs: driverBugs{ackBeforeDisk: true}},
		{name: "sent before it is durable", bugs: driverBugs{sendBeforeKeep: true}},
		{name: "endorsed is taken for committed", bugs: driverBugs{trustEndorsers: true}},
		{name: "what chokes is dropped", bugs: driverBugs{dropParked: true}},
		{name: "cancelled without a tombstone", bugs: driverBugs{naiveCancel: true}},
		{name: "late is taken for refused", bugs: driverBugs{naiveTimeout: true}},
		{name: "withdrawn from the table and not from its transactions", bugs: driverBugs{leaveBehind: true}},
		{name: "withdrawn in spite of a promise", hear: forget(func(_, after outbox.Machine, _ outbox.Signal) outbox.Machine {
			after.Promised = false
			return after
		})},
		{name: "doubts are forgotten by a restart", reload: func(c, p bool, n, _ int) outbox.Machine { return outbox.Reload(c, p, n, 0) }},
		{name: "a lost proposal leaves no doubt", hear: forget(func(before, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.Lost {
				after.Doubts = before.Doubts
			}
			return after
		})},
		{name: "a definite failure clears older doubts", hear: forget(func(_, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.NotSent {
				after.Doubts = 0
			}
			return after
		})},
		{name: "one dead transaction clears all doubts", hear: forget(func(_, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.Dead {
				after.Doubts = 0
			}
			return after
		})},
		{name: "given up in doubt", hear: forget(func(_, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.GivenUp && after.Verdict == outbox.Undecided {
				after.Verdict = outbox.Withdrawn
			}
			return after
		})},
		{name: "absent so far is taken for never", hear: forget(func(_, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.Absent && after.Rung >= 3 {
				after.Verdict = outbox.Withdrawn
			}
			return after
		})},
		{name: "a cancellation is forgotten", hear: forget(func(before, after outbox.Machine, s outbox.Signal) outbox.Machine {
			if s == outbox.CancelWanted {
				return before
			}
			return after
		})},
	} {
		t.Run(bug.name, func(t *testing.T) {
			broken, _ := histories(t, 100_000, bug)
			if broken == "" {
				t.Error("no history found it")
			}
			t.Log(broken)
		})
	}
}
