package outbox_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
)

var powerCuts = flag.Int("cuts", 300, "how often the power fails")

var platters atomic.Int64

// spin opens a store on a platter, as production does but for the driver.
func spin(t *testing.T, p *platter, change func(pragma string) string) (*outbox.Store, func(), error) {
	t.Helper()
	name := fmt.Sprint("platter", platters.Add(1))
	vfs.Register(name, p)
	query := url.Values{"vfs": {name}}
	for _, pragma := range outbox.Pragmas()["_pragma"] {
		query.Add("_pragma", change(pragma))
	}
	limits := outbox.Limits{FreeDisk: -1, Group: 8, Kept: 10}
	store, err := outbox.OpenAny("sqlite3", "file:outbox.db?"+query.Encode(), "", testKey, limits)
	return store, func() { vfs.Unregister(name) }, err
}

// promises is what callers have been told is on disk.
type promises struct {
	mu        sync.Mutex
	there     map[int]bool // put, and nothing else asked for since
	gone      map[int]bool // withdrawn
	cancelled map[int]bool
	kept      map[string]bool
	unsure    map[int]bool // a write of it has failed, or was lazy: it may be either
}

func newPromises() *promises {
	return &promises{
		there: map[int]bool{}, gone: map[int]bool{}, cancelled: map[int]bool{}, kept: map[string]bool{}, unsure: map[int]bool{},
	}
}

// burden writes to a store until the power fails.
func burden(store *outbox.Store, rnd *rand.Rand, told *promises) {
	next := 0
	for {
		wave := 1 + rnd.IntN(12)
		choices := make([]int, wave)
		for i := range choices {
			choices[i] = rnd.IntN(10)
		}
		var failed atomic.Bool
		var wg sync.WaitGroup
		for i, choice := range choices {
			n := next + i
			wg.Go(func() {
				if told.one(store, n, choice) != nil {
					failed.Store(true)
				}
			})
		}
		wg.Wait()
		next += wave
		if failed.Load() || next > 2000 {
			return
		}
	}
}

// one is the life of an operation, as far as choice says.
func (p *promises) one(store *outbox.Store, n, choice int) error {
	e := earnEntry(n)
	if _, err := store.Put(e); err != nil {
		p.note(func() { p.unsure[n] = true })
		return err
	}
	p.note(func() { p.there[n] = true })
	switch {
	case choice == 0:
		p.note(func() { p.unsure[n] = true })
		if err := store.Withdraw(*e, nil); err != nil {
			return err
		}
		p.note(func() { p.gone[n] = true; delete(p.unsure, n) })
	case choice == 1:
		if err := store.Cancel(*e); err != nil {
			return err
		}
		p.note(func() { p.cancelled[n] = true })
	case choice == 2:
		tx := fmt.Sprint("tx", n)
		if err := store.Keep(outbox.Envelope{TxID: tx, Role: "pos", Ops: []loyalty.OpID{e.Op}, Bytes: make([]byte, 3000)}); err != nil {
			return err
		}
		p.note(func() { p.kept[tx] = true })
	case choice < 5:
		p.note(func() { p.unsure[n] = true })
		e.Decision = &outbox.Decision{Outcome: outcome(n, loyalty.StatusApplied)}
		store.Mark(*e)
	}
	return nil
}

func (p *promises) note(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
}

// check holds what is on disk against what was promised.
func (p *promises) check(store *outbox.Store) error {
	if err := store.Err(); err != nil {
		return err
	}
	for n := range p.there {
		e, found, err := store.Find(opID(n))
		switch {
		case err != nil:
			return err
		case p.gone[n]:
			if found {
				return fmt.Errorf("operation %d was withdrawn and is back", n)
			}
		case p.unsure[n]:
		case !found:
			return fmt.Errorf("operation %d was durable and is gone", n)
		case p.cancelled[n] && !e.CancelWanted:
			return fmt.Errorf("the cancellation of operation %d is gone", n)
		case e.Fault != nil || !reflect.DeepEqual(*e.Intent, earnIntent(n)):
			return fmt.Errorf("operation %d is not what was written: %v", n, e.Fault)
		}
	}
	for tx := range p.kept {
		if e, found, err := store.Envelope(tx); err != nil || !found || len(e.Bytes) != 3000 {
			return fmt.Errorf("transaction %s was durable and is gone: %v", tx, err)
		}
	}
	return nil
}

// cutPower lets the power fail once and says what was lost.
func cutPower(t *testing.T, seed uint64, change func(string) string) (acknowledged int, lost error) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 2))
	p := newPlatter(seed, 40+rnd.IntN(1200))
	told := newPromises()
	store, unregister, err := spin(t, p, change)
	if err == nil {
		burden(store, rnd, told)
		_ = store.Close()
	}
	unregister()
	store, unregister, err = spin(t, p.restart(), change)
	if err != nil {
		return len(told.there), fmt.Errorf("it does not open: %w", err)
	}
	defer unregister()
	lost = told.check(store)
	_ = store.Close()
	return len(told.there), lost
}

func unchanged(pragma string) string { return pragma }

func TestPowerCutsLoseNothingThatWasAcknowledged(t *testing.T) {
	cuts := *powerCuts
	if testing.Short() || raceEnabled {
		cuts = min(cuts, 20)
	}
	total := 0
	for seed := range uint64(cuts) {
		acknowledged, lost := cutPower(t, seed, unchanged)
		if lost != nil {
			t.Fatalf("seed %d: %v", seed, lost)
		}
		total += acknowledged
	}
	t.Logf("%d power cuts, %d operations acknowledged, none lost", cuts, total)
}

func TestThePowerTestWouldNotice(t *testing.T) {
	for seed := range uint64(200) {
		_, lost := cutPower(t, seed, func(pragma string) string {
			return strings.Replace(pragma, "synchronous(FULL)", "synchronous(NORMAL)", 1)
		})
		if lost != nil {
			t.Logf("seed %d: %v", seed, lost)
			return
		}
	}
	t.Error("commits without an fsync lost nothing")
}
