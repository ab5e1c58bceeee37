package identity

import "fmt"

// Organisation is one organisation's authority in memory: a root for signatures and another for
// TLS, so that a stolen TLS key can never endorse.
type Organisation struct {
	MSPID  string
	Domain string

	signing *authority
	tls     *authority
}

// Credential is what one member holds.
type Credential struct {
	MSPID string
	// Name is the full name: "pos@korenaar.example" or "peer0.korenaar.example".
	Name string
	// Sign is the enrolment certificate and key. It is empty for services.
	Sign Pair
	// TLS is empty for clients, who are not asked for one.
	TLS Pair
}

// New makes the two roots of an organisation.
func New(mspID, domain string) (*Organisation, error) {
	if err := checkNames(mspID, domain); err != nil {
		return nil, err
	}
	signing, err := newAuthority("ca."+domain, domain)
	if err != nil {
		return nil, err
	}
	tls, err := newAuthority("tlsca."+domain, domain)
	if err != nil {
		return nil, err
	}
	return &Organisation{MSPID: mspID, Domain: domain, signing: signing, tls: tls}, nil
}

func checkNames(mspID, domain string) error {
	if !mspName.MatchString(mspID) {
		return fmt.Errorf("MSP ID %q: want a letter, then letters, digits, dots and hyphens", mspID)
	}
	if len(domain) > 200 || !domainName.MatchString(domain) {
		return fmt.Errorf("domain %q of %s: want lower-case labels joined by dots", domain, mspID)
	}
	return nil
}

// SigningRoot is the PEM certificate against which every member's signature is checked.
func (o *Organisation) SigningRoot() []byte { return o.signing.pair.Certificate }

// TLSRoot is the PEM certificate against which every node's TLS certificate is checked.
func (o *Organisation) TLSRoot() []byte { return o.tls.pair.Certificate }

// Issue mints new keys and certificates for m. Issuing twice gives two credentials, both valid.
func (o *Organisation) Issue(m Member) (Credential, error) {
	if err := m.validate(); err != nil {
		return Credential{}, err
	}
	c := Credential{MSPID: o.MSPID, Name: m.FullName(o.Domain)}
	var err error
	if m.signs() {
		if c.Sign, err = o.signing.enrol(m, o.Domain); err != nil {
			return Credential{}, err
		}
	}
	if m.hasTLS() {
		if c.TLS, err = o.tls.secure(m, o.Domain); err != nil {
			return Credential{}, err
		}
	}
	return c, nil
}
