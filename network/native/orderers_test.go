package native_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/network"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/native"
)

func TestThreeOrderersGoOnWithoutTheirLeader(t *testing.T) {
	needFabric(t)
	text := strings.Replace(string(network.Sample), "orderers: {count: 1", "orderers: {count: 3", 1)
	c, err := consortium.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = native.FreePorts(c); err != nil {
		t.Fatal(err)
	}
	n := mustUp(t, options(t, t.TempDir(), c))
	leader := mustExamine(t, n.Layout.Root).Leader
	mustKill(t, n.Layout.Root, leader)
	pos := contract(t, n, "Korenaar", "pos")
	for deadline := time.Now().Add(30 * time.Second); ; {
		_, err := pos.SubmitTransaction("Put", "member", "12 points")
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("without %s: %v", leader, err)
		}
	}
	s := mustExamine(t, n.Layout.Root)
	if s.Leader == "" || s.Leader == leader {
		t.Errorf("%s led and was killed; now leads %q", leader, s.Leader)
	}
	if !strings.Contains(strings.Join(s.Missing, "\n"), leader) {
		t.Errorf("nobody misses %s: %v", leader, s.Missing)
	}
}
