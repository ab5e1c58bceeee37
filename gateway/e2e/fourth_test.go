package e2e_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/importer"
	"github.com/zegel/zegel/gateway/journal"
	"github.com/zegel/zegel/gateway/teller"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/native"
)

// TestAFourthChainUnderLoad brings a chain into a consortium whose three others do not stop to
// trade: into the channel, by a new definition of the chaincode, and into the programme. Afterwards
// every account is what an independent fold says.
func TestAFourthChainUnderLoad(t *testing.T) {
	if !*onFabric {
		t.Skip("a network of its own is extended, on real Fabric: go test ./gateway/e2e -fabric")
	}
	dir := t.TempDir()
	network, fabric, err := upFabric(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustDo(t, network.Down()) })
	desks := dev.Options{
		Backend: "test", Consortium: fabric.Consortium, Crypto: network.Layout.Material(), Dir: filepath.Join(dir, "gateways"),
		FreePorts: true, Log: quiet(), Limits: limits(),
	}
	gateways, err := dev.Start(t.Context(), desks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustDo(t, gateways.Stop()) })

	three := *gateways.Directory
	trade := startTrade(t, &three)
	trade.await(t, 1)
	newcomer := extend(t, fabric, &desks)
	mustDo(t, desks.Admit(t.Context()))
	mustDo(t, gateways.Add(desks, newcomer))
	trade.await(t, trade.done()+2) // the second from now begins with the fourth chain there
	trade.stop()

	events := 0
	for i, r := range trade.rounds {
		compare(t, report(t, r.options, r.result), fold(r.options.Events))
		checkBalances(t, &three, r)
		again, err := importer.Run(t.Context(), r.options)
		if err != nil || again.Replayed != len(r.options.Events) {
			t.Fatalf("round %d again: %+v %v", i, again.Progress, err)
		}
		events += len(r.options.Events)
	}
	t.Logf("%d events in %d rounds of trade, none lost, none twice", events, len(trade.rounds))

	first, fourth := deskOf(t, gateways.Directory, 0), deskOf(t, gateways.Directory, 3)
	member := first.enrol()
	if earned := fourth.earn(member, sale(), 4_200); earned.Points != 42 {
		t.Fatalf("an earn of 42.00 at the fourth chain answered %+v", earned)
	}
	if left := first.post("/v1/redemptions", teller.RedeemRequest{Member: member, Points: 40}).answer(t); left.Balance != 2 {
		t.Fatalf("40 of 42 points spent at the first chain answered %+v", left)
	}
	if lots := fourth.account(member).Lots; len(lots) != 1 || lots[0].Issuer != newcomer.MSPID {
		t.Fatalf("the points that are left: %+v", lots)
	}
}

// extend brings Boterbloem into the network and into the description of the desks.
func extend(t *testing.T, options native.Options, desks *dev.Options) consortium.Organisation {
	t.Helper()
	newcomer := consortium.Newcomer{
		Name: "Boterbloem", MSPID: "BoterbloemMSP", Domain: "boterbloem.example",
		Port: options.Consortium.Organisations[0].Peers[0].Port + 500,
	}
	var err error
	if options.Consortium, err = options.Consortium.Admit(newcomer, "1.1.0"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	options.Progress = func(s native.Step) { t.Logf("%6.2fs  %s", s.Elapsed.Seconds(), s.Done) }
	if err := native.Extend(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	t.Logf("the fourth chain is on the channel after %s", time.Since(begun).Round(10*time.Millisecond))
	desks.Consortium = options.Consortium
	chain, err := options.Consortium.Organisation(newcomer.MSPID)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func deskOf(t *testing.T, d *directory.Directory, chain int) till {
	return till{t: t, chain: d.Chains[chain], key: d.Chains[chain].Keys.Till}
}

// trade is an endless series of imports, each a round of members of its own.
type trade struct {
	mu      sync.Mutex // guards rounds
	rounds  []round
	stopped atomic.Bool
	ended   chan struct{}
}

type round struct {
	options importer.Options
	result  importer.Result
}

// roundSales is how many sales a round has; returns and redemptions come on top.
const roundSales = 60

func startTrade(t *testing.T, chains *directory.Directory) *trade {
	tr := &trade{ended: make(chan struct{})}
	state := t.TempDir()
	go func() {
		defer close(tr.ended)
		for n := uint64(1); !tr.stopped.Load() && !t.Failed(); n++ {
			o := importInto(chains, roundOf(n), state)
			o.Concurrency = 16
			result, err := importer.Run(t.Context(), o)
			if err != nil || result.Refused != 0 || result.Done() != len(o.Events) {
				t.Errorf("round %d: %+v %v %v", n, result.Progress, result.Refusals, err)
			}
			tr.mu.Lock()
			tr.rounds = append(tr.rounds, round{o, result})
			tr.mu.Unlock()
		}
	}()
	return tr
}

func roundOf(n uint64) []journal.Event {
	events := journal.Generate(n, roundSales)
	for i := range events {
		events[i].Member = fmt.Sprintf("round%d-%s", n, events[i].Member)
		events[i].Store = fmt.Sprintf("r%d-%s", n, events[i].Store)
	}
	return events
}

// done is how many rounds have ended.
func (tr *trade) done() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.rounds)
}

// await returns when so many rounds have ended.
func (tr *trade) await(t *testing.T, rounds int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); tr.done() < rounds; time.Sleep(20 * time.Millisecond) {
		if t.Failed() || time.Now().After(deadline) {
			t.Fatalf("%d rounds of trade have ended, want %d", tr.done(), rounds)
		}
	}
}

// stop lets the last round end.
func (tr *trade) stop() {
	tr.stopped.Store(true)
	<-tr.ended
}

// checkBalances compares each member's balance with what he earned, less what he gave back and spent.
func checkBalances(t *testing.T, chains *directory.Directory, r round) {
	t.Helper()
	want := map[string]int64{}
	for _, line := range fold(r.options.Events) {
		want[line.Member] += line.Net
	}
	for _, e := range r.options.Events {
		if e.Kind == journal.Redeem {
			want[e.Member] -= e.Points
		}
	}
	desk := deskOf(t, chains, 0)
	for member, reference := range r.result.Members {
		if got := desk.account(reference).Balance; got != want[member] {
			t.Errorf("%s has %d points, want %d", member, got, want[member])
		}
	}
}
