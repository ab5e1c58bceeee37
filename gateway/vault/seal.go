package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// ErrSealBroken says that sealed bytes are not what was sealed for this member: altered, another
// member's, or sealed under a key that is gone.
var ErrSealBroken = errors.New("vault: the seal is broken")

// MaxProfileSize bounds what Seal takes, in bytes. Sealed bytes are 29 longer.
const MaxProfileSize = 4096

// sealVersion is the first byte of everything sealed: AES-256-GCM with a random 96-bit nonce.
const sealVersion = 1

// The purposes are part of what is authenticated: a wrapped key never opens as a profile.
const (
	purposeKey     = "key"
	purposeProfile = "profile"
)

// Seal encrypts a member's personal data under the key of that member alone, making the key if
// this is the first time. Every call uses a fresh nonce, so sealing twice gives different bytes.
func (v *Vault) Seal(ctx context.Context, member loyalty.MemberID, profile []byte) ([]byte, error) {
	if len(profile) > MaxProfileSize {
		return nil, fmt.Errorf("vault: a profile has at most %d bytes", MaxProfileSize)
	}
	key, _, err := v.keyOrNew(ctx, member)
	if err != nil {
		return nil, err
	}
	return seal(key, profile, purposeProfile, member)
}

// Open is the opposite of Seal. It fails with ErrNoKey, ErrErased or ErrSealBroken, or because the
// vault cannot be read.
func (v *Vault) Open(ctx context.Context, member loyalty.MemberID, sealed []byte) ([]byte, error) {
	key, err := v.key(ctx, member)
	if err != nil {
		return nil, err
	}
	return open(key, sealed, purposeProfile, member)
}

// Print is the fingerprint of an enrolment. It is keyed by the member's own key, not by the chain
// secret: it stays on the ledger for ever, and when the key is destroyed nobody, the chain
// included, can try out whose it was.
//
// first is true if the key was made by this very call, and then for this caller alone: nothing of
// the member was sealed or fingerprinted here before.
func (v *Vault) Print(ctx context.Context, member loyalty.MemberID, canonical []byte) (print loyalty.Fingerprint, first bool, err error) {
	key, made, err := v.keyOrNew(ctx, member)
	if err != nil {
		return "", false, err
	}
	text := fmt.Sprintf("%x", mac(key, labelEnrolment, string(member), string(canonical))[:shortSize])
	return loyalty.Fingerprint(text), made, nil
}

func seal(key, plain []byte, purpose string, member loyalty.MemberID) ([]byte, error) {
	box, err := boxOf(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1+box.NonceSize(), 1+box.NonceSize()+len(plain)+box.Overhead())
	out[0] = sealVersion
	_, _ = rand.Read(out[1:]) // cannot fail: crypto/rand ends the process instead
	return box.Seal(out, out[1:], plain, bound(purpose, member)), nil
}

func open(key, sealed []byte, purpose string, member loyalty.MemberID) ([]byte, error) {
	box, err := boxOf(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < 1+box.NonceSize() || sealed[0] != sealVersion {
		return nil, ErrSealBroken
	}
	nonce, text := sealed[1:1+box.NonceSize()], sealed[1+box.NonceSize():]
	plain, err := box.Open(nil, nonce, text, bound(purpose, member))
	if err != nil {
		return nil, ErrSealBroken
	}
	return plain, nil
}

func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCM(block)
}

func bound(purpose string, member loyalty.MemberID) []byte {
	return []byte("zegel/1/" + purpose + "/" + string(member))
}
