package msp

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Satisfies says why the identity is not what a policy's principal asks for, or nil.
func (i *Identity) Satisfies(principal *msp.MSPPrincipal) error {
	switch principal.GetPrincipalClassification() {
	case msp.MSPPrincipal_ROLE:
		return i.satisfiesRole(principal.GetPrincipal())
	case msp.MSPPrincipal_ORGANIZATION_UNIT:
		return i.satisfiesUnit(principal.GetPrincipal())
	case msp.MSPPrincipal_IDENTITY:
		return i.satisfiesIdentity(principal.GetPrincipal())
	case msp.MSPPrincipal_COMBINED:
		return i.satisfiesCombined(principal.GetPrincipal())
	default:
		return fmt.Errorf("invalid principal type %d", principal.GetPrincipalClassification())
	}
}

func (i *Identity) satisfiesRole(encoded []byte) error {
	role := &msp.MSPRole{}
	if err := proto.Unmarshal(encoded, role); err != nil {
		return fmt.Errorf("could not unmarshal MSPRole from principal: %w", err)
	}
	if role.GetMspIdentifier() != i.MSPID() {
		return fmt.Errorf("the identity is a member of a different MSP (expected %s, got %s)", role.GetMspIdentifier(), i.MSPID())
	}
	if err := i.Validate(); err != nil {
		return fmt.Errorf("the identity is not valid under this MSP [%s]: %w", i.MSPID(), err)
	}
	if !i.hasRole(role.GetRole()) {
		return fmt.Errorf("the identity is not a [%s] under this MSP [%s]", role.GetRole(), i.MSPID())
	}
	return nil
}

func (i *Identity) hasRole(role msp.MSPRole_MSPRoleType) bool {
	switch role {
	case msp.MSPRole_MEMBER:
		return true
	case msp.MSPRole_ADMIN:
		return i.organisation.isAdmin(i)
	case msp.MSPRole_CLIENT:
		return i.organisation.nodeOUs && i.hasUnit(unitClient)
	case msp.MSPRole_PEER:
		return i.organisation.nodeOUs && i.hasUnit(unitPeer)
	case msp.MSPRole_ORDERER:
		return i.organisation.nodeOUs && i.hasUnit(unitOrderer)
	default:
		return false
	}
}

func (i *Identity) satisfiesUnit(encoded []byte) error {
	unit := &msp.OrganizationUnit{}
	if err := proto.Unmarshal(encoded, unit); err != nil {
		return fmt.Errorf("could not unmarshal OrganizationUnit from principal: %w", err)
	}
	if unit.GetMspIdentifier() != i.MSPID() {
		return fmt.Errorf("the identity is a member of a different MSP (expected %s, got %s)", unit.GetMspIdentifier(), i.MSPID())
	}
	if err := i.Validate(); err != nil {
		return err
	}
	if !i.hasUnit(unit.GetOrganizationalUnitIdentifier()) {
		return errors.New("the identities do not match")
	}
	return nil
}

func (i *Identity) satisfiesIdentity(encoded []byte) error {
	serialised := &msp.SerializedIdentity{}
	if err := proto.Unmarshal(encoded, serialised); err != nil {
		return fmt.Errorf("invalid identity principal, not a certificate: %w", err)
	}
	certificate, err := parseCertificate(serialised.GetIdBytes())
	if err != nil {
		return fmt.Errorf("invalid identity principal, not a certificate: %w", err)
	}
	if serialised.GetMspid() != i.MSPID() || !bytes.Equal(certificate.Raw, i.certificate.Raw) {
		return errors.New("the identities do not match")
	}
	return i.Validate()
}

func (i *Identity) satisfiesCombined(encoded []byte) error {
	combined := &msp.CombinedPrincipal{}
	if err := proto.Unmarshal(encoded, combined); err != nil {
		return fmt.Errorf("could not unmarshal CombinedPrincipal from principal: %w", err)
	}
	if len(combined.GetPrincipals()) == 0 {
		return errors.New("no principals in CombinedPrincipal")
	}
	for _, principal := range combined.GetPrincipals() {
		if err := i.Satisfies(principal); err != nil {
			return err
		}
	}
	return nil
}
