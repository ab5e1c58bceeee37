package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// secretSize is 256 bits: as much as HMAC-SHA-256 can use.
const secretSize = 32

// maxSecretFile bounds what is read of a secret file: 64 hex digits, a line end, and some slack.
const maxSecretFile = 256

// Secret is the chain's secret. It never leaves the gateways of one chain: whoever has it can
// find a member by trying all telephone numbers. Losing it is as bad in another way: repeats of
// earlier requests would no longer be recognised, and no member could be found again.
//
// The zero Secret is not usable; ParseSecret and LoadSecret make one.
type Secret struct {
	key [secretSize]byte
	set bool
}

// ErrSecretMalformed says that a text is not 64 hex digits. It does not repeat the text.
var ErrSecretMalformed = errors.New("vault: a chain secret is 64 hex digits")

// ParseSecret reads 64 hex digits, as they stand in a secret file or an environment variable.
// White space around them is allowed.
func ParseSecret(text string) (Secret, error) {
	raw, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != secretSize {
		return Secret{}, ErrSecretMalformed
	}
	s := Secret{set: true}
	copy(s.key[:], raw)
	return s, nil
}

// LoadSecret reads the secret in the file at path and makes it, with mode 0600, if there is none.
// Two processes that start at once end up with the same secret. A file that others may read is
// refused: the secret in it has to be considered known.
func LoadSecret(path string) (Secret, error) {
	s, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if err := createSecret(path); err != nil {
		return Secret{}, err
	}
	return readSecret(path)
}

func readSecret(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, fmt.Errorf("vault: chain secret: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("vault: %s may be read by others: its mode is %04o, not 0600", path, info.Mode().Perm())
	}
	if info.Size() > maxSecretFile {
		return Secret{}, fmt.Errorf("%s: %w", path, ErrSecretMalformed)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("vault: chain secret: %w", err)
	}
	s, err := ParseSecret(string(text))
	if err != nil {
		return Secret{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// createSecret writes a whole file beside path and then links it into place, so that a crash
// leaves either no secret or a complete one, and an existing secret is never replaced.
func createSecret(path string) error {
	var key [secretSize]byte
	_, _ = rand.Read(key[:]) // cannot fail: crypto/rand ends the process instead
	draft, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return fmt.Errorf("vault: make chain secret: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(hex.EncodeToString(key[:]) + "\n")
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err != nil {
		return fmt.Errorf("vault: make chain secret: %w", err)
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: make chain secret: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("vault: sync %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("vault: sync %s: %w", dir, err)
	}
	return nil
}

// hidden is what every way of printing a Secret shows.
const hidden = "[chain secret]"

// String hides the secret.
func (s Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the secret from every verb, %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secret from JSON and every other text encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
