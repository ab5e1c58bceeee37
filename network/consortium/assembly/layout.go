package assembly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zegel/zegel/network/consortium"
)

// Layout says where everything of a network lives, below one absolute folder.
type Layout struct{ Root string }

// NewLayout makes the folder absolute: the nodes run in other folders.
func NewLayout(dir string) (Layout, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return Layout{}, fmt.Errorf("folder %s: %w", dir, err)
	}
	return Layout{Root: root}, nil
}

// Material is the folder with the keys and certificates of all organisations.
func (l Layout) Material() string { return filepath.Join(l.Root, "organisations") }

// Profiles is the folder with a connection profile for each organisation, "korenaar.yaml".
func (l Layout) Profiles() string { return filepath.Join(l.Root, "connection-profiles") }

// Genesis is the first block of the channel at a place.
func (l Layout) Genesis(place consortium.Place) string {
	return filepath.Join(l.Root, "channel", string(place)+".block")
}

// Collections is the file with the private data collections, as `peer lifecycle` reads it.
func (l Layout) Collections() string { return filepath.Join(l.Root, "channel", "collections.json") }

// Configtx is the channel's configuration as configtxgen reads it, with the addresses of the place.
func (l Layout) Configtx() string { return filepath.Join(l.Root, "channel", "configtx.yaml") }

// Package is the chaincode's install package.
func (l Layout) Package() string { return filepath.Join(l.Root, "channel", "chaincode.tar.gz") }

// Description is the file with the consortium that the network runs by, ports included.
func (l Layout) Description() string { return filepath.Join(l.Root, "network.json") }

// ErrNoNetwork says that nothing was ever started in a folder.
var ErrNoNetwork = errors.New("no network was started here")

// Save keeps the description that the network runs by.
func (l Layout) Save(c consortium.Consortium) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", l.Description(), err)
	}
	return Replace(l.Description(), text)
}

// Consortium is the description by which the network in the folder runs.
func (l Layout) Consortium() (consortium.Consortium, error) {
	text, err := os.ReadFile(l.Description())
	if errors.Is(err, fs.ErrNotExist) {
		return consortium.Consortium{}, fmt.Errorf("%s: %w", l.Root, ErrNoNetwork)
	}
	if err != nil {
		return consortium.Consortium{}, err
	}
	var c consortium.Consortium
	if err := json.Unmarshal(text, &c); err != nil {
		return consortium.Consortium{}, fmt.Errorf("read %s: %w", l.Description(), err)
	}
	return c, nil
}

// Replace writes a file whole or not at all: a reader never sees half of it. Everybody may read it.
func Replace(name string, content []byte) error { return replace(name, content, 0o644) }

func replace(name string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	f, err := os.CreateTemp(dir, ".new-")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename it is gone already
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
