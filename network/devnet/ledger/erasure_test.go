package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// Large values fill several private files; a purge rewrites those that hold the key and no other.
func TestPurgeAcrossFilesKeepsTheNeighbours(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	for i := range 6 {
		c.run(fmt.Sprint("t", i), func(s *ledger.Simulator) error {
			if err := s.PutPrivate("cc", "ours", fmt.Sprint("neighbour", i), []byte(strings.Repeat("n", 1<<20)+fmt.Sprint(i))); err != nil {
				return err
			}
			return s.PutPrivate("cc", "ours", "person", []byte(fmt.Sprintf("person-value-%d-%s", i, strings.Repeat("p", 1<<20))))
		})
	}
	if got := leaks(t, dir, "person-value"); len(got) < 2 {
		t.Fatalf("the values are in %v, want several files", got)
	}
	c.run("purge", purge("ours", "person"))
	if got := leaks(t, dir, "person-value"); got != nil {
		t.Fatalf("the value is still in %v", got)
	}
	before := c.Snapshot()
	c = c.reopen(dir, options())
	same(t, "private state", before.PrivateDigest(), c.Snapshot().PrivateDigest())
	if got := c.readPrivate("ours", "neighbour3"); !strings.HasSuffix(got, "n3") {
		t.Fatalf("the neighbour reads %d bytes", len(got))
	}
}

func TestPurgeShrinksTheTransientStoreToo(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.endorse("waits", hide("ours", "other", "still-waiting"))
	put := c.endorse("put", hide("ours", "person", "person-value"))
	for _, id := range []string{"waits", "put"} {
		if err := c.StorePrivate(id, c.Height(), c.private[id]); err != nil {
			t.Fatal(err)
		}
	}
	c.expect(c.commit(put), valid)
	c.run("purge", purge("ours", "person"))
	if got := leaks(t, dir, "person-value"); got != nil {
		t.Fatalf("the value is still in %v", got)
	}
	if got := leaks(t, dir, "still-waiting"); fmt.Sprint(got) != "[transient]" {
		t.Fatalf("what waits is in %v", got)
	}
}

func TestExpiredDataLeavesTheDiskOfARunningPeer(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.run("one", hide("brief", "k", "brief-value"))
	for n := c.Height(); n <= 100; n++ {
		c.put(fmt.Sprint("t", n), "x", fmt.Sprint(n))
	}
	if got := leaks(t, dir, "brief-value"); got != nil {
		t.Fatalf("the value is still in %v", got)
	}
}
