package outbox_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/zegel/zegel/gateway/outbox"
)

// BenchmarkPut is what durability costs: callers that each wait for the disk, alone and together,
// with and without a shared fsync.
func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name    string
		callers int
		group   int
	}{
		{"1 caller", 1, 256},
		{"64 callers, one fsync each", 64, 1},
		{"64 callers, shared fsync", 64, 256},
		{"512 callers, shared fsync", 512, 256},
	} {
		b.Run(c.name, func(b *testing.B) {
			store := openStore(b, filepath.Join(b.TempDir(), "outbox.db"), outbox.Limits{FreeDisk: -1, Group: c.group})
			var next atomic.Int64
			b.SetParallelism(c.callers) // GOMAXPROCS times as many; near enough
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := store.Put(earnEntry(int(next.Add(1)))); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "put/s")
		})
	}
}
