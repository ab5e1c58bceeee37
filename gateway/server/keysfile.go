package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The limits of a keys file.
const (
	maxKeys     = 10_000
	maxKeysFile = 8 << 20 // bytes
)

// keysFile is the keys file.
type keysFile struct {
	Version int   `json:"version"` // 1
	Keys    []Key `json:"keys"`
}

// ReadKeys reads the keys file in path, for those who administer it.
func ReadKeys(path string) ([]Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readKeys(f)
}

// readKeys reads and checks the form of a keys file; index checks the keys.
func readKeys(r io.Reader) ([]Key, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeysFile+1))
	if err != nil {
		return nil, err
	}
	return parseKeys(text)
}

// WriteKeys replaces the keys file in path by these keys. A reader sees the old file or the new
// one, never half of one.
func WriteKeys(path string, keys []Key) error {
	if _, err := index(keys, nil); err != nil {
		return err
	}
	text, err := json.MarshalIndent(keysFile{Version: 1, Keys: keys}, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func parseKeys(text []byte) ([]Key, error) {
	if len(text) > maxKeysFile {
		return nil, fmt.Errorf("more than %d bytes", maxKeysFile)
	}
	var file keysFile
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // a misspelt "disabled" must not leave a key in force
	if err := d.Decode(&file); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows the keys")
	}
	if file.Version != 1 {
		return nil, fmt.Errorf("version %d is not 1", file.Version)
	}
	return file.Keys, nil
}

// index checks the keys and sorts them by id. A key that was there before keeps its bucket, so that
// touching the file refills nobody's.
func index(keys []Key, before *map[string]*entry) (map[string]*entry, error) {
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	entries := make(map[string]*entry, len(keys))
	for _, key := range keys {
		if err := key.check(); err != nil {
			return nil, err
		}
		if entries[key.ID] != nil {
			return nil, fmt.Errorf("key %s appears twice", key.ID)
		}
		e := &entry{key: key, bucket: newBucket(key.PerSecond)}
		if before != nil && (*before)[key.ID] != nil && (*before)[key.ID].key.PerSecond == key.PerSecond {
			e.bucket = (*before)[key.ID].bucket
		}
		entries[key.ID] = e
	}
	return entries, nil
}
