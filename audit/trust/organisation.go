// Package trust says who signed: which organisations a channel has, whose a certificate is, whether a
// signature holds and whether a set of signers satisfies a policy. It is the auditor's own reading of
// Fabric's rules and shares no code with what made the blocks.
package trust

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
)

// The organisational units that tell what a certificate is for.
var nodeUnits = []string{"client", "peer", "admin", "orderer"}

// Organisation recognises the certificates of one MSP.
type Organisation struct {
	id                   string
	roots, intermediates *x509.CertPool
	authorities          []*x509.Certificate
	units                bool // node OUs are on: every certificate has exactly one of nodeUnits
	admins               []string
	revoked              map[string]bool // issuer and serial number
}

func newOrganisation(c *msp.FabricMSPConfig) (*Organisation, error) {
	o := &Organisation{
		id: c.GetName(), roots: x509.NewCertPool(), intermediates: x509.NewCertPool(),
		units: c.GetFabricNodeOus().GetEnable(), revoked: map[string]bool{},
	}
	if o.id == "" || len(c.GetRootCerts()) == 0 {
		return nil, errors.New("an MSP without a name or without a root certificate")
	}
	for _, set := range []struct {
		pool  *x509.CertPool
		certs [][]byte
	}{{o.roots, c.GetRootCerts()}, {o.intermediates, c.GetIntermediateCerts()}} {
		for _, text := range set.certs {
			cert, err := parseCertificate(text)
			if err != nil {
				return nil, fmt.Errorf("MSP %s: %w", o.id, err)
			}
			set.pool.AddCert(cert)
			o.authorities = append(o.authorities, cert)
		}
	}
	for _, text := range c.GetAdmins() {
		cert, err := parseCertificate(text)
		if err != nil {
			return nil, fmt.Errorf("MSP %s: an administrator: %w", o.id, err)
		}
		o.admins = append(o.admins, string(cert.Raw))
	}
	return o, o.readRevocations(c.GetRevocationList())
}

func (o *Organisation) readRevocations(lists [][]byte) error {
	for _, text := range lists {
		if block, _ := pem.Decode(text); block != nil {
			text = block.Bytes
		}
		list, err := x509.ParseRevocationList(text)
		if err != nil {
			return fmt.Errorf("MSP %s: revocation list: %w", o.id, err)
		}
		if !slices.ContainsFunc(o.authorities, func(ca *x509.Certificate) bool { return list.CheckSignatureFrom(ca) == nil }) {
			return fmt.Errorf("MSP %s: a revocation list that none of its authorities signed", o.id)
		}
		for _, entry := range list.RevokedCertificateEntries {
			o.revoked[string(list.RawIssuer)+entry.SerialNumber.String()] = true
		}
	}
	return nil
}

// Roots are the SHA-256 fingerprints of the certificate authorities, for people to compare.
func (o *Organisation) Roots() []string {
	var all []string
	for _, ca := range o.authorities {
		sum := sha256.Sum256(ca.Raw)
		all = append(all, hex.EncodeToString(sum[:]))
	}
	return all
}

// judge says why the organisation does not answer for a certificate, or nil. The chain is checked at
// the moment the certificate was issued: what it signed stays signed after it has expired.
func (o *Organisation) judge(cert *x509.Certificate) error {
	if cert.IsCA {
		return errors.New("the certificate is an authority's")
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: o.roots, Intermediates: o.intermediates, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		CurrentTime: cert.NotBefore.Add(time.Second),
	})
	if err != nil {
		return fmt.Errorf("no authority of %s issued the certificate: %w", o.id, err)
	}
	for _, c := range chains[0][:len(chains[0])-1] {
		if o.revoked[string(c.RawIssuer)+c.SerialNumber.String()] {
			return errors.New("the certificate was revoked")
		}
	}
	if !o.units {
		return nil
	}
	found := 0
	for _, unit := range nodeUnits {
		if slices.Contains(cert.Subject.OrganizationalUnit, unit) {
			found++
		}
	}
	if found != 1 {
		return errors.New("the certificate is not of exactly one of client, peer, admin and orderer")
	}
	return nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("a certificate that is not PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}
