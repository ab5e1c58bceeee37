package identity

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
)

// Member is somebody to whom an organisation issues a certificate.
type Member struct {
	// Name is the first part of the full name: "peer0" or "pos". Lower-case letters, digits and
	// hyphens, at most 63.
	Name string
	Kind Kind
	// Role is the attribute that the chaincode's table of authority asks for. Nodes have none.
	Role string
	// Hosts are the DNS names and IP addresses, beside the full name, under which a node is
	// reached. They go into its TLS certificate.
	Hosts []string
}

// label is one part of a host name. It also keeps a name from leaving its folder.
var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainName is two or more labels.
var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// mspName is what Fabric accepts as an MSP ID without quoting it in a policy.
var mspName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]{0,63}$`)

func (m Member) validate() error {
	if !label.MatchString(m.Name) {
		return fmt.Errorf("member name %q: want lower-case letters, digits and hyphens", m.Name)
	}
	if !m.Kind.valid() {
		return fmt.Errorf("member %s: unknown kind %q", m.Name, m.Kind)
	}
	if m.Kind.isNode() && m.Role != "" {
		return fmt.Errorf("member %s: a %s has no role", m.Name, m.Kind)
	}
	return nil
}

// FullName is the host name of a node, "peer0.korenaar.example", or the user name of anyone else,
// "pos@korenaar.example".
func (m Member) FullName(domain string) string {
	if m.Kind.isNode() {
		return m.Name + "." + domain
	}
	return m.Name + "@" + domain
}

// path is where the member's material lives, below the organisation's folder.
func (m Member) path(domain string) string {
	return filepath.Join(m.Kind.folder(), m.FullName(domain))
}

// signs tells who is a member of the channel and not a mere server.
func (m Member) signs() bool { return m.Kind != Service }

// hasTLS tells who gets a TLS certificate: nodes, which are servers, and admins, who must show
// one to an orderer's channel participation endpoint.
func (m Member) hasTLS() bool { return m.Kind.isNode() || m.Kind == Admin }

// alternatives sorts the names of a node into DNS names and IP addresses.
func (m Member) alternatives(domain string) (names []string, addresses []net.IP) {
	if !m.Kind.isNode() {
		return nil, nil
	}
	for _, host := range append([]string{m.FullName(domain), m.Name}, m.Hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			addresses = append(addresses, ip)
		} else {
			names = append(names, host)
		}
	}
	return names, addresses
}
