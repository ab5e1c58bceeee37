package conformance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/zegel/zegel/network/identity"
)

// imposters are identities that ought not to be let in.
var imposters = map[string]func(*world) (*signer, error){
	"mallory":  func(*world) (*signer, error) { return foreigner("AlphaMSP") }, // another authority's certificate
	"stranger": func(*world) (*signer, error) { return foreigner("StrangeMSP") },
	"expired": func(w *world) (*signer, error) {
		return w.mint(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	},
	"roleless": func(w *world) (*signer, error) {
		return w.mint(func(c *x509.Certificate) { c.Subject.OrganizationalUnit = []string{"cashier"} })
	},
	"two-faced": func(w *world) (*signer, error) {
		return w.mint(func(c *x509.Certificate) { c.Subject.OrganizationalUnit = []string{"client", "peer"} })
	},
}

// foreigner claims to be of an organisation and has a certificate of somebody else's authority.
func foreigner(mspID string) (*signer, error) {
	o, err := identity.New(mspID, "foreign.example")
	if err != nil {
		return nil, err
	}
	credential, err := o.Issue(identity.Member{Name: "mallory", Kind: identity.Client})
	if err != nil {
		return nil, err
	}
	certificate, key, err := credential.Sign.Parse()
	if err != nil {
		return nil, err
	}
	return newSigner(mspID, certificate, key)
}

// mint issues a certificate of Alpha's authority that is somehow odd.
func (w *world) mint(change func(*x509.Certificate)) (*signer, error) {
	o, err := w.organisation("alpha")
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(o.Folder(w.material).Path, "ca")
	certificate, err := os.ReadFile(filepath.Join(dir, "ca."+o.Domain+"-cert.pem"))
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(filepath.Join(dir, "priv_sk"))
	if err != nil {
		return nil, err
	}
	authority, authorityKey, err := identity.Pair{Certificate: certificate, Key: key}.Parse()
	if err != nil {
		return nil, err
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "odd@" + o.Domain, OrganizationalUnit: []string{"client"}},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, authority, &own.PublicKey, authorityKey)
	if err != nil {
		return nil, err
	}
	odd, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return newSigner(o.MSPID, odd, own)
}

// highS gives an ECDSA signature its other form, which Fabric refuses: a signature must not have two.
func highS(signature []byte) []byte {
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &pair); err != nil {
		return nil
	}
	pair.S.Sub(elliptic.P256().Params().N, pair.S)
	flipped, err := asn1.Marshal(pair)
	if err != nil {
		return nil
	}
	return flipped
}
