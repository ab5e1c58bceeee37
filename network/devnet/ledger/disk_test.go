package ledger_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// fill commits a history with everything in it: writes, conflicts, metadata, private data, a purge.
func fill(c *chain) {
	c.Helper()
	for i := range 8 {
		id := fmt.Sprint("t", i)
		stale := c.endorse(id+"-stale", readThen("k", "k", "never"))
		c.expect(c.commit(
			c.endorse(id, readThen("k", "k", id, id, "v")), stale,
			c.endorse(id+"-hidden", hide("ours", fmt.Sprint("p", i%3), id)),
			c.endorse(id+"-brief", hide("brief", "b", id)),
		), valid, conflict, valid, valid)
	}
	c.run("tag", func(s *ledger.Simulator) error {
		return s.PutStateMetadata("cc", "k", map[string][]byte{"p": {1}})
	})
	c.run("purge", purge("ours", "p1"))
}

func TestRestartLosesNothing(t *testing.T) {
	for _, segment := range []int64{0, 2000} {
		t.Run(fmt.Sprintf("files of %d bytes", segment), func(t *testing.T) {
			opts := options()
			opts.SegmentBytes = segment
			dir := t.TempDir()
			c := open(t, dir, opts)
			fill(c)
			state, info, hash := c.Snapshot(), c.ChainInfo(), c.CommitHash()
			history := pack(t, historyOf(t, c, "k"))

			c = c.reopen(dir, opts)
			same(t, "state", state.Digest(), c.Snapshot().Digest())
			same(t, "private state", state.PrivateDigest(), c.Snapshot().PrivateDigest())
			same(t, "tip", pack(t, info), pack(t, c.ChainInfo()))
			same(t, "commit hash", hash, c.CommitHash())
			same(t, "history", history, pack(t, historyOf(t, c, "k")))
			if code, block, found := c.TxCode("t3-stale"); code != conflict || block != 4 || !found {
				t.Fatalf("t3-stale is %v in block %d", code, block)
			}
			c.put("after", "k", "after")
			c.reopen(dir, opts).holds("k", "after")
		})
	}
}

// historyOf packs the history of a key into one message to compare it.
func historyOf(t testing.TB, c *chain, key string) *common.BlockData {
	t.Helper()
	h, err := c.History("cc", key)
	if err != nil {
		t.Fatal(err)
	}
	data := &common.BlockData{}
	for {
		m, err := h.Next()
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			return data
		}
		data.Data = append(data.Data, pack(t, m))
	}
}

func TestTornLastWriteIsCutOff(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.put("one", "k", "1")
	whole := must[[]byte](t)(os.ReadFile(blockFile(dir)))
	tip, state := c.ChainInfo(), c.Snapshot()
	c.run("two", hide("ours", "k", "2"))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	longer := must[[]byte](t)(os.ReadFile(blockFile(dir)))
	cuts := map[string][]byte{
		"nothing of the block":   longer[:len(whole)],
		"one byte of the length": longer[:len(whole)+1],
		"half of the block":      longer[:(len(whole)+len(longer))/2],
		"all but one byte":       longer[:len(longer)-1],
		"zeros for the block":    append(longer[:len(whole):len(whole)], make([]byte, 300)...),
	}
	for name, torn := range cuts {
		t.Run(name, func(t *testing.T) {
			copied := copyDir(t, dir)
			if err := os.WriteFile(blockFile(copied), torn, 0o600); err != nil {
				t.Fatal(err)
			}
			c := open(t, copied, options())
			same(t, "tip", pack(t, tip), pack(t, c.ChainInfo()))
			same(t, "state", state.Digest(), c.Snapshot().Digest())
			same(t, "private state", state.PrivateDigest(), c.Snapshot().PrivateDigest())
			c.run("three", hide("ours", "k", "3"))
			c = c.reopen(copied, options())
			if got := c.readPrivate("ours", "k"); got != "3" {
				t.Fatalf("read %q", got)
			}
		})
	}
}

// Every byte of the files is altered in turn. These blocks carry no orderer's signature, the one part
// of a block that a ledger cannot check.
func TestEveryAlteredByteIsNamed(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.put("one", "k", "1")
	c.run("two", hide("ours", "secret", "2"))
	c.put("three", "k", "3")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{blockFile(dir), filepath.Join(dir, "ledgersData", "private", "trade", "private_000000")} {
		name := filepath.Base(path)
		whole := must[[]byte](t)(os.ReadFile(path))
		copied := copyDir(t, dir)
		for at := range whole {
			changed := append([]byte(nil), whole...)
			changed[at] ^= 0x15
			if err := os.WriteFile(strings.Replace(path, dir, copied, 1), changed, 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := ledger.Open(copied, options())
			if err == nil {
				_ = l.Close()
				t.Fatalf("%s: byte %d was altered and nobody noticed", name, at)
			}
			var corrupt *ledger.CorruptError
			if !errors.As(err, &corrupt) || corrupt.File != name || corrupt.Offset > int64(at) {
				t.Fatalf("%s: byte %d: error is %v", name, at, err)
			}
		}
	}
}

func TestMissingBlockFileIsNamed(t *testing.T) {
	opts := options()
	opts.SegmentBytes = 1
	dir := t.TempDir()
	c := open(t, dir, opts)
	c.put("one", "k", "1")
	c.put("two", "k", "2")
	if err := errors.Join(c.Close(), os.Remove(strings.Replace(blockFile(dir), "000000", "000001", 1))); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(dir, opts)
	var corrupt *ledger.CorruptError
	if !errors.As(err, &corrupt) || corrupt.File != "blockfile_000001" {
		t.Fatalf("error is %v", err)
	}
}

func TestLostBlocksWithPrivateDataLeftAreNoticed(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	whole := must[[]byte](t)(os.ReadFile(blockFile(dir)))
	c.run("one", hide("ours", "k", "1"))
	c.run("two", hide("ours", "k", "2"))
	if err := errors.Join(c.Close(), os.WriteFile(blockFile(dir), whole, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, options()); err == nil || !strings.Contains(err.Error(), "the chain ends before block [1]") {
		t.Fatalf("error is %v", err)
	}
}

func TestDirectoryServesOneLedgerAtATime(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, options())
	if _, err := ledger.Open(dir, options()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("error is %v", err)
	}
}

func TestChannelNameThatIsNoNameIsRefused(t *testing.T) {
	for _, name := range []string{"", "../up", "Upper", "a/b", strings.Repeat("a", 250)} {
		if _, err := ledger.Open(t.TempDir(), ledger.Options{Channel: name}); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func copyDir(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
