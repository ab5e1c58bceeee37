package contract_test

import (
	"fmt"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// BenchmarkApply measures what one endorser's chaincode spends on a batch of earns of as many
// members, each with ten lines: decoding, rules, encoding and the stub, without the peer.
func BenchmarkApply(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("%d earns", size), func(b *testing.B) {
			n := newConsortium(b)
			commands := make([]loyalty.Command, size)
			details := make([]loyalty.Details, size)
			for i := range size {
				member := loyalty.MemberID(hex32(1000 + i))
				n.enrol(till, member)
				n.earn(till, member, 2000+i, 5000)
				commands[i], details[i] = earnOf(member, 4000+i, 5000)
				details[i].Basket.Lines = make([]loyalty.Line, 10)
				for line := range details[i].Basket.Lines {
					details[i].Basket.Lines[line] = loyalty.Line{SKU: fmt.Sprintf("sku-%d", line), Category: "dairy", Quantity: 1, Amount: 500}
				}
			}
			p := batchOf(b, till, commands, details)
			b.ReportAllocs()
			for b.Loop() {
				s, response := n.simulate(p, korenaar)
				if response.GetStatus() != 200 || len(s.writes) != 3*size {
					b.Fatalf("%d writes, %.300s", len(s.writes), response)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/earn")
		})
	}
}
