package projection_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
)

func TestBalancesAreTheSumOfTheEntries(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	for member, want := range map[loyalty.MemberID]loyalty.Points{
		ada:  100 - 40 + 15 - 10 - 60 - 20 + 5 + 50,
		bob:  30 + 10 - 7,
		"ff": 0,
	} {
		if got, err := p.Balance(context.Background(), member); err != nil || got != want {
			t.Errorf("%s has %d, want %d; %v", member, got, want, err)
		}
	}
}

func TestOperationsAreFoundWhereTheyWereNew(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	for _, c := range []struct {
		chain loyalty.MSPID
		op    loyalty.OpID
		tx    string
		block uint64
	}{
		{"KorenaarMSP", move(1, "").Op, "t1", 1},
		{"DuinmarktMSP", move(5, "").Op, "t6", 3},
		{"DuinmarktMSP", move(1, "").Op, "", 0}, // another chain's operation
		{"DuinmarktMSP", move(3, "").Op, "", 0}, // its transaction was invalid
	} {
		tx, block, found, err := p.Operation(context.Background(), c.chain, c.op)
		if err != nil || tx != c.tx || block != c.block || found != (c.tx != "") {
			t.Errorf("%s of %s: %q in %d, %v, %v", c.op, c.chain, tx, block, found, err)
		}
	}
}

// TestAnyDeliveryGivesTheSameTable: blocks come in any order, any number of times, in any groups;
// what does not fit is refused; in the end everything comes once more in order.
func TestAnyDeliveryGivesTheSameTable(t *testing.T) {
	blocks, want := life(), mustOpen(t)
	mustApply(t, want, blocks...)
	table := mustDump(t, want)
	p := mustOpen(t)
	rapid.Check(t, func(r *rapid.T) {
		if err := p.Rebuild(context.Background()); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(0, 12).Draw(r, "deliveries") {
			group := rapid.SliceOfN(rapid.SampledFrom(blocks), 1, 4).Draw(r, "group")
			if _, err := p.Apply(context.Background(), group...); err != nil && !errors.Is(err, projection.ErrGap) {
				r.Fatal(err)
			}
		}
		mustApply(t, p, blocks...)
		if got := mustDump(t, p); got != table {
			r.Fatalf("another table:\n%s\nwant:\n%s", got, table)
		}
	})
}

// TestAFailureAnywhereLeavesWholeBlocks makes the n-th row of any table fail, for every n: what is
// left is always a state between two blocks, and going on from there gives the same table.
func TestAFailureAnywhereLeavesWholeBlocks(t *testing.T) {
	ctx, blocks, whole := context.Background(), life(), mustOpen(t)
	states := map[string]bool{mustDump(t, whole): true}
	for _, b := range blocks {
		mustApply(t, whole, b)
		states[mustDump(t, whole)] = true
	}
	for _, place := range []string{
		"INSERT ON entry WHEN NEW.block = 1", "INSERT ON entry WHEN NEW.reason = 'released'", "INSERT ON entry WHEN NEW.posting = 2",
		"INSERT ON operation WHEN NEW.txid = 't6'", "INSERT ON entry WHEN NEW.reason = 'expired'", "UPDATE ON progress WHEN NEW.next = 4",
	} {
		t.Run(place, func(t *testing.T) {
			p := mustOpen(t)
			if err := p.Exec("CREATE TRIGGER broken BEFORE " + place + " BEGIN SELECT RAISE(ABORT, 'cut'); END"); err != nil {
				t.Fatal(err)
			}
			failed := false
			for _, b := range blocks {
				if _, err := p.Apply(ctx, b); err != nil {
					failed = true
				}
				if !states[mustDump(t, p)] {
					t.Fatalf("part of a block is left:\n%s", mustDump(t, p))
				}
			}
			if !failed {
				t.Fatal("nothing failed")
			}
			if err := p.Exec("DROP TRIGGER broken"); err != nil {
				t.Fatal(err)
			}
			mustApply(t, p, blocks...)
			if mustDump(t, p) != mustDump(t, whole) {
				t.Error("going on gave another table")
			}
		})
	}
}

func TestCancelledApplyChangesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := mustOpen(t)
	before := mustDump(t, p)
	if _, err := p.Apply(ctx, life()...); err == nil || mustDump(t, p) != before {
		t.Errorf("got %v", err)
	}
}

func TestRebuiltTableIsTheSame(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	before := mustDump(t, p)
	if err := p.Rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	if h, err := p.Height(context.Background()); err != nil || h != 0 {
		t.Errorf("height %d, %v", h, err)
	}
	mustApply(t, p, life()...)
	if mustDump(t, p) != before {
		t.Error("the table differs")
	}
}

func TestTamperedBlocksAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(*common.Block)
		want   error
	}{
		"an envelope altered":       {func(b *common.Block) { b.Data.Data[0][10] ^= 1 }, projection.ErrBroken},
		"an envelope left out":      {func(b *common.Block) { b.Data.Data = b.Data.Data[1:] }, projection.ErrBroken},
		"an envelope added":         {func(b *common.Block) { b.Data.Data = append(b.Data.Data, b.Data.Data[0]) }, projection.ErrBroken},
		"two envelopes exchanged":   {func(b *common.Block) { slices.Reverse(b.Data.Data) }, projection.ErrBroken},
		"another block before it":   {func(b *common.Block) { b.Header.PreviousHash[0] ^= 1 }, projection.ErrForked},
		"nothing before it":         {func(b *common.Block) { b.Header.PreviousHash = nil }, projection.ErrForked},
		"a later number":            {func(b *common.Block) { b.Header.Number++ }, projection.ErrGap},
		"an earlier number":         {func(b *common.Block) { b.Header.Number-- }, projection.ErrForked},
		"an impossible number":      {func(b *common.Block) { b.Header.Number = 1 << 63 }, projection.ErrBroken},
		"no header":                 {func(b *common.Block) { b.Header = nil }, projection.ErrBroken},
		"no data":                   {func(b *common.Block) { b.Data = nil }, projection.ErrBroken},
		"no metadata":               {func(b *common.Block) { b.Metadata = nil }, projection.ErrBroken},
		"a validation code too few": {func(b *common.Block) { b.Metadata.Metadata[2] = b.Metadata.Metadata[2][1:] }, projection.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			blocks, p := life(), mustOpen(t)
			mustApply(t, p, blocks[:3]...)
			before := mustDump(t, p)
			bad := proto.Clone(blocks[3]).(*common.Block)
			c.tamper(bad)
			if _, err := p.Apply(context.Background(), bad); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if mustDump(t, p) != before {
				t.Error("something of it was taken")
			}
			mustApply(t, p, blocks...)
		})
	}
}

func TestWhatANewerChaincodeAddsIsPassedOver(t *testing.T) {
	p, blocks := mustOpen(t), ledger(nil, []tx{{id: "x", payload: []byte(`{"v":1,"outcomes":[{"op":"1","mood":"good"}],"more":1}`)}})
	if next, err := p.Apply(context.Background(), blocks...); err != nil || next != uint64(len(blocks)) {
		t.Errorf("next %d, %v", next, err)
	}
}

func TestAValidTransactionThatCannotBeReadStopsTheProjection(t *testing.T) {
	for name, payload := range map[string]string{
		"no JSON": "{", "another version": `{"v":2,"outcomes":[]}`, "a float": `{"v":1,"outcomes":[{"points":1.5}]}`,
		"an unknown reason": `{"v":1,"outcomes":[{"postings":[{"reason":"conjured","points":1}]}]}`,
		"points below zero": `{"v":1,"outcomes":[{"postings":[{"reason":"earned","points":-1}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			p, blocks := mustOpen(t), ledger(nil, []tx{{id: "x", payload: []byte(payload)}})
			next, err := p.Apply(context.Background(), blocks...)
			if !errors.Is(err, projection.ErrBroken) || next != 2 {
				t.Errorf("next %d, %v", next, err)
			}
		})
	}
}
