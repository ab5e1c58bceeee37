package msp

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// Signer signs as one identity: a peer's or the orderer's.
type Signer struct {
	mspID      string
	serialised []byte
	key        *ecdsa.PrivateKey
}

// NewSigner reads a certificate and its private key (ECDSA, PKCS #8 or SEC 1), both PEM.
func NewSigner(mspID string, certificatePEM, keyPEM []byte) (*Signer, error) {
	certificate, err := parseCertificate(certificatePEM)
	if err != nil {
		return nil, fmt.Errorf("signing certificate of %s: %w", mspID, err)
	}
	key, err := parseKey(keyPEM)
	if err != nil {
		return nil, fmt.Errorf("signing key of %s: %w", mspID, err)
	}
	if !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, fmt.Errorf("signing key of %s does not belong to its certificate", mspID)
	}
	serialised, err := Serialise(mspID, certificatePEM)
	if err != nil {
		return nil, err
	}
	return &Signer{mspID: mspID, serialised: serialised, key: key}, nil
}

// Serialised is the identity as it travels. Callers must not change it.
func (s *Signer) Serialised() []byte { return s.serialised }

// Sign makes a low-S ECDSA signature over SHA-256 of message.
func (s *Signer) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	encoded, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign as %s: %w", s.mspID, err)
	}
	var signature ecdsaSignature
	if _, err := asn1.Unmarshal(encoded, &signature); err != nil {
		return nil, fmt.Errorf("sign as %s: %w", s.mspID, err)
	}
	if signature.S.Cmp(halfOrder(s.key.Curve)) <= 0 {
		return encoded, nil
	}
	signature.S = new(big.Int).Sub(s.key.Params().N, signature.S)
	return asn1.Marshal(signature)
}

func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("could not decode the PEM structure")
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("neither SEC 1 nor PKCS #8: %w", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("an ECDSA key is needed, not %T", parsed)
	}
	return key, nil
}
