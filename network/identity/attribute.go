package identity

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
)

// attributeOID is the certificate extension in which Fabric CA writes attributes, and in which the
// chaincode's client identity library looks for them.
var attributeOID = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// The names of the attributes. Those with "hf." are what Fabric CA writes by itself, so that a
// certificate of ours and one of Fabric CA look alike to chaincode.
const (
	attributeEnrolment = "hf.EnrollmentID"
	attributeType      = "hf.Type"
	attributeRole      = "role"
)

// attributes is the JSON inside the extension. The keys of a map are written in order, so equal
// attributes give equal bytes.
type attributes struct {
	Attrs map[string]string `json:"attrs"`
}

// extension writes the attributes of m as Fabric CA does. Nodes carry no attributes.
func (m Member) extension() (*pkix.Extension, error) {
	if m.Kind.isNode() {
		return nil, nil
	}
	a := attributes{Attrs: map[string]string{attributeEnrolment: m.Name, attributeType: string(m.Kind)}}
	if m.Role != "" {
		a.Attrs[attributeRole] = m.Role
	}
	value, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("attributes of %s: %w", m.Name, err)
	}
	return &pkix.Extension{Id: attributeOID, Value: value}, nil
}

// Attribute reads one attribute of a certificate. It reports false when the certificate has no
// readable attribute of that name.
func Attribute(certificate *x509.Certificate, name string) (string, bool) {
	for _, e := range certificate.Extensions {
		if !e.Id.Equal(attributeOID) {
			continue
		}
		var a attributes
		if json.Unmarshal(e.Value, &a) != nil {
			return "", false
		}
		value, found := a.Attrs[name]
		return value, found
	}
	return "", false
}
