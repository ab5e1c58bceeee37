package conformance_test

import (
	"path/filepath"
	"testing"
)

// corpus is every case, by area. The order matters in one place: what comes after the upgrade runs on the second
// definition.
var corpus = []area{
	{"transactions", transactionCases},
	{"scans", scanCases},
	{"conflicts", conflictCases},
	{"private data", privateCases},
	{"endorsement", endorsementCases},
	{"identities", identityCases},
	{"refusals", refusalCases},
	{"streams", streamCases},
	{"queries", queryCases},
	{"ordering", orderingCases},
	{"upgrade", upgradeCases},
}

// baseHeight is where both chains begin to be alike; deploying takes fewer blocks.
const baseHeight = 16

// record is what the whole corpus left on one network, by area and case.
type record map[string]*tape

// runCorpus runs every case on a network. played is the record of the network before, if there was one.
func runCorpus(t *testing.T, b backend, played record) record {
	w := enter(t, b)
	w.prime(t, baseHeight)
	made := record{}
	index := 0
	for _, a := range corpus {
		t.Run(a.name, func(t *testing.T) {
			for _, c := range a.cases {
				index++
				name := a.name + ": " + c.Name
				t.Run(c.Name, func(t *testing.T) { made[name] = w.run(t, index, c, played[name]) })
			}
		})
	}
	t.Run("the chain hangs together", w.checkChain)
	return made
}

// onDevnet is the devnet's record once it has run.
var onDevnet struct {
	record   record
	material string
}

func TestDevnet(t *testing.T) {
	root := keep(t)
	b := startDevnet(t, root)
	onDevnet.record, onDevnet.material = runCorpus(t, b, nil), b.material
}

// TestFabric runs the corpus on real peers and an orderer, and then compares what the two networks did with the same
// proposals.
func TestFabric(t *testing.T) {
	if err := fabricHere(); err != nil {
		if *needFabric {
			t.Fatalf("real Fabric is asked for: %v", err)
		}
		t.Skipf("real Fabric is not tested here: %v", err)
	}
	if onDevnet.record == nil {
		t.Run("devnet first", TestDevnet)
	}
	b := startFabric(t, filepath.Join(keep(t), "fabric"), onDevnet.material)
	fabric := runCorpus(t, b, onDevnet.record)
	t.Run("the devnet did the same", func(t *testing.T) {
		for name, here := range fabric {
			if there := onDevnet.record[name]; there != nil {
				t.Run(name, func(t *testing.T) { compare(t, here, there) })
			}
		}
	})
}
