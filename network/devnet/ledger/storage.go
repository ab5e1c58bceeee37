package ledger

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// folder is where files live: a directory on disk, or memory.
type folder interface {
	// names lists the files, sorted.
	names() ([]string, error)
	// open opens a file for appending, creating an empty one where there is none.
	open(name string) (file, error)
}

// file is an append-only file that can be cut and replaced as a whole. One goroutine writes at a
// time; reads may come from any.
type file interface {
	io.ReaderAt
	size() int64
	append(b []byte) error
	sync() error
	truncate(size int64) error
	// replace swaps the contents in one step: after a crash it is the old or the new.
	replace(b []byte) error
	close() error
}

// contents reads a whole file.
func contents(f file) ([]byte, error) {
	b := make([]byte, f.size())
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// directory is a folder on disk.
type directory string

func openDirectory(path string) (directory, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("create ledger directory: %w", err)
	}
	return directory(path), nil
}

func (d directory) names() ([]string, error) {
	found, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range found {
		if f.Type().IsRegular() {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (d directory) open(name string) (file, error) {
	path := filepath.Join(string(d), name)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() == 0 {
		// A new name must survive a crash as well as the bytes behind it.
		err = d.sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &diskFile{home: d, path: path, f: f, length: info.Size()}, nil
}

func (d directory) sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type diskFile struct {
	home   directory
	path   string
	mu     sync.RWMutex // guards f and length against replace
	f      *os.File
	length int64
}

func (d *diskFile) ReadAt(b []byte, at int64) (int, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.f.ReadAt(b, at)
}

func (d *diskFile) size() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.length
}

func (d *diskFile) append(b []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.f.Write(b); err != nil {
		return err
	}
	d.length += int64(len(b))
	return nil
}

func (d *diskFile) sync() error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.f.Sync()
}

func (d *diskFile) truncate(size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.f.Truncate(size); err != nil {
		return err
	}
	d.length = size
	return d.f.Sync()
}

func (d *diskFile) replace(b []byte) error {
	temporary := d.path + ".new"
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(temporary, d.path)
	}
	if err == nil {
		err = d.home.sync()
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.f
	d.f, d.length = f, int64(len(b))
	return old.Close()
}

func (d *diskFile) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.f.Close()
}
