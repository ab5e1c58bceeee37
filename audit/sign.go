package audit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// SignedReport is a report and who vouches for it. The signature covers the bytes of Report as they
// stand, with the words reportContext before them.
type SignedReport struct {
	Report    json.RawMessage `json:"report"`
	PublicKey []byte          `json:"publicKey"` // PKIX, DER
	Signature []byte          `json:"signature"` // Ed25519, or ECDSA over SHA-256 in ASN.1
}

// reportContext keeps a signature of a report from being taken for one of anything else.
const reportContext = "zegel audit report\n"

// Sign signs a report with an Ed25519 or ECDSA key in PEM, PKCS 8: a key of its own or that of the
// auditor's identity.
func Sign(r *Report, keyPEM []byte) (*SignedReport, error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, errors.New("the key is not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	s := &SignedReport{Report: text}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", key)
	}
	if s.PublicKey, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
		return nil, err
	}
	message := append([]byte(reportContext), text...)
	if _, plain := key.(ed25519.PrivateKey); plain {
		s.Signature, err = signer.Sign(rand.Reader, message, crypto.Hash(0))
		return s, err
	}
	digest := sha256.Sum256(message)
	s.Signature, err = signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	return s, err
}

// Verify says why the signature does not hold, or gives the report. Whose the key is the caller has
// to know: Fingerprint is what to compare.
func (s *SignedReport) Verify() (*Report, error) {
	key, err := x509.ParsePKIXPublicKey(s.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the public key: %w", err)
	}
	message := append([]byte(reportContext), s.Report...)
	holds := false
	switch key := key.(type) {
	case ed25519.PublicKey:
		holds = ed25519.Verify(key, message, s.Signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		holds = ecdsa.VerifyASN1(key, digest[:], s.Signature)
	}
	if !holds {
		return nil, errors.New("the signature of the report does not hold")
	}
	r := &Report{}
	return r, json.Unmarshal(s.Report, r)
}

// Fingerprint is the SHA-256 of the public key, in hex.
func (s *SignedReport) Fingerprint() string { return fmt.Sprintf("%x", sha256.Sum256(s.PublicKey)) }
