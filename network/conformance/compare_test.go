package conformance_test

import (
	"os"
	"testing"
)

// compare tells where two networks have parted: in what was observed, in what endorsers signed, in what the blocks hold.
func compare(t *testing.T, fabric, devnet *tape) {
	t.Helper()
	differ(t, "observed", fabric.observed, devnet.observed)
	differ(t, "answers", fabric.answers, devnet.answers)
	differ(t, "blocks", fabric.blocks, devnet.blocks)
	if len(fabric.endorsed) != len(devnet.endorsed) {
		t.Fatalf("Fabric endorsed %d transactions, the devnet %d", len(fabric.endorsed), len(devnet.endorsed))
	}
	for i, here := range fabric.endorsed {
		if there := devnet.endorsed[i]; here.signed != there.signed {
			t.Errorf("%s: what was endorsed differs\nFabric: %s\ndevnet: %s", here.step, here.text, there.text)
		}
	}
}

func differ(t *testing.T, what string, fabric, devnet []string) {
	t.Helper()
	if len(fabric) != len(devnet) {
		t.Errorf("%s: %d on Fabric, %d on the devnet", what, len(fabric), len(devnet))
	}
	for i := range min(len(fabric), len(devnet)) {
		if fabric[i] != devnet[i] {
			t.Errorf("%s differ\nFabric: %s\ndevnet: %s", what, fabric[i], devnet[i])
		}
	}
}

// keep is a folder that outlives its test: TestFabric goes on with the keys of TestDevnet.
func keep(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		t.Fatal(err)
	}
	folders = append(folders, dir)
	return dir
}

// folders are removed when all tests have ended.
var folders []string
