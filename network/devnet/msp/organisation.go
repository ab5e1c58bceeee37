// Package msp is the membership of a channel: who issued a certificate, what role it has, and whether a signature is
// that certificate's. It follows the rules of Fabric's X.509 membership service provider.
package msp

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// The organisational units that tell roles apart when an organisation uses node OUs.
const (
	unitClient  = "client"
	unitPeer    = "peer"
	unitAdmin   = "admin"
	unitOrderer = "orderer"
)

// Organisation is the part of an MSP that others need in order to recognise its members.
type Organisation struct {
	id            string
	roots         *x509.CertPool
	intermediates *x509.CertPool
	nodeOUs       bool
	admins        [][]byte
}

// New reads an organisation from its MSP configuration, as it stands in a channel's configuration block.
func New(config *msp.FabricMSPConfig) (*Organisation, error) {
	if config.GetName() == "" {
		return nil, errors.New("an MSP has no name")
	}
	o := &Organisation{id: config.GetName(), roots: x509.NewCertPool(), intermediates: x509.NewCertPool(),
		nodeOUs: config.GetFabricNodeOus().GetEnable()}
	if len(config.GetRootCerts()) == 0 {
		return nil, fmt.Errorf("MSP %s has no root certificate", o.id)
	}
	for _, root := range config.GetRootCerts() {
		if !o.roots.AppendCertsFromPEM(root) {
			return nil, fmt.Errorf("MSP %s: a root certificate is not PEM", o.id)
		}
	}
	for _, intermediate := range config.GetIntermediateCerts() {
		if !o.intermediates.AppendCertsFromPEM(intermediate) {
			return nil, fmt.Errorf("MSP %s: an intermediate certificate is not PEM", o.id)
		}
	}
	for _, admin := range config.GetAdmins() {
		certificate, err := parseCertificate(admin)
		if err != nil {
			return nil, fmt.Errorf("MSP %s: an admin certificate: %w", o.id, err)
		}
		o.admins = append(o.admins, certificate.Raw)
	}
	return o, nil
}

// ID is the MSP ID.
func (o *Organisation) ID() string { return o.id }

// Identify makes an identity of a certificate in PEM.
func (o *Organisation) Identify(certificatePEM []byte) (*Identity, error) {
	certificate, err := parseCertificate(certificatePEM)
	if err != nil {
		return nil, err
	}
	identity := &Identity{organisation: o, certificate: certificate}
	identity.invalid = o.validate(identity)
	return identity, nil
}

// validate checks the chain at the moment the certificate was issued, so that expiry does not matter, and then that
// the certificate has exactly one role.
func (o *Organisation) validate(i *Identity) error {
	if i.certificate.IsCA {
		return errors.New("could not obtain certification chain: An X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity")
	}
	_, err := i.certificate.Verify(x509.VerifyOptions{Roots: o.roots, Intermediates: o.intermediates,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, CurrentTime: i.certificate.NotBefore.Add(time.Second)})
	if err != nil {
		return fmt.Errorf("could not obtain certification chain: the supplied identity is not valid: %w", err)
	}
	if !o.nodeOUs {
		return nil
	}
	roles := 0
	for _, unit := range []string{unitClient, unitPeer, unitAdmin, unitOrderer} {
		if i.hasUnit(unit) {
			roles++
		}
	}
	switch {
	case roles == 0:
		return fmt.Errorf("could not validate identity's OUs: the identity does not have an OU that resolves to client, peer, orderer, or admin role. OUs: %v, MSP: [%s]",
			i.certificate.Subject.OrganizationalUnit, o.id)
	case roles > 1:
		return fmt.Errorf("could not validate identity's OUs: the identity must have a client, a peer, an orderer, or an admin OU role to be valid, not a combination of them. OUs: %v, MSP: [%s]",
			i.certificate.Subject.OrganizationalUnit, o.id)
	}
	return nil
}

func (o *Organisation) isAdmin(i *Identity) bool {
	if o.nodeOUs && i.hasUnit(unitAdmin) {
		return true
	}
	for _, admin := range o.admins {
		if bytes.Equal(admin, i.certificate.Raw) {
			return true
		}
	}
	return false
}

// parseCertificate reads the first PEM block as a certificate, as Fabric does.
func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("could not decode the PEM structure")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parseCertificate failed: %w", err)
	}
	return certificate, nil
}

// Serialise is how an identity travels in headers and endorsements.
func Serialise(mspID string, certificatePEM []byte) ([]byte, error) {
	serialised, err := proto.Marshal(&msp.SerializedIdentity{Mspid: mspID, IdBytes: certificatePEM})
	if err != nil {
		return nil, fmt.Errorf("serialise identity of %s: %w", mspID, err)
	}
	return serialised, nil
}
