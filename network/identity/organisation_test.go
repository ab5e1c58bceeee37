package identity_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"net"
	"slices"
	"testing"

	"github.com/zegel/zegel/network/identity"
)

func mustNew(t *testing.T) *identity.Organisation {
	t.Helper()
	o, err := identity.New("KorenaarMSP", "korenaar.example")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustIssue(t *testing.T, o *identity.Organisation, m identity.Member) (identity.Credential, *x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	c, err := o.Issue(m)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key, err := c.Sign.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return c, certificate, key
}

func verify(t *testing.T, root []byte, certificate *x509.Certificate, host string) {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		t.Fatal("the root is not PEM")
	}
	options := x509.VerifyOptions{Roots: pool, DNSName: host, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := certificate.Verify(options); err != nil {
		t.Errorf("%s: %v", certificate.Subject, err)
	}
}

func TestACertificateSaysWhoItsHolderIs(t *testing.T) {
	o := mustNew(t)
	for _, m := range []identity.Member{
		{Name: "pos", Kind: identity.Client, Role: "pos"},
		{Name: "admin", Kind: identity.Admin, Role: "admin"},
		{Name: "peer0", Kind: identity.Peer},
		{Name: "orderer0", Kind: identity.Orderer},
	} {
		t.Run(m.Name, func(t *testing.T) {
			c, certificate, key := mustIssue(t, o, m)
			verify(t, o.SigningRoot(), certificate, "")
			if c.MSPID != "KorenaarMSP" || certificate.Subject.CommonName != c.Name {
				t.Errorf("credential of %s %s, certificate of %s", c.MSPID, c.Name, certificate.Subject)
			}
			if got := certificate.Subject.OrganizationalUnit; !slices.Equal(got, []string{string(m.Kind)}) {
				t.Errorf("organisational units %v, want exactly %s", got, m.Kind)
			}
			if role, _ := identity.Attribute(certificate, "role"); role != m.Role {
				t.Errorf("role %q, want %q", role, m.Role)
			}
			point, err := key.PublicKey.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(point); !slices.Equal(certificate.SubjectKeyId, sum[:]) {
				t.Error("the subject key identifier is not the one by which Fabric finds the key")
			}
		})
	}
}

func TestTheAttributeExtensionIsWhatFabricCAWrites(t *testing.T) {
	_, certificate, _ := mustIssue(t, mustNew(t), identity.Member{Name: "till-7", Kind: identity.Client, Role: "pos"})
	for _, e := range certificate.Extensions {
		if e.Id.String() != "1.2.3.4.5.6.7.8.1" {
			continue
		}
		want := `{"attrs":{"hf.EnrollmentID":"till-7","hf.Type":"client","role":"pos"}}`
		if !json.Valid(e.Value) || string(e.Value) != want {
			t.Errorf("extension %s, want %s", e.Value, want)
		}
		if e.Critical {
			t.Error("a critical extension would make every peer refuse the certificate")
		}
		return
	}
	t.Error("no attribute extension")
}

func TestANodeIsTrustedUnderEachOfItsNames(t *testing.T) {
	o := mustNew(t)
	c, _, _ := mustIssue(t, o, identity.Member{Name: "peer0", Kind: identity.Peer, Hosts: []string{"localhost", "127.0.0.1"}})
	certificate, _, err := c.TLS.Parse()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"peer0.korenaar.example", "peer0", "localhost", "127.0.0.1"} {
		verify(t, o.TLSRoot(), certificate, host)
	}
	if !slices.ContainsFunc(certificate.IPAddresses, net.IPv4(127, 0, 0, 1).Equal) {
		t.Errorf("addresses %v", certificate.IPAddresses)
	}
}

func TestAStolenTLSKeyCannotEndorse(t *testing.T) {
	o := mustNew(t)
	c, _, _ := mustIssue(t, o, identity.Member{Name: "peer0", Kind: identity.Peer})
	certificate, _, err := c.TLS.Parse()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(o.SigningRoot())
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool}); err == nil {
		t.Error("the signing root vouches for a TLS certificate")
	}
}

func TestClientsHaveNoTLSCertificateAndAdminsHaveOne(t *testing.T) {
	o := mustNew(t)
	client, _, _ := mustIssue(t, o, identity.Member{Name: "pos", Kind: identity.Client, Role: "pos"})
	if client.TLS.Certificate != nil {
		t.Error("a client got a TLS certificate")
	}
	admin, _, _ := mustIssue(t, o, identity.Member{Name: "admin", Kind: identity.Admin, Role: "admin"})
	if _, _, err := admin.TLS.Parse(); err != nil {
		t.Error(err)
	}
}

func TestNamesThatCouldLeaveTheFolderAreRefused(t *testing.T) {
	o := mustNew(t)
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "-a", "a-", "A", "é", "a b", "a\x00"} {
		if _, err := o.Issue(identity.Member{Name: name, Kind: identity.Client}); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	for _, m := range []identity.Member{
		{Name: "a", Kind: "root"},
		{Name: "peer0", Kind: identity.Peer, Role: "pos"},
	} {
		if _, err := o.Issue(m); err == nil {
			t.Errorf("%+v was accepted", m)
		}
	}
	for _, bad := range [][2]string{{"", "a.example"}, {"A'MSP", "a.example"}, {"AMSP", "../x"}, {"AMSP", "a"}, {"AMSP", "A.example"}} {
		if _, err := identity.New(bad[0], bad[1]); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
