package outbox_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/gateway/outbox"
)

const envPuts = "OUTBOX_TEST_PUTS" // how many operations to put, by how many callers: "50 1"

// putProcess only puts, so that somebody can count what it asks the disk for.
func putProcess() error {
	var puts, callers int
	if _, err := fmt.Sscan(os.Getenv(envPuts), &puts, &callers); err != nil {
		return err
	}
	store, err := outbox.OpenStore(os.Getenv(envStore), testKey, nobodyLooks)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "open")
	var all sync.WaitGroup
	failures := make(chan error, puts)
	for caller := range callers {
		all.Go(func() {
			for n := caller; n < puts; n += callers {
				if _, err := store.Put(earnEntry(n)); err != nil {
					failures <- err
				}
			}
		})
	}
	all.Wait()
	if len(failures) > 0 {
		return <-failures
	}
	os.Exit(0) // without the fsyncs of closing
	return nil
}

// fsyncs counts what the kernel was asked for between the opening of a store and the last of its puts.
func fsyncs(t *testing.T, puts, callers int) int {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	cmd := exec.Command("strace", "-f", "-e", "trace=fsync,fdatasync,write", "-e", "signal=none", "-o", log, os.Args[0])
	cmd.Env = append(os.Environ(), envStore+"="+filepath.Join(dir, "outbox.db"), envPuts+"="+strconv.Itoa(puts)+" "+strconv.Itoa(callers))
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("strace does not run here: %v: %s", err, text)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Skip("strace does not run here:", err)
	}
	_, after, opened := strings.Cut(string(text), `"open\n"`)
	if !opened {
		t.Fatal("the store was never open")
	}
	return strings.Count(after, "fsync(") + strings.Count(after, "fdatasync(")
}

func TestNothingIsAcknowledgedWithoutAnFsync(t *testing.T) {
	if n := fsyncs(t, 50, 1); n < 50 {
		t.Errorf("50 operations, one after the other, were acknowledged with %d fsyncs", n)
	}
	if n := fsyncs(t, 640, 64); n >= 640 || n < 640/256 {
		t.Errorf("640 operations of 64 callers were acknowledged with %d fsyncs", n)
	} else {
		t.Logf("640 operations of 64 callers: %d fsyncs", n)
	}
}
