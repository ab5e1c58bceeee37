package ledger_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ledgerutil finds the stock tool in FABRIC_BIN or on the PATH.
func ledgerutil(t *testing.T) string {
	t.Helper()
	path := filepath.Join(os.Getenv("FABRIC_BIN"), "ledgerutil")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	path, err := exec.LookPath("ledgerutil")
	if err != nil {
		t.Skip("ledgerutil is neither in FABRIC_BIN nor on the PATH")
	}
	return path
}

func TestLedgerutilAcceptsTheBlockFiles(t *testing.T) {
	tool := ledgerutil(t)
	opts := options()
	opts.SegmentBytes = 3000
	dir := t.TempDir()
	c := open(t, dir, opts)
	fill(c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "verify", dir, "-o", t.TempDir()).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "No error is found") {
		t.Fatalf("%v: %s", err, out)
	}
	open(t, dir, opts).holds("k", "t7")
}
