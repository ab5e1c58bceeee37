package native_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"

	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/native"
)

func TestAnUpgradeStopsNobodysWork(t *testing.T) {
	needFabric(t)
	o := options(t, t.TempDir(), sample(t))
	n := mustUp(t, o)
	next := o
	next.Consortium.Chaincode.Version, next.Consortium.Chaincode.Sequence = "1.1.0", 2

	var done atomic.Bool
	var commits, retries int
	var worst time.Duration
	var all sync.WaitGroup
	all.Go(func() {
		pos := contract(t, n, "Korenaar", "pos")
		for !done.Load() {
			begun := time.Now()
			for !put(t, pos) {
				retries++
			}
			commits++
			worst = max(worst, time.Since(begun))
		}
	})
	err := native.Upgrade(t.Context(), next)
	done.Store(true)
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d transactions meanwhile, %d repeated, the slowest took %v", commits, retries, worst)
	if commits == 0 || worst > 5*time.Second {
		t.Errorf("%d transactions meanwhile, the slowest took %v", commits, worst)
	}

	s := mustExamine(t, o.Dir)
	old := slices.ContainsFunc(s.Processes, func(p native.Process) bool { return strings.Contains(p.Name, "-blue.") })
	if !s.Ready() || len(s.Processes) != 9 || old {
		t.Errorf("after the upgrade: %+v", s)
	}
	if err := native.Upgrade(t.Context(), next); err == nil || !strings.Contains(err.Error(), "the next is 3") {
		t.Errorf("the same upgrade again: %v", err)
	}
	if err := n.Down(); err != nil {
		t.Fatal(err)
	}
	if _, err := native.Up(t.Context(), o); !errors.Is(err, assembly.ErrNewerCommitted) {
		t.Errorf("the old description again: %v", err)
	}
	mustUp(t, next)
}

// put writes once; a transaction that the upgrade invalidated or that two definitions endorsed is to be
// repeated, everything else is an error.
func put(t *testing.T, pos *client.Contract) bool {
	_, err := pos.SubmitTransaction("Put", "member", "12 points")
	var commit *client.CommitError
	var endorse *client.EndorseError
	switch {
	case err == nil:
		return true
	case errors.As(err, &commit) && commit.Code.String() == "MVCC_READ_CONFLICT", errors.As(err, &endorse):
		return false
	default:
		t.Errorf("a transaction during the upgrade: %v", err)
		return true
	}
}
