package msp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	fabricmsp "github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
)

type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	pem         []byte
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func mint(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: must2(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	must(t, raw, err)
	a.certificate = must(t, a.certificate, nil)
	a.certificate, err = x509.ParseCertificate(raw)
	must(t, 0, err)
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	return a
}

func must2(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return must(t, key, err)
}

func (a *authority) issue(t *testing.T, units ...string) (certificate, key []byte) {
	t.Helper()
	private := must2(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "x", OrganizationalUnit: units},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(-time.Minute)}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	must(t, raw, err)
	encoded, err := x509.MarshalECPrivateKey(private)
	must(t, encoded, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})
}

func (a *authority) organisation(t *testing.T, nodeOUs bool, admins ...[]byte) *msp.Organisation {
	t.Helper()
	config := &fabricmsp.FabricMSPConfig{Name: "AMSP", RootCerts: [][]byte{a.pem}, Admins: admins, FabricNodeOus: &fabricmsp.FabricNodeOUs{Enable: nodeOUs}}
	organisation, err := msp.New(config)
	return must(t, organisation, err)
}

func TestRoles(t *testing.T) {
	ca := mint(t)
	listed, _ := ca.issue(t, "client")
	roles := []fabricmsp.MSPRole_MSPRoleType{fabricmsp.MSPRole_MEMBER, fabricmsp.MSPRole_ADMIN, fabricmsp.MSPRole_CLIENT, fabricmsp.MSPRole_PEER, fabricmsp.MSPRole_ORDERER}
	for _, test := range []struct {
		name    string
		nodeOUs bool
		units   string
		listed  bool
		want    string // of member, admin, client, peer, orderer
	}{
		{"client", true, "client", false, "x-x--"},
		{"peer", true, "peer", false, "x--x-"},
		{"admin", true, "admin", false, "xx---"},
		{"orderer", true, "orderer", false, "x---x"},
		{"other units do not matter", true, "client sales", false, "x-x--"},
		{"no role", true, "sales", false, "-----"},
		{"two roles", true, "client peer", false, "-----"},
		{"without node OUs there are members", false, "client", false, "x----"},
		{"and listed admins", false, "client", true, "xx---"},
	} {
		t.Run(test.name, func(t *testing.T) {
			certificate, _ := ca.issue(t, strings.Fields(test.units)...)
			organisation := ca.organisation(t, test.nodeOUs)
			if test.listed {
				certificate, organisation = listed, ca.organisation(t, test.nodeOUs, listed)
			}
			identity, err := organisation.Identify(certificate)
			must(t, identity, err)
			got := ""
			for _, role := range roles {
				mark := "-"
				if identity.Satisfies(policy.Role("AMSP", role)) == nil {
					mark = "x"
				}
				got += mark
			}
			if got != test.want {
				t.Errorf("roles %s, not %s", got, test.want)
			}
			if identity.Satisfies(policy.Role("BMSP", fabricmsp.MSPRole_MEMBER)) == nil {
				t.Error("a member of another organisation")
			}
		})
	}
}

func TestCertificatesOfOthersAreInvalid(t *testing.T) {
	certificate, _ := mint(t).issue(t, "client")
	organisation := mint(t).organisation(t, true)
	identity, err := organisation.Identify(certificate)
	must(t, identity, err)
	if identity.Validate() == nil {
		t.Error("a certificate of another authority is valid")
	}
}

func TestExpiredCertificatesStayValid(t *testing.T) {
	ca := mint(t)
	certificate, _ := ca.issue(t, "client")
	identity, err := ca.organisation(t, true).Identify(certificate)
	must(t, identity, err)
	if err := identity.Validate(); err != nil {
		t.Errorf("blocks outlive the certificates in them: %v", err)
	}
	if !identity.ExpiresAt().Before(time.Now()) {
		t.Error("it has expired")
	}
}

func TestSignatures(t *testing.T) {
	ca := mint(t)
	certificate, key := ca.issue(t, "client")
	signer, err := msp.NewSigner("AMSP", certificate, key)
	must(t, signer, err)
	directory := msp.NewDirectory(ca.organisation(t, true))
	identity, err := directory.Identify(signer.Serialised())
	must(t, identity, err)
	signature, err := signer.Sign([]byte("message"))
	must(t, signature, err)
	for range 2 { // the second time from memory
		if err := identity.Verify([]byte("message"), signature); err != nil {
			t.Errorf("refused: %v", err)
		}
	}
	for name, forged := range map[string][]byte{"high S": highS(t, signature), "truncated": signature[:len(signature)-1], "trailing": append(signature, 0), "empty": nil} {
		if identity.Verify([]byte("message"), forged) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if identity.Verify([]byte("other"), signature) == nil {
		t.Error("another message: accepted")
	}
}

// highS is the other signature that the same key could have made: valid mathematics, but not accepted.
func highS(t *testing.T, signature []byte) []byte {
	t.Helper()
	var parsed struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(signature, &parsed)
	must(t, 0, err)
	parsed.S = new(big.Int).Sub(elliptic.P256().Params().N, parsed.S)
	encoded, err := asn1.Marshal(parsed)
	return must(t, encoded, err)
}

func TestSignerNeedsItsOwnKey(t *testing.T) {
	ca := mint(t)
	certificate, _ := ca.issue(t, "peer")
	_, key := ca.issue(t, "peer")
	if _, err := msp.NewSigner("AMSP", certificate, key); err == nil {
		t.Error("a key of another certificate is accepted")
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add([]byte{10, 4, 'A', 'M', 'S', 'P', 18, 1, 'x'})
	directory := msp.NewDirectory()
	f.Fuzz(func(t *testing.T, serialised []byte) {
		if identity, err := directory.Identify(serialised); err == nil && identity.Validate() == nil {
			t.Error("nobody is a member of an empty directory")
		}
	})
}

func TestOtherPrincipals(t *testing.T) {
	ca := mint(t)
	certificate, _ := ca.issue(t, "client", "sales")
	stranger, _ := ca.issue(t, "client")
	identity, err := ca.organisation(t, true).Identify(certificate)
	must(t, identity, err)
	encode := func(message proto.Message) []byte {
		encoded, err := proto.Marshal(message)
		return must(t, encoded, err)
	}
	unit := func(mspID, name string) *fabricmsp.MSPPrincipal {
		return &fabricmsp.MSPPrincipal{PrincipalClassification: fabricmsp.MSPPrincipal_ORGANIZATION_UNIT,
			Principal: encode(&fabricmsp.OrganizationUnit{MspIdentifier: mspID, OrganizationalUnitIdentifier: name})}
	}
	exactly := func(certificate []byte) *fabricmsp.MSPPrincipal {
		return &fabricmsp.MSPPrincipal{PrincipalClassification: fabricmsp.MSPPrincipal_IDENTITY,
			Principal: encode(&fabricmsp.SerializedIdentity{Mspid: "AMSP", IdBytes: certificate})}
	}
	all := func(principals ...*fabricmsp.MSPPrincipal) *fabricmsp.MSPPrincipal {
		return &fabricmsp.MSPPrincipal{PrincipalClassification: fabricmsp.MSPPrincipal_COMBINED,
			Principal: encode(&fabricmsp.CombinedPrincipal{Principals: principals})}
	}
	for name, test := range map[string]struct {
		principal *fabricmsp.MSPPrincipal
		satisfied bool
	}{
		"its unit":                       {unit("AMSP", "sales"), true},
		"another unit":                   {unit("AMSP", "stores"), false},
		"its unit of another member":     {unit("BMSP", "sales"), false},
		"itself":                         {exactly(certificate), true},
		"somebody else":                  {exactly(stranger), false},
		"itself and its unit":            {all(exactly(certificate), unit("AMSP", "sales")), true},
		"itself and another unit":        {all(exactly(certificate), unit("AMSP", "stores")), false},
		"all of nothing":                 {all(), false},
		"a classification of the future": {&fabricmsp.MSPPrincipal{PrincipalClassification: 99}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := identity.Satisfies(test.principal); (err == nil) != test.satisfied {
				t.Errorf("satisfied: %v", err)
			}
		})
	}
}
