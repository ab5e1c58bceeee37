//go:build !unix

package ledger

import (
	"io"
	"os"
	"path/filepath"
)

// lockDirectory cannot lock here: starting two processes on one directory damages it.
func lockDirectory(dir string) (io.Closer, error) {
	return os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o600)
}
