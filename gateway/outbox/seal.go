package outbox

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of the key under which intents are sealed, in bytes.
const KeySize = 32

// errSeal says that a sealed intent is not what was sealed for its row.
var errSeal = errors.New("the seal of the intent is broken")

// sealVersion is the first byte of everything sealed: XChaCha20-Poly1305 with a random 192-bit
// nonce, which is long enough to be drawn for as many rows as a chain will ever write.
const sealVersion = 1

// sealer seals intents, each to its own row.
type sealer struct {
	box  cipher.AEAD
	mark []byte // tells this key from others without giving it away
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("outbox: a key has %d bytes, not %d", KeySize, len(key))
	}
	box, err := chacha20poly1305.NewX(derived(key, "zegel/1/outbox/intent"))
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return &sealer{box: box, mark: derived(key, "zegel/1/outbox/mark")}, nil
}

func derived(key []byte, label string) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = m.Write([]byte(label)) // a hash never fails to write
	return m.Sum(nil)
}

func (s *sealer) seal(in *Intent, r *row) ([]byte, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("outbox: intent of %s: %w", r.op, err)
	}
	head := 1 + s.box.NonceSize()
	sealed := make([]byte, head, head+len(text)+s.box.Overhead())
	sealed[0] = sealVersion
	_, _ = rand.Read(sealed[1:]) // cannot fail: crypto/rand ends the process instead
	return s.box.Seal(sealed, sealed[1:head], text, boundTo(r)), nil
}

func (s *sealer) open(sealed []byte, r *row) (*Intent, error) {
	head := 1 + s.box.NonceSize()
	if len(sealed) < head || sealed[0] != sealVersion {
		return nil, errSeal
	}
	text, err := s.box.Open(nil, sealed[1:head], sealed[head:], boundTo(r))
	if err != nil {
		return nil, errSeal
	}
	in := new(Intent)
	if err := json.Unmarshal(text, in); err != nil {
		return nil, fmt.Errorf("the intent cannot be read: %w", err)
	}
	return in, nil
}

// boundTo is authenticated with the intent: moved to another row it does not open.
func boundTo(r *row) []byte {
	return fmt.Appendf(nil, "%s/%s/%s/%s", r.op, r.kind, r.role, r.print)
}
