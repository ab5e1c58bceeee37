package fabric

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Identity is who signs: a certificate of an organisation, with the role as an attribute, and the key.
type Identity struct {
	MSP         string
	Certificate *x509.Certificate
	Sign        func(digest []byte) ([]byte, error) // ECDSA over a SHA-256 digest, low S
}

// NewIdentity makes an identity from a certificate and its key, both PEM. It fails if the two do not
// belong together: a peer would only say "access denied".
func NewIdentity(mspID string, certificatePEM, keyPEM []byte) (Identity, error) {
	certificate, err := identity.CertificateFromPEM(certificatePEM)
	if err != nil {
		return Identity{}, fmt.Errorf("certificate of %s: %w", mspID, err)
	}
	key, err := identity.PrivateKeyFromPEM(keyPEM)
	if err != nil {
		return Identity{}, fmt.Errorf("key of %s: %w", mspID, err)
	}
	signer, signs := key.(crypto.Signer)
	public, compares := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !signs || !compares || !public.Equal(signer.Public()) {
		return Identity{}, fmt.Errorf("identity of %s: the key does not belong to the certificate of %s", mspID, certificate.Subject)
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		return Identity{}, fmt.Errorf("key of %s: %w", mspID, err)
	}
	return Identity{MSP: mspID, Certificate: certificate, Sign: sign}, nil
}

// LoadIdentity reads an identity from an MSP folder: signcerts and keystore, with one file each.
func LoadIdentity(mspID, dir string) (Identity, error) {
	certificate, err := onlyFile(filepath.Join(dir, "signcerts"))
	if err != nil {
		return Identity{}, err
	}
	key, err := onlyFile(filepath.Join(dir, "keystore"))
	if err != nil {
		return Identity{}, err
	}
	return NewIdentity(mspID, certificate, key)
}

// onlyFile reads the one file of a folder. Two would be a choice that nobody has made.
func onlyFile(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	if len(entries) != 1 || entries[0].IsDir() {
		return nil, fmt.Errorf("identity: %s has %d entries, want one file", dir, len(entries))
	}
	return os.ReadFile(filepath.Join(dir, entries[0].Name()))
}

// creator is the identity as it stands in a transaction's header.
func (id Identity) creator() ([]byte, error) {
	if id.Certificate == nil || id.Sign == nil || id.MSP == "" {
		return nil, errors.New("fabric: the identity has no MSP ID, certificate or key")
	}
	certificate, err := identity.CertificateToPEM(id.Certificate)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&msp.SerializedIdentity{Mspid: id.MSP, IdBytes: certificate})
}
