//go:build unix

package audit_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"

	"path/filepath"
)

// BenchmarkAudit audits a ledger of batches of 100 on one core: every check included, signatures too.
// It reports operations per second.
func BenchmarkAudit(b *testing.B) {
	m := openMarket(b, honest)
	const members, batches, size = 500, 60, 100
	ids := make([]loyalty.MemberID, members)
	var enrolments []loyalty.Command
	for i := range ids {
		ids[i] = loyalty.MemberID(hexID())
		enrolments = append(enrolments, loyalty.Command{Kind: loyalty.KindEnrol, Member: ids[i]})
	}
	m.apply(korenaar, enrolments, make([]loyalty.Details, members))
	for n := range batches {
		var commands []loyalty.Command
		details := make([]loyalty.Details, size)
		for i := range size {
			member := ids[(n*size+i)%members]
			if i%5 == 4 {
				commands = append(commands, loyalty.Command{Kind: loyalty.KindRedeem, Member: member, Points: 1})
				continue
			}
			commands = append(commands, loyalty.Command{Kind: loyalty.KindEarn, Member: member, Receipt: loyalty.ReceiptID(hexID())})
			details[i].Basket = basketOf(5_000, time.Now(), 0)
		}
		m.apply([]loyalty.MSPID{korenaar, duinmarkt, lindeboom}[n%3], commands, details)
	}
	blocks, err := chain.Collect(chain.BlockFiles(filepath.Join(m.ledger(korenaar), "ledgersData", "chains", "chains", api.Channel)))
	must(b, err)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.ReportAllocs()
	operations, before := 0, processorTime(b)
	for b.Loop() {
		r := auditOf(b, chain.Blocks(blocks), nil)
		if !r.Clean {
			b.Fatal(r.Findings[0])
		}
		operations += r.Counts.Operations
	}
	b.ReportMetric(float64(operations)/b.Elapsed().Seconds(), "operations/s")
	b.ReportMetric(float64(operations)/(processorTime(b)-before).Seconds(), "operations/cpu-s")
}

// processorTime is what the process has used so far: on a machine that is shared, the clock on the
// wall says little.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
