package ledger_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// Readers of every kind work while blocks are committed. Each simulation must see one height only: all
// keys of a block or none of them.
func TestReadersNeverSeeHalfABlock(t *testing.T) {
	c := open(t, t.TempDir(), options())
	c.put("seed", "a", "0", "b", "0")
	const blocks = 40
	var readers sync.WaitGroup
	failed := make(chan error, 8)
	for range 4 {
		readers.Go(func() {
			for c.Height() < blocks {
				if err := readBoth(c); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for n := c.Height(); n < blocks; n++ {
		value := fmt.Sprint(n)
		block := c.next(c.endorse("t"+value, writes("a", value, "b", value)), c.endorse("p"+value, hide("ours", "k", value)))
		if err := c.StorePrivate("p"+value, n, c.private["p"+value]); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Commit(block, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}

func readBoth(c *chain) error {
	s, err := c.Simulate("reader")
	if err != nil {
		return err
	}
	defer s.Close()
	both, err := s.GetStates("cc", []string{"a", "b"})
	if err != nil {
		return err
	}
	if string(both[0]) != string(both[1]) {
		return fmt.Errorf("read %q and %q of one block", both[0], both[1])
	}
	rows, err := s.GetStateRange("cc", "", "")
	if err != nil {
		return err
	}
	seen, _, err := rows.Batch()
	if err == nil && (len(seen) != 2 || string(seen[0].Value) != string(both[0])) {
		err = fmt.Errorf("scanned %v, read %q", seen, both[0])
	}
	_, private := s.GetPrivate("cc", "ours", "k")
	_, _, results := s.Results()
	last := c.Height() - 1
	_, block := c.Block(last)
	_, held := c.Private(last)
	_, waited := c.WaitBlock(c.Context(), last)
	history, opened := c.History("cc", "a")
	if opened == nil {
		_, opened = history.Next()
	}
	return errors.Join(err, private, results, block, held, waited, opened)
}

func TestSnapshotsOutliveCommits(t *testing.T) {
	c := inMemory(t)
	var snapshots []*ledger.Snapshot
	var digests []string
	for n := range 30 {
		c.put(fmt.Sprint("t", n), fmt.Sprintf("k%d", n%7), fmt.Sprint(n))
		snapshots = append(snapshots, c.Snapshot())
		digests = append(digests, string(c.Snapshot().Digest()))
	}
	for n, s := range snapshots {
		if string(s.Digest()) != digests[n] || s.Height() != uint64(n+2) {
			t.Fatalf("the state of height %d changed", s.Height())
		}
	}
}
