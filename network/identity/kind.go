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

// Service is a server that Fabric does not know, such as a gateway. It gets a TLS certificate and
// nothing to sign transactions with.
const Service Kind = "service"

func (k Kind) valid() bool {
	return k == Client || k == Peer || k == Admin || k == Orderer || k == Service
}

// isNode tells servers, which have a host name, from people and tills, which have a user name.
func (k Kind) isNode() bool { return k == Peer || k == Orderer || k == Service }

// folder is the name of the folder that holds all members of this kind.
func (k Kind) folder() string {
	switch k {
	case Peer:
		return "peers"
	case Orderer:
		return "orderers"
	case Service:
		return "services"
	default:
		return "users"
	}
}
