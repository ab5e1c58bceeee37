package native

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zegel/zegel/network/consortium/assembly"
)

// tail is how much of a log is shown, in bytes.
const tail = 4096

// lastWords is the end of a log, in whole lines, or why it cannot be read.
func lastWords(name string) string {
	text, err := readTail(name, tail)
	if err != nil {
		return err.Error()
	}
	return strings.TrimRight(text, "\n")
}

func readTail(name string, limit int64) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	skip := max(0, info.Size()-limit)
	text, err := io.ReadAll(io.NewSectionReader(f, skip, limit))
	if err != nil {
		return "", err
	}
	if skip > 0 {
		_, after, found := strings.Cut(string(text), "\n")
		if found {
			return after, nil
		}
	}
	return string(text), nil
}

// Logs writes the last lines, at most limit bytes, of the logs of those processes whose names begin
// with prefix; an empty prefix means all. Before each stands its name.
func Logs(w io.Writer, dir, prefix string, limit int64) error {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return err
	}
	names, err := filepath.Glob(Log(layout, "*"))
	if err != nil {
		return fmt.Errorf("logs in %s: %w", layout.Root, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(filepath.Base(name), prefix) })
	if len(names) == 0 {
		return fmt.Errorf("no log of %q in %s: %w", prefix, layout.Root, assembly.ErrNoNetwork)
	}
	var trouble []error
	for _, name := range names {
		text, err := readTail(name, limit)
		if err != nil {
			trouble = append(trouble, err)
			continue
		}
		if _, err := fmt.Fprintf(w, "== %s\n%s", strings.TrimSuffix(filepath.Base(name), ".log"), text); err != nil {
			return err
		}
	}
	return errors.Join(trouble...)
}
