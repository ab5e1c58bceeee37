package consortium

import (
	"fmt"
	"time"
)

// Consortium is a checked description. Its slices keep the order of the file.
type Consortium struct {
	Channel       string
	Fabric        string // the release of Fabric and the tag of its images, "3.1.5"
	Chaincode     Chaincode
	Block         Block
	Organisations []Organisation
	// Shared are collections beside those that every chain has. A description has none.
	Shared []Collection `json:",omitempty"`
}

// Chaincode is the definition that all organisations approve.
type Chaincode struct {
	Name     string
	Version  string
	Sequence int64
	// Endorsements is how many organisations with peers must agree on a transaction.
	Endorsements int
	// Probe is a query without arguments that every member may call. It proves readiness.
	Probe string
}

// Block says when the orderer closes a block.
type Block struct {
	Messages       uint32        // at most so many transactions, at least 1
	Timeout        time.Duration // after the first transaction
	PreferredBytes uint32        // a larger transaction gets a block of its own
	AbsoluteBytes  uint32        // a larger transaction is refused
}

// Kind is what an organisation is in the consortium.
type Kind string

// The kinds of organisation.
const (
	// Chain issues points, serves tills and runs peers and a gateway.
	Chain Kind = "chain"
	// Clearing is neutral: it endorses, orders and settles, and issues no points.
	Clearing Kind = "clearing"
	// Auditor reads all that is public and can write nothing.
	Auditor Kind = "auditor"
)

// Organisation is one member of the consortium.
type Organisation struct {
	Name     string
	MSPID    string
	Domain   string
	Kind     Kind
	Peers    []Peer
	Orderers []Orderer
	// GatewayPort is where the organisation's HTTP gateway listens; 0 for none.
	GatewayPort int
}

// Peer is one peer and the chaincode service beside it.
type Peer struct {
	Name           string // "peer0"
	Host           string // "peer0.korenaar.example"
	Port           int    // gRPC
	OperationsPort int    // health and metrics, plain HTTP
	// Chaincodes are the two places where its chaincode service can run, taken in turns by successive
	// sequences of the definition: during an upgrade the old and the new run side by side.
	Chaincodes [2]Service
}

// Service is where a chaincode service listens.
type Service struct {
	Host string // "chaincode0-blue.korenaar.example"
	Port int
}

// slots name the two places in packages and host names.
var slots = [2]string{"blue", "green"}

// slot is the place of the definition with that sequence, which begins at 1.
func slot(sequence int64) int { return int((sequence - 1) % 2) }

// Slot names the place of the chaincode services of this definition: "blue" or "green".
func (c Chaincode) Slot() string { return slots[slot(c.Sequence)] }

// Chaincode is the peer's chaincode service for a definition.
func (p Peer) Chaincode(c Chaincode) Service { return p.Chaincodes[slot(c.Sequence)] }

// ChaincodeAddresses are the addresses of both places at the peer, by the name of the slot. The
// peer's external builder gets them all, so that an upgrade needs no restart of the peer.
func (p Peer) ChaincodeAddresses(place Place) map[string]string {
	addresses := map[string]string{}
	for i, name := range slots {
		addresses[name] = place.Address(p.Chaincodes[i].Host, p.Chaincodes[i].Port)
	}
	return addresses
}

// Orderer is one ordering node.
type Orderer struct {
	Name           string // "orderer0"
	Host           string // "orderer0.clearing.example"
	Port           int    // gRPC, for clients and for the other orderers
	OperationsPort int    // health and metrics, plain HTTP
	AdminPort      int    // channel participation, mutual TLS
}

// Chains are the organisations that issue points, in order: the index is the issuer's number.
func (c Consortium) Chains() []Organisation {
	return c.filter(func(o Organisation) bool { return o.Kind == Chain })
}

// WithPeers are the organisations that endorse.
func (c Consortium) WithPeers() []Organisation {
	return c.filter(func(o Organisation) bool { return len(o.Peers) > 0 })
}

// WithOrderers are the organisations that order.
func (c Consortium) WithOrderers() []Organisation {
	return c.filter(func(o Organisation) bool { return len(o.Orderers) > 0 })
}

func (c Consortium) filter(keep func(Organisation) bool) []Organisation {
	var kept []Organisation
	for _, o := range c.Organisations {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// MSPIDs are the MSP IDs of all organisations, in order.
func (c Consortium) MSPIDs() []string {
	ids := make([]string, len(c.Organisations))
	for i, o := range c.Organisations {
		ids[i] = o.MSPID
	}
	return ids
}

// Organisation finds an organisation by its name or its MSP ID.
func (c Consortium) Organisation(name string) (Organisation, error) {
	for _, o := range c.Organisations {
		if o.Name == name || o.MSPID == name {
			return o, nil
		}
	}
	return Organisation{}, fmt.Errorf("no organisation %q: there are %v", name, c.MSPIDs())
}

// Shift is the same consortium with every port moved by delta, so that several can run on one
// machine. It fails when a port leaves the range 1 to 65535.
func (c Consortium) Shift(delta int) (Consortium, error) {
	shifted := c
	shifted.Organisations = make([]Organisation, len(c.Organisations))
	for i, o := range c.Organisations {
		shifted.Organisations[i] = o.shift(delta)
	}
	return shifted, shifted.checkPorts()
}

func (o Organisation) shift(delta int) Organisation {
	if o.GatewayPort != 0 {
		o.GatewayPort += delta
	}
	peers := make([]Peer, len(o.Peers))
	for n, p := range o.Peers {
		p.Port, p.OperationsPort = p.Port+delta, p.OperationsPort+delta
		for i := range p.Chaincodes {
			p.Chaincodes[i].Port += delta
		}
		peers[n] = p
	}
	orderers := make([]Orderer, len(o.Orderers))
	for i, n := range o.Orderers {
		n.Port, n.OperationsPort, n.AdminPort = n.Port+delta, n.OperationsPort+delta, n.AdminPort+delta
		orderers[i] = n
	}
	o.Peers, o.Orderers = peers, orderers
	return o
}

// Label names the chaincode's install package: "loyalty_1.0.0".
func (c Chaincode) Label() string { return c.Name + "_" + c.Version }
