package server

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// The limits of a keys file.
const (
	maxKeys     = 10_000
	maxKeysFile = 8 << 20 // bytes
	lookAgain   = time.Second
	// defaultPerSecond is generous for a till and tight for a loop gone wild.
	defaultPerSecond = 100
)

// keysFile is the keys file.
type keysFile struct {
	Version int   `json:"version"` // 1
	Keys    []Key `json:"keys"`
}

// Keyring knows the API keys. It reads its file again, within a second, when the file has changed;
// a file that cannot be read leaves the keys as they were, and Err says so.
type Keyring struct {
	path   string
	pepper []byte
	log    *slog.Logger

	keys atomic.Pointer[map[string]*entry]

	mu     sync.Mutex // guards the rest; taken at most once a second by those who find it free
	looked time.Time
	seen   os.FileInfo
	err    error
}

// entry is a key and how much of its rate it has used up. Limiters live as long as their key, so
// their number is bounded by the file.
type entry struct {
	key    Key
	bucket *rate.Limiter
}

// newBucket lets perSecond requests through each second, and twice as many at once after a pause.
func newBucket(perSecond int) *rate.Limiter {
	if perSecond == 0 {
		perSecond = defaultPerSecond
	}
	return rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
}

// OpenKeyring reads the keys in path. The pepper is what their hashes were made with; it may be
// empty. Log hears when the file is read again, or cannot be.
func OpenKeyring(path string, pepper []byte, log *slog.Logger) (*Keyring, error) {
	k := &Keyring{path: path, pepper: pepper, log: log}
	if err := k.reload(); err != nil {
		return nil, err
	}
	return k, nil
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

// Err is nil, or why the keys in use are older than the file.
func (k *Keyring) Err() error {
	k.refresh()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// find is the key that token is, if it is one and may be used. How long it takes does not depend
// on the secret, nor, but for the map, on whether the id exists.
func (k *Keyring) find(token string) (*entry, bool) {
	k.refresh()
	id, secret, formed := splitToken(token)
	found, known := (*k.keys.Load())[id]
	want := nobody
	if known {
		want = found.key.Hash
	}
	pepper := k.pepper
	if strings.HasPrefix(want, plainHash) {
		pepper = nil
	}
	same := subtle.ConstantTimeCompare([]byte(HashSecret(secret, pepper)), []byte(want)) == 1
	if !formed || !known || !same || found.key.Disabled {
		return nil, false
	}
	return found, true
}

// nobody is compared with when the id is unknown, so that guessing ids takes as long as guessing
// secrets.
var nobody = HashSecret("", nil)

// refresh looks at the file at most once a second. Who finds another caller looking goes on with
// the keys at hand.
func (k *Keyring) refresh() {
	if !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	if time.Since(k.looked) < lookAgain {
		return
	}
	k.looked = time.Now()
	now, err := os.Stat(k.path)
	if err == nil && k.seen != nil && os.SameFile(now, k.seen) && now.ModTime().Equal(k.seen.ModTime()) && now.Size() == k.seen.Size() {
		return
	}
	before := k.err
	if k.err = k.load(); k.err == nil {
		k.log.Info("api keys read", "keys", len(*k.keys.Load()))
	} else if before == nil || before.Error() != k.err.Error() {
		k.log.Error("api keys cannot be read: the old ones stay in use", "error", k.err)
	}
}

func (k *Keyring) reload() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = time.Now()
	return k.load()
}

// load reads the file; the caller holds mu.
func (k *Keyring) load() error {
	k.seen = nil // so that a file that comes back unchanged is read
	f, err := os.Open(k.path)
	if err != nil {
		return fmt.Errorf("keys file: %w", err)
	}
	defer func() { _ = f.Close() }()
	if k.seen, err = f.Stat(); err != nil {
		return fmt.Errorf("keys file: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	if err != nil {
		return fmt.Errorf("keys file: %w", err)
	}
	keys, err := parseKeys(text)
	if err != nil {
		return fmt.Errorf("keys file: %w", err)
	}
	entries, err := index(keys, k.keys.Load())
	if err != nil {
		return fmt.Errorf("keys file: %w", err)
	}
	for _, key := range keys {
		if len(k.pepper) == 0 && !strings.HasPrefix(key.Hash, plainHash) {
			return fmt.Errorf("keys file: key %s was hashed with a pepper, and there is none", key.ID)
		}
	}
	k.keys.Store(&entries)
	return nil
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
