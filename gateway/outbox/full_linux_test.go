package outbox_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestADiskThatIsFullLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("no disk of two megabytes can be mounted:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 256<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	store := openStore(t, filepath.Join(dir, "outbox.db"), nobodyLooks)
	t.Cleanup(func() { _ = store.Close() }) // before the disk goes
	fillUp(t, store, func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	})
}
