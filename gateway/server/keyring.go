package server

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// lookAgain is how often the file is looked at, at most.
	lookAgain = time.Second
	// defaultPerSecond is generous for a till and tight for a loop gone wild.
	defaultPerSecond = 100
)

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
	keys, err := readKeys(f)
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
