package devnet_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zegel/zegel/network/devnet"
)

// BenchmarkSubmit measures whole transactions, two endorsements each, from proposal to commit status.
func BenchmarkSubmit(b *testing.B) {
	for _, place := range []string{"memory", "disk"} {
		for _, clients := range []int{1, 32} {
			b.Run(place+"/clients="+strconv.Itoa(clients), func(b *testing.B) {
				c := newConsortium(b, func(config *devnet.Config) {
					config.Orderer.MaxMessageCount = uint32(clients)
					config.Orderer.BatchTimeout = 1e7 // 10 ms
					if place == "disk" {
						config.DataDir = b.TempDir()
					}
				}).start()
				a := contract(c.as("AMSP"))
				var next atomic.Int64
				var running sync.WaitGroup
				b.ResetTimer()
				for range clients {
					running.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							if _, err := a.SubmitTransaction("add", "n"+strconv.FormatInt(i, 10), "1"); err != nil {
								b.Error(err)
							}
						}
					})
				}
				running.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
			})
		}
	}
}
