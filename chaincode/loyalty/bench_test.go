package loyalty_test

import (
	"fmt"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// bench applies commands to one member who has twelve lots of each of three chains.
type bench struct {
	*replay
	now    loyalty.Instant
	member loyalty.MemberID
	salt   string
	n      int
}

func newBench(b *testing.B) *bench {
	r := newReplay(b)
	x := &bench{replay: r, now: instant(b, "2026-01-05T10:00"), member: loyalty.MemberID(id("anna")), salt: id("salt")}
	r.apply(r.chains[0], x.now, loyalty.Command{Kind: loyalty.KindEnrol, Member: x.member}, loyalty.Details{})
	for month := range 12 {
		x.now = instant(b, fmt.Sprintf("2026-%02d-05T10:00", month+1))
		for _, chain := range r.chains {
			x.earn(b, chain, 1_000_000_000)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	return x
}

// next is a command of the next operation and receipt, without the cost of hashing names.
func (x *bench) next(kind loyalty.Kind) loyalty.Command {
	x.n++
	name := fmt.Sprintf("%032x", x.n)
	return loyalty.Command{Kind: kind, Op: loyalty.OpID(name), Print: loyalty.Fingerprint(name), Receipt: loyalty.ReceiptID(name)}
}

func (x *bench) do(b *testing.B, chain loyalty.MSPID, cmd loyalty.Command, d loyalty.Details) loyalty.Outcome {
	out, err := loyalty.Apply(x.ledger, loyalty.Env{Caller: loyalty.Caller{MSP: chain, Role: loyalty.RolePOS}, Now: x.now}, cmd, d)
	if err != nil || out.Status != loyalty.StatusApplied {
		b.Fatalf("%s: %+v %v", cmd.Kind, out, err)
	}
	return out
}

func (x *bench) earn(b *testing.B, chain loyalty.MSPID, total int64) loyalty.ReceiptID {
	cmd := x.next(loyalty.KindEarn)
	cmd.Member = x.member
	x.do(b, chain, cmd, loyalty.Details{Basket: &loyalty.Basket{
		Salt: x.salt, Currency: "GBP", Total: total, Store: "1", Terminal: "1", Receipt: "1", At: x.now,
	}})
	return cmd.Receipt
}

func BenchmarkEarn(b *testing.B) {
	x := newBench(b)
	for b.Loop() {
		x.earn(b, x.chains[0], 12345)
	}
}

func BenchmarkHoldAndCapture(b *testing.B) {
	x := newBench(b)
	for b.Loop() {
		hold := x.next(loyalty.KindHold)
		hold.Member, hold.Points, hold.Receipt = x.member, 10, ""
		x.do(b, x.chains[1], hold, loyalty.Details{})
		capture := x.next(loyalty.KindCapture)
		capture.Hold, capture.Receipt = loyalty.NewHoldID(x.member, hold.Op), ""
		x.do(b, x.chains[1], capture, loyalty.Details{})
	}
}

func BenchmarkReturn(b *testing.B) {
	x := newBench(b)
	chain := x.chains[2]
	for b.Loop() {
		b.StopTimer()
		sale := x.earn(b, chain, 12345)
		cmd := x.next(loyalty.KindReturn)
		cmd.Member, cmd.Sale = x.member, sale
		taken := &loyalty.Taken{Opening: x.ledger.Opening(chain, sale), Amount: 4000, At: x.now}
		b.StartTimer()
		x.do(b, chain, cmd, loyalty.Details{Return: taken})
	}
}
