package render_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/render"
)

var update = flag.Bool("update", false, "write the generated files of the repository anew")

const repository = "../../.."

func sample(t *testing.T) consortium.Consortium {
	t.Helper()
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheGeneratedFilesOfTheRepositoryAreFresh(t *testing.T) {
	files, err := render.Tree(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Join(repository, filepath.FromSlash(f.Path))
		if *update {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(name); err != nil || !bytes.Equal(have, f.Content) {
			t.Errorf("%s is stale: go test ./network/consortium/render -update", f.Path)
		}
	}
}
