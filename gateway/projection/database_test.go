package projection_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/gateway/projection"
)

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := projection.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	mustApply(t, p, life()...)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file.Name(), info.Mode(), err)
		}
	}
}
