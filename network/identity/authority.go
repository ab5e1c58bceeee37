package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

const (
	// authorityLife and memberLife are as long as a sample network may stand unattended. A
	// production authority issues for a year or less.
	authorityLife = 15 * 365 * 24 * time.Hour
	memberLife    = 5 * 365 * 24 * time.Hour
	// backdate keeps a certificate valid on a machine whose clock is a little behind.
	backdate = 5 * time.Minute
)

// authority is one self-signed root and its key.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pair        Pair
}

// newAuthority makes a root named, for example, "ca.korenaar.example".
func newAuthority(name, domain string) (*authority, error) {
	key, template, err := blank(pkix.Name{Organization: []string{domain}, CommonName: name}, authorityLife)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.MaxPathLen, template.MaxPathLenZero = 0, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	return sign(template, template, key, key)
}

// blank is what all our certificates share: a fresh P-256 key, its identifier, a random serial
// number and a life that began a few minutes ago.
func blank(subject pkix.Name, life time.Duration) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("generate a key for %s: %w", subject.CommonName, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, fmt.Errorf("draw a serial number for %s: %w", subject.CommonName, err)
	}
	keyID, err := subjectKeyID(&key.PublicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("identify the key of %s: %w", subject.CommonName, err)
	}
	start := time.Now().Add(-backdate).UTC()
	return key, &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    start,
		NotAfter:     start.Add(life),
		SubjectKeyId: keyID,
	}, nil
}

// subjectKeyID is the SHA-256 of the uncompressed public point, by which Fabric finds the private
// key of a certificate.
func subjectKeyID(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(point)
	return sum[:], nil
}

// sign makes the certificate of key from template, signed by parent.
func sign(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (*authority, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate of %s: %w", template.Subject.CommonName, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back the certificate of %s: %w", template.Subject.CommonName, err)
	}
	pair, err := encode(certificate, key)
	if err != nil {
		return nil, err
	}
	return &authority{certificate: certificate, key: key, pair: pair}, nil
}

// enrol issues the certificate with which a member signs proposals, endorsements or blocks.
func (a *authority) enrol(m Member, domain string) (Pair, error) {
	key, template, err := blank(subject(m, domain), memberLife)
	if err != nil {
		return Pair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	extension, err := m.extension()
	if err != nil {
		return Pair{}, err
	}
	if extension != nil {
		template.ExtraExtensions = []pkix.Extension{*extension}
	}
	return a.issue(template, key)
}

// secure issues the TLS certificate of a member, good for serving and for dialling.
func (a *authority) secure(m Member, domain string) (Pair, error) {
	key, template, err := blank(subject(m, domain), memberLife)
	if err != nil {
		return Pair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames, template.IPAddresses = m.alternatives(domain)
	return a.issue(template, key)
}

func (a *authority) issue(template *x509.Certificate, key *ecdsa.PrivateKey) (Pair, error) {
	issued, err := sign(template, a.certificate, key, a.key)
	if err != nil {
		return Pair{}, err
	}
	return issued.pair, nil
}

func subject(m Member, domain string) pkix.Name {
	return pkix.Name{
		Organization:       []string{domain},
		OrganizationalUnit: []string{string(m.Kind)},
		CommonName:         m.FullName(domain),
	}
}
