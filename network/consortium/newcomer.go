package consortium

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Newcomer describes a chain that joins a consortium at work, with one peer.
type Newcomer struct {
	Name, MSPID, Domain string
	Port                int // of its peer's block of ports
	GatewayPort         int // for its tills; 0 means one above the last chain's
}

// Admit is the consortium with one chain more, the last of the chains, and the next definition of
// the chaincode: with the chain's two collections, and its peer among those that endorse. An empty
// version keeps the chaincode's. c stays as it is.
func (c Consortium) Admit(n Newcomer, version string) (Consortium, error) {
	chains := c.Chains()
	if len(chains) == 0 {
		return Consortium{}, errors.New("organisations: no chain")
	}
	if n.GatewayPort == 0 {
		n.GatewayPort = chains[len(chains)-1].GatewayPort + 1
	}
	described := fileOrganisation{
		Name: n.Name, MSP: n.MSPID, Domain: n.Domain, Kind: Chain,
		Peers: fileNodes{Count: 1, Port: n.Port}, Gateway: n.GatewayPort,
	}
	if err := described.check(); err != nil {
		return Consortium{}, fmt.Errorf("the new chain %s: %w", n.Name, err)
	}
	if version == "" {
		version = c.Chaincode.Version
	}
	if !chaincodeVersion.MatchString(version) {
		return Consortium{}, fmt.Errorf("chaincode version %q: want letters, digits and any of _.+-", version)
	}
	last := slices.IndexFunc(c.Organisations, func(o Organisation) bool { return o.MSPID == chains[len(chains)-1].MSPID })
	next := c
	next.Organisations = slices.Insert(slices.Clone(c.Organisations), last+1, described.organisation())
	next.Chaincode.Version = version
	next.Chaincode.Sequence++
	return next, next.check()
}

// Newcomers are the organisations that c has and before has not. It fails where an organisation of
// before is gone or has changed: that is no matter of admitting anybody.
func (c Consortium) Newcomers(before Consortium) ([]Organisation, error) {
	var newcomers []Organisation
	left := before.Organisations
	for _, o := range c.Organisations {
		if len(left) > 0 && o.MSPID == left[0].MSPID {
			if !reflect.DeepEqual(o, left[0]) {
				return nil, fmt.Errorf("%s is described otherwise than it runs", o.Name)
			}
			left = left[1:]
			continue
		}
		newcomers = append(newcomers, o)
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("%s runs and is not described, or not in its place", left[0].Name)
	}
	return newcomers, nil
}
