package identity

// Kind is the organisational unit (NodeOU) of a certificate. Fabric gives each kind its own powers:
// only a peer's signature counts as an endorsement, only an admin's changes a channel.
type Kind string

// The four kinds that Fabric knows.
const (
	Client  Kind = "client"
	Peer    Kind = "peer"
	Admin   Kind = "admin"
	Orderer Kind = "orderer"
)

func (k Kind) valid() bool {
	return k == Client || k == Peer || k == Admin || k == Orderer
}

// isNode tells servers, which have a host name, from people and tills, which have a user name.
func (k Kind) isNode() bool { return k == Peer || k == Orderer }

// folder is the name of the folder that holds all members of this kind.
func (k Kind) folder() string {
	switch k {
	case Peer:
		return "peers"
	case Orderer:
		return "orderers"
	default:
		return "users"
	}
}
