package e2e_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/bench"
)

// TestTheBenchmarkMeasures runs a short closed and a short open loop: no operation may fail, and
// what was measured must be there to read. How fast it was is not tested.
func TestTheBenchmarkMeasures(t *testing.T) {
	o := bench.Options{Directory: world.Directory, Tills: 6, Members: 30, Duration: 2 * time.Second, Mix: bench.ShopMix, Seed: 1}
	for name, rate := range map[string]float64{"closed loop": 0, "open loop": 20} {
		o.Rate = rate
		result, err := bench.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if result.Writes.Count == 0 || result.All.Failed > 0 || result.Writes.P50 <= 0 {
			t.Errorf("%s: %+v", name, result)
		}
		var table bytes.Buffer
		if err := result.Print(&table); err != nil || !strings.Contains(table.String(), "earn") {
			t.Errorf("%s: the table is not readable: %v\n%s", name, err, &table)
		}
	}
	o.Tills = 0
	if _, err := bench.Run(t.Context(), o); err == nil {
		t.Error("a benchmark without tills is accepted")
	}
}
