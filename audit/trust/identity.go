package trust

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Identity is a certificate and the organisation that it says it belongs to.
type Identity struct {
	MSP         string
	Certificate *x509.Certificate
	Err         error // why the organisation does not answer for it; nil if it does
	org         *Organisation
}

// attributes is the certificate extension in which Fabric CA writes attributes.
var attributes = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// Attribute is the value of an attribute of the certificate, empty where it has none.
func (i *Identity) Attribute(name string) string {
	for _, e := range i.Certificate.Extensions {
		if !e.Id.Equal(attributes) {
			continue
		}
		var list struct {
			Attrs map[string]string `json:"attrs"`
		}
		if json.Unmarshal(e.Value, &list) == nil {
			return list.Attrs[name]
		}
	}
	return ""
}

// Fingerprint is the SHA-256 of the certificate.
func (i *Identity) Fingerprint() [sha256.Size]byte { return sha256.Sum256(i.Certificate.Raw) }

// Verify says why signature is not the identity's over message, or nil. Of the two signatures that an
// ECDSA key can turn into each other without the key, Fabric takes the one with the low S only.
func (i *Identity) Verify(message, signature []byte) error {
	switch key := i.Certificate.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return verifyECDSA(key, message, signature)
	case ed25519.PublicKey:
		if !ed25519.Verify(key, message, signature) {
			return errors.New("the signature does not hold")
		}
		return nil
	default:
		return fmt.Errorf("a key of type %T", key)
	}
}

func verifyECDSA(key *ecdsa.PublicKey, message, signature []byte) error {
	var parts struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &parts); err != nil || len(rest) > 0 {
		return errors.New("the signature is not of its form")
	}
	if half := new(big.Int).Rsh(key.Params().N, 1); parts.S.Cmp(half) > 0 {
		return errors.New("the signature has a high S")
	}
	digest := sha256.Sum256(message)
	if !ecdsa.VerifyASN1(key, digest[:], signature) {
		return errors.New("the signature does not hold")
	}
	return nil
}

// satisfies says whether the identity is what a policy asks for.
func (i *Identity) satisfies(p *msp.MSPPrincipal) bool {
	if i.Err != nil {
		return false
	}
	switch p.GetPrincipalClassification() {
	case msp.MSPPrincipal_ROLE:
		role := &msp.MSPRole{}
		return proto.Unmarshal(p.GetPrincipal(), role) == nil && role.GetMspIdentifier() == i.MSP && i.has(role.GetRole())
	case msp.MSPPrincipal_ORGANIZATION_UNIT: //nolint:misspell // Fabric's name
		unit := &msp.OrganizationUnit{}
		return proto.Unmarshal(p.GetPrincipal(), unit) == nil && unit.GetMspIdentifier() == i.MSP &&
			i.isOf(unit.GetOrganizationalUnitIdentifier())
	case msp.MSPPrincipal_IDENTITY:
		return i.isCertificate(p.GetPrincipal())
	case msp.MSPPrincipal_COMBINED:
		all := &msp.CombinedPrincipal{}
		return proto.Unmarshal(p.GetPrincipal(), all) == nil && len(all.GetPrincipals()) > 0 &&
			!slices.ContainsFunc(all.GetPrincipals(), func(p *msp.MSPPrincipal) bool { return !i.satisfies(p) })
	default:
		return false
	}
}

// isCertificate says whether the identity is exactly the one that a policy names.
func (i *Identity) isCertificate(serialised []byte) bool {
	other := &msp.SerializedIdentity{}
	if proto.Unmarshal(serialised, other) != nil || other.GetMspid() != i.MSP {
		return false
	}
	cert, err := parseCertificate(other.GetIdBytes())
	return err == nil && cert.Equal(i.Certificate)
}

func (i *Identity) has(role msp.MSPRole_MSPRoleType) bool {
	switch role {
	case msp.MSPRole_MEMBER:
		return true
	case msp.MSPRole_ADMIN:
		return slices.Contains(i.org.admins, string(i.Certificate.Raw)) || i.org.units && i.isOf("admin")
	case msp.MSPRole_CLIENT:
		return i.org.units && i.isOf("client")
	case msp.MSPRole_PEER:
		return i.org.units && i.isOf("peer")
	case msp.MSPRole_ORDERER:
		return i.org.units && i.isOf("orderer")
	default:
		return false
	}
}

func (i *Identity) isOf(unit string) bool {
	return slices.Contains(i.Certificate.Subject.OrganizationalUnit, unit)
}
