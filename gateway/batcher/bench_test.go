package batcher_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/batcher"
)

// BenchmarkDo measures the batcher itself: a ledger that takes 10 ms for whatever it is given, and
// many callers on many keys. What more than one caller gets beyond 200 operations/s is group commit.
func BenchmarkDo(b *testing.B) {
	for _, callers := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			queue, err := batcher.New(batcher.Config[int, int]{
				Flush: func(_ context.Context, ops []int) ([]int, error) {
					time.Sleep(10 * time.Millisecond)
					return ops, nil
				},
				Classify: classify,
			})
			if err != nil {
				b.Fatal(err)
			}
			var next atomic.Int64
			b.SetParallelism(callers / 2)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					number := int(next.Add(1))
					key := fmt.Sprint("m", number%100_000)
					if _, err := queue.Do(context.Background(), batcher.Item[int]{Keys: []string{key}, Size: 300, Op: number}); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}
