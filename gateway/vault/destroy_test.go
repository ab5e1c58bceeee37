package vault_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/gateway/vault"
)

// TestAKeyThatSomebodyStillReadsIsNotCalledDestroyed lets another process, a backup perhaps, read the
// vault while a key is destroyed: the log cannot be cut, and the key is still in it.
func TestAKeyThatSomebodyStillReadsIsNotCalledDestroyed(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "v.db")
	v := mustOpen(t, path, mustSecret(t, counting))
	sealed := mustSeal(t, v, ada, "Ada")
	wrapped := wrappedKey(t, dir)
	reader := readerOf(t, path)

	if gone, err := v.Destroy(ctx, ada); gone || !errors.Is(err, vault.ErrKeyRemains) {
		t.Fatalf("Destroy: %v, %v", gone, err)
	}
	if !inFiles(t, dir, wrapped) {
		t.Error("the key is in no file: the test shows nothing")
	}
	if _, err := v.Open(ctx, ada, sealed); !errors.Is(err, vault.ErrErased) {
		t.Errorf("it is still used: %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if gone, err := v.Destroy(ctx, ada); !gone || err != nil {
		t.Errorf("again, when nobody reads: %v, %v", gone, err)
	}
	if inFiles(t, dir, wrapped) {
		t.Error("the key is still in a file")
	}
	if gone, err := v.Destroy(ctx, ada); gone || err != nil {
		t.Errorf("a third time: %v, %v", gone, err)
	}
}

// readerOf begins to read the vault as another process does.
func readerOf(t *testing.T, path string) *sql.Tx {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	reader, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := reader.QueryRow(`SELECT count(*) FROM member_key`).Scan(&rows); err != nil || rows != 1 {
		t.Fatal(rows, err)
	}
	return reader
}

func inFiles(t *testing.T, dir string, text []byte) bool {
	t.Helper()
	for _, content := range filesIn(t, dir) {
		if bytes.Contains(content, text) {
			return true
		}
	}
	return false
}

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mustSeal(t, mustOpen(t, path, mustSecret(t, counting)), ada, "Ada")
	for name := range filesIn(t, dir) {
		info, err := os.Stat(filepath.Join(dir, filepath.Base(name)))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
