package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

const (
	chainDir   = "ledgersData/chains/chains/trade"
	privateDir = "ledgersData/private/trade"
)

// files are the files of a small ledger: block files and private ones.
func files(f *testing.F) (chain, private map[string][]byte) {
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
	read := func(in string, names ...string) map[string][]byte {
		found := map[string][]byte{}
		for _, name := range names {
			contents, err := os.ReadFile(filepath.Join(dir, in, name))
			if err != nil {
				f.Fatal(err)
			}
			found[name] = contents
		}
		return found
	}
	return read(chainDir, "blockfile_000000"), read(privateDir, "private_000000", "transient")
}

// fuzzFile replaces a file and opens the ledger: it opens, or names the file.
func fuzzFile(f *testing.F, name string) {
	chain, private := files(f)
	in := private
	if chain[name] != nil {
		in = chain
	}
	whole := in[name]
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append(whole[:len(whole):len(whole)], whole...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, contents []byte) {
		in[name] = contents
		l, err := ledger.OpenFiles(chain, private, options())
		if err == nil {
			_ = l.Close()
			return
		}
		var corrupt *ledger.CorruptError
		if !errors.As(err, &corrupt) {
			t.Fatalf("error is %v", err)
		}
	})
}

func FuzzBlockFile(f *testing.F)     { fuzzFile(f, "blockfile_000000") }
func FuzzPrivateFile(f *testing.F)   { fuzzFile(f, "private_000000") }
func FuzzTransientFile(f *testing.F) { fuzzFile(f, "transient") }

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
		c := inMemory(t)
		c.put("seed", rowsOf(3)...)
		c.commit(envelope, envelope)
		c.put("after", "k", "after")
		again, err := ledger.OpenFiles(c.Files(), nil, options())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		same(t, "state", c.Snapshot().Digest(), again.Snapshot().Digest())
		same(t, "commit hash", c.CommitHash(), again.CommitHash())
	})
}
