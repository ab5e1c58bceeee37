package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// seedDir is a small ledger on disk whose files seed the fuzzers.
func seedDir(f *testing.F) string {
	f.Helper()
	dir := f.TempDir()
	c := open(f, dir, options())
	c.put("one", "k", "1")
	c.run("two", hide("ours", "secret", "2"))
	if err := c.StorePrivate("three", 1, c.private["two"]); err != nil {
		f.Fatal(err)
	}
	if err := c.Close(); err != nil {
		f.Fatal(err)
	}
	return dir
}

// openDamaged replaces a file and opens the ledger: it must open, or name the file.
func openDamaged(t *testing.T, dir, file string, contents []byte) {
	copied := copyDir(t, dir)
	if err := os.WriteFile(filepath.Join(copied, file), contents, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(copied, options())
	var corrupt *ledger.CorruptError
	if err != nil && !errors.As(err, &corrupt) {
		t.Fatalf("error is %v", err)
	}
	if err != nil {
		return
	}
	height, digest := l.Height(), l.Snapshot().Digest()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, copied, options())
	if height > 0 && again.Height() != height {
		t.Fatalf("height was %d and is %d", height, again.Height())
	}
	if height > 0 {
		same(t, "state", digest, again.Snapshot().Digest())
	}
}

func fuzzFile(f *testing.F, file string) {
	dir := seedDir(f)
	whole, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append(whole, whole...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, contents []byte) { openDamaged(t, dir, file, contents) })
}

func FuzzBlockFile(f *testing.F) {
	fuzzFile(f, "ledgersData/chains/chains/trade/blockfile_000000")
}

func FuzzPrivateFile(f *testing.F) {
	fuzzFile(f, "ledgersData/private/trade/private_000000")
}

func FuzzTransientFile(f *testing.F) {
	fuzzFile(f, "ledgersData/private/trade/transient")
}

// FuzzTransaction commits arbitrary bytes as a transaction. Whatever code it gets, the chain goes on,
// and a replay comes to the same state.
func FuzzTransaction(f *testing.F) {
	c := inMemory(f)
	c.put("seed", rowsOf(3)...)
	f.Add(c.endorse("t", scanRange("k", "l", 1, "k001", "x")))
	f.Add(c.endorse("t", hide("ours", "k", "v")))
	f.Add(c.endorse("t", purge("ours", "k")))
	f.Add([]byte{0x0a, 0x00})
	f.Fuzz(func(t *testing.T, envelope []byte) {
		dir := t.TempDir()
		c := open(t, dir, options())
		c.put("seed", rowsOf(3)...)
		c.commit(envelope, envelope)
		c.put("after", "k", "after")
		state, hash := c.Snapshot(), c.CommitHash()
		c = c.reopen(dir, options())
		same(t, "state", state.Digest(), c.Snapshot().Digest())
		same(t, "commit hash", hash, c.CommitHash())
	})
}
