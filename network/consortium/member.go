package consortium

import (
	"fmt"
	"strings"

	"github.com/zegel/zegel/network/identity"
)

// Members are all to whom an organisation issues certificates: its servers, its administrator, and
// one client for each role that the chaincode knows for its kind.
func (o Organisation) Members() []identity.Member {
	var members []identity.Member
	for _, p := range o.Peers {
		members = append(members, p.Member())
		for _, s := range p.Chaincodes {
			members = append(members, s.Member())
		}
	}
	for _, n := range o.Orderers {
		members = append(members, n.Member())
	}
	if o.GatewayPort != 0 {
		members = append(members, o.Gateway())
	}
	return append(members, o.Users()...)
}

// Gateway is the organisation's HTTP gateway as a server: "gateway.korenaar.example".
func (o Organisation) Gateway() identity.Member {
	return identity.Member{Name: "gateway", Kind: identity.Service, Hosts: loopback}
}

// Member is the peer as its organisation's authority knows it. A node is also reached on the
// machine itself.
func (p Peer) Member() identity.Member {
	return identity.Member{Name: p.Name, Kind: identity.Peer, Hosts: loopback}
}

// Member is the chaincode service as its organisation's authority knows it: a server to its peer alone.
func (s Service) Member() identity.Member {
	name, _, _ := strings.Cut(s.Host, ".")
	return identity.Member{Name: name, Kind: identity.Service, Hosts: loopback}
}

// Member is the orderer as its organisation's authority knows it.
func (n Orderer) Member() identity.Member {
	return identity.Member{Name: n.Name, Kind: identity.Orderer, Hosts: loopback}
}

var loopback = []string{"localhost", "127.0.0.1", "::1"}

// Users are the organisation's people and tills. The user's name is the role.
func (o Organisation) Users() []identity.Member {
	users := []identity.Member{o.Admin()}
	for _, role := range o.roles() {
		users = append(users, identity.Member{Name: role, Kind: identity.Client, Role: role})
	}
	return users
}

// Admin administers the organisation's nodes and signs for it in the channel.
func (o Organisation) Admin() identity.Member {
	return identity.Member{Name: "admin", Kind: identity.Admin, Role: "admin"}
}

func (o Organisation) roles() []string {
	switch o.Kind {
	case Chain:
		return []string{"pos", "agent", "manager"}
	case Clearing:
		return []string{"manager"}
	default:
		return []string{"auditor"}
	}
}

// User finds one of the organisation's users by role.
func (o Organisation) User(role string) (identity.Member, error) {
	for _, m := range o.Users() {
		if m.Role == role {
			return m, nil
		}
	}
	return identity.Member{}, fmt.Errorf("%s has no user with the role %q", o.Name, role)
}

// Folder is where the organisation's material lives below root.
func (o Organisation) Folder(root string) identity.Folder {
	return identity.In(root, o.MSPID, o.Domain)
}

// Ensure mints what is missing below root, for all organisations, and touches nothing else.
func (c Consortium) Ensure(root string) error {
	for _, o := range c.Organisations {
		if _, err := o.Folder(root).Ensure(o.Members()...); err != nil {
			return fmt.Errorf("keys of %s: %w", o.Name, err)
		}
	}
	return nil
}
