package devnet_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/zegel/zegel/network/devnet"
)

// authority is a certificate authority for tests.
type authority struct {
	t           testing.TB
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func mintAuthority(t testing.TB, name string) *authority {
	t.Helper()
	key := mintKey(t)
	template := &x509.Certificate{SerialNumber: mintSerial(t), Subject: pkix.Name{CommonName: "ca." + name, Organization: []string{name}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	certificate, err := x509.ParseCertificate(raw)
	must(t, err)
	return &authority{t: t, certificate: certificate, key: key, pem: encodePEM("CERTIFICATE", raw)}
}

// issue makes a certificate with a role (client, peer, admin, orderer) that also serves TLS on localhost.
func (a *authority) issue(name, role string, change ...func(*x509.Certificate)) devnet.KeyPair {
	a.t.Helper()
	key := mintKey(a.t)
	template := &x509.Certificate{SerialNumber: mintSerial(a.t),
		Subject:   pkix.Name{CommonName: name, OrganizationalUnit: []string{role}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(12 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: []string{name, "localhost"}}
	for _, f := range change {
		f(template)
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	must(a.t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	must(a.t, err)
	return devnet.KeyPair{Certificate: encodePEM("CERTIFICATE", raw), Key: encodePEM("PRIVATE KEY", encoded)}
}

func mintKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

func mintSerial(t testing.TB) *big.Int {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must(t, err)
	return serial
}

func encodePEM(kind string, raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// loopback makes a certificate good for 127.0.0.1.
func loopback(template *x509.Certificate) { template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }
