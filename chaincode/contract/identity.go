package contract

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// roleAttribute is the attribute of a certificate, as Fabric CA writes them, that says what its
// holder is there for.
const roleAttribute = "role"

// callerOf says who signed the transaction. It refuses (not_authorised) whoever cannot be named.
// A certificate without a role makes a caller without a role, who may do nothing but ask who it is.
//
// Two dangers. contract-api hands on a nil *cid.ClientID, inside an interface that is not nil,
// when the identity could not be read. And an Idemix credential brings an attribute "role" of its
// own, "admin" among them, that no chain has granted: without a certificate there is no caller.
func callerOf(identity cid.ClientIdentity) (loyalty.Caller, string, error) {
	if id, ok := identity.(*cid.ClientID); identity == nil || ok && id == nil {
		return loyalty.Caller{}, "", refuseIdentity()
	}
	certificate, err := identity.GetX509Certificate()
	if err != nil || certificate == nil {
		return loyalty.Caller{}, "", refuseIdentity()
	}
	msp, err := identity.GetMSPID()
	if err != nil || msp == "" {
		return loyalty.Caller{}, "", refuseIdentity()
	}
	role, _, err := identity.GetAttributeValue(roleAttribute)
	if err != nil {
		return loyalty.Caller{}, "", refuseIdentity()
	}
	return loyalty.Caller{MSP: loyalty.MSPID(msp), Role: loyalty.Role(role)}, fingerprint(certificate.Raw), nil
}

// fingerprint names a certificate without saying whose it is, as openssl x509 -fingerprint does.
func fingerprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	return hex.EncodeToString(sum[:])
}

func refuseIdentity() error {
	return loyalty.Refuse(loyalty.CodeNotAuthorised, "The signer of the transaction has no certificate that can be read.")
}
