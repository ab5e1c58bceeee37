package native_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/native"
)

// fourth is the sample with a fourth chain, on ports that are free.
func fourth(t *testing.T, c consortium.Consortium) consortium.Consortium {
	t.Helper()
	port := c.Organisations[0].Peers[0].Port + 500
	next, err := c.Admit(consortium.Newcomer{Name: "Boterbloem", MSPID: "BoterbloemMSP", Domain: "boterbloem.example", Port: port}, "1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestAFourthChainJoinsWhileTheOthersWork(t *testing.T) {
	needFabric(t)
	o := options(t, t.TempDir(), sample(t))
	n := mustUp(t, o)
	next := o
	next.Consortium = fourth(t, o.Consortium)

	var done atomic.Bool
	var commits int
	var all sync.WaitGroup
	all.Go(func() {
		pos := contract(t, n, "Korenaar", "pos")
		for !done.Load() {
			for !put(t, pos) {
			}
			commits++
		}
	})
	begun := time.Now()
	err := native.Extend(t.Context(), next)
	done.Store(true)
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a fourth chain after %v, %d transactions meanwhile", time.Since(begun).Round(10*time.Millisecond), commits)
	if commits == 0 {
		t.Error("nothing was committed meanwhile")
	}

	s := mustExamine(t, o.Dir)
	if !s.Ready() || len(s.Peers) != 5 || len(s.Processes) != 11 {
		t.Errorf("with a fourth chain: %+v", s)
	}
	n.Network.Consortium = next.Consortium
	t.Run("it reads what was written before it came", func(t *testing.T) {
		if got := evaluate(t, n, "Boterbloem", "agent", "Get", "member"); got != "12 points" {
			t.Errorf("the ledger says %q", got)
		}
	})
	t.Run("it has a collection of its own", func(t *testing.T) {
		pos := contract(t, n, "Boterbloem", "pos")
		alone := client.WithEndorsingOrganizations("BoterbloemMSP")
		if _, err := pos.Submit("PutPrivate", client.WithArguments("profiles-BoterbloemMSP", "someone"), alone); err != nil {
			t.Errorf("a profile, endorsed by its chain alone: %v", err)
		}
	})
	t.Run("it endorses for others", func(t *testing.T) {
		both := client.WithEndorsingOrganizations("KorenaarMSP", "BoterbloemMSP")
		if _, err := contract(t, n, "Korenaar", "pos").Submit("Put", client.WithArguments("member", "13 points"), both); err != nil {
			t.Error(err)
		}
	})
	t.Run("it is not admitted twice", func(t *testing.T) {
		if err := native.Extend(t.Context(), next); err == nil || !strings.Contains(err.Error(), "the next is 3") {
			t.Error(err)
		}
	})
}
