package msp

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Identity is a certificate together with the organisation that claims it. Having one does not mean that it is valid:
// see Validate.
type Identity struct {
	organisation *Organisation
	certificate  *x509.Certificate
	invalid      error
	verified     memo
}

// MSPID is the organisation the identity claims to belong to.
func (i *Identity) MSPID() string { return i.organisation.id }

// Key tells identities apart: two serialisations of one certificate have the same key.
func (i *Identity) Key() string { return i.organisation.id + string(i.certificate.Raw) }

// ExpiresAt is the end of the certificate's validity. Like Fabric, Validate does not look at it: endorsers and the
// orderer do, so that blocks stay valid after the certificates in them have expired.
func (i *Identity) ExpiresAt() time.Time { return i.certificate.NotAfter }

// Validate says why the organisation does not recognise the certificate, or nil.
func (i *Identity) Validate() error { return i.invalid }

// Verify checks a signature of the identity over message. An ECDSA signature with a high S is refused, because it
// could be made from a low one by anybody, without the key.
func (i *Identity) Verify(message, signature []byte) error {
	switch key := i.certificate.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return i.verifyECDSA(key, message, signature)
	case ed25519.PublicKey:
		if !ed25519.Verify(key, message, signature) {
			return errors.New("the signature is invalid")
		}
		return nil
	default:
		return fmt.Errorf("unsupported public key type %T", key)
	}
}

// ecdsaSignature is the ASN.1 form of an ECDSA signature.
type ecdsaSignature struct{ R, S *big.Int }

func (i *Identity) verifyECDSA(key *ecdsa.PublicKey, message, signature []byte) error {
	digest := sha256.Sum256(message)
	known := memoKey(digest, signature)
	if i.verified.holds(known) {
		return nil
	}
	if err := checkECDSA(key, digest, signature); err != nil {
		return err
	}
	i.verified.remember(known)
	return nil
}

func checkECDSA(key *ecdsa.PublicKey, digest [sha256.Size]byte, signature []byte) error {
	var parsed ecdsaSignature
	rest, err := asn1.Unmarshal(signature, &parsed)
	if err != nil || len(rest) != 0 {
		return errors.New("could not determine the validity of the signature: malformed ECDSA signature")
	}
	if parsed.S.Cmp(halfOrder(key.Curve)) > 0 {
		return fmt.Errorf("could not determine the validity of the signature: Invalid S. Must be smaller than half the order [%s][%s].",
			parsed.S, halfOrder(key.Curve))
	}
	if !ecdsa.VerifyASN1(key, digest[:], signature) {
		return errors.New("The signature is invalid")
	}
	return nil
}

func halfOrder(curve elliptic.Curve) *big.Int {
	return new(big.Int).Rsh(curve.Params().N, 1)
}

// hasUnit says whether the certificate carries an organisational unit.
func (i *Identity) hasUnit(unit string) bool {
	return slices.Contains(i.certificate.Subject.OrganizationalUnit, unit)
}
