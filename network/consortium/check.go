package consortium

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// The bounds of a description. They are far above any real consortium and keep a slip of the
// finger from starting ten thousand processes.
const (
	maxOrganisations = 64
	maxNodes         = 9 // of one kind in one organisation: the blocks of ports stay below 100
	portsPerNode     = 10
	maxBlockMegabyte = 49 // what Fabric advises, half of what its connections carry
	maxMessages      = 10_000
)

var (
	channelName      = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,248}$`)
	chaincodeName    = regexp.MustCompile(`^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$`)
	chaincodeVersion = regexp.MustCompile(`^[A-Za-z0-9_.+-]{1,64}$`)
	functionName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_:.]{0,127}$`)
	organisationName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,31}$`)
	mspName          = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)
	domainName       = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

// check looks at what has to be right before a Consortium can be made at all: names and counts.
func (f file) check() error {
	for _, field := range []struct {
		key, value string
		pattern    *regexp.Regexp
		want       string
	}{
		{"channel", f.Channel, channelName, "a lower-case letter, then letters, digits, dots and hyphens"},
		{"chaincode.name", f.Chaincode.Name, chaincodeName, "letters and digits, joined by single - or _"},
		{"chaincode.version", f.Chaincode.Version, chaincodeVersion, "letters, digits and any of _.+-"},
		{"chaincode.probe", f.Chaincode.Probe, functionName, "the name of a query"},
	} {
		if !field.pattern.MatchString(field.value) {
			return fmt.Errorf("%s: %q: want %s", field.key, field.value, field.want)
		}
	}
	if _, ok := releaseOf(f.Fabric); !ok {
		return fmt.Errorf("fabric: %q: want a release from 2.5 on, such as 3.1.5 or 2.5.16", f.Fabric)
	}
	if err := f.Block.check(); err != nil {
		return err
	}
	if n := len(f.Organisations); n == 0 || n > maxOrganisations {
		return fmt.Errorf("organisations: %d of them: want 1 to %d", n, maxOrganisations)
	}
	for i, o := range f.Organisations {
		if err := o.check(); err != nil {
			return fmt.Errorf("organisations[%d] %s: %w", i, o.Name, err)
		}
	}
	return nil
}

func (b fileBlock) check() error {
	switch {
	case b.Messages < 1 || b.Messages > maxMessages:
		return fmt.Errorf("block.messages: %d: want 1 to %d", b.Messages, maxMessages)
	case b.Timeout <= 0:
		return fmt.Errorf("block.timeout: %v: want more than nothing, such as 100ms", b.Timeout)
	case b.Preferred < 1 || b.Preferred > b.Absolute:
		return fmt.Errorf("block.preferredMegabytes: %d: want 1 to absoluteMegabytes, %d", b.Preferred, b.Absolute)
	case b.Absolute > maxBlockMegabyte:
		return fmt.Errorf("block.absoluteMegabytes: %d: want at most %d", b.Absolute, maxBlockMegabyte)
	}
	return nil
}

func (o fileOrganisation) check() error {
	switch {
	case !organisationName.MatchString(o.Name):
		return fmt.Errorf("name: %q: want an upper-case letter, then letters and digits", o.Name)
	case !mspName.MatchString(o.MSP):
		return fmt.Errorf("msp: %q: want a letter, then letters, digits and hyphens", o.MSP)
	case len(o.Domain) > 200 || !domainName.MatchString(o.Domain):
		return fmt.Errorf("domain: %q: want lower-case labels joined by dots", o.Domain)
	case !slices.Contains([]Kind{Chain, Clearing, Auditor}, o.Kind):
		return fmt.Errorf("kind: %q: want chain, clearing or auditor", o.Kind)
	}
	if err := o.Peers.check(); err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	if err := o.Orderers.check(); err != nil {
		return fmt.Errorf("orderers: %w", err)
	}
	return o.checkKind()
}

// checkKind keeps each kind to its part: points are issued by chains alone, and an auditor that
// ran a peer could endorse.
func (o fileOrganisation) checkKind() error {
	switch {
	case o.Kind == Chain && o.Peers.Count == 0:
		return errors.New("peers: a chain needs at least one")
	case o.Kind == Chain && o.Gateway == 0:
		return errors.New("gateway: a chain needs a port for its tills")
	case o.Kind != Chain && o.Gateway != 0:
		return errors.New("gateway: only a chain has one")
	case o.Kind == Auditor && o.Peers.Count+o.Orderers.Count > 0:
		return errors.New("peers, orderers: an auditor runs none")
	}
	return nil
}

func (n fileNodes) check() error {
	if n.Count < 0 || n.Count > maxNodes {
		return fmt.Errorf("count: %d: want 0 to %d", n.Count, maxNodes)
	}
	if n.Count == 0 && n.Port != 0 {
		return errors.New("port: without a count it says nothing")
	}
	return nil
}

// check looks at what the organisations are to each other.
func (c Consortium) check() error {
	if c.Chaincode.Sequence < 1 {
		return fmt.Errorf("chaincode.sequence: %d: want at least 1", c.Chaincode.Sequence)
	}
	if n := len(c.WithPeers()); c.Chaincode.Endorsements < 1 || c.Chaincode.Endorsements > n {
		return fmt.Errorf("chaincode.endorsements: %d: want 1 to %d, the organisations with peers", c.Chaincode.Endorsements, n)
	}
	if len(c.Chains()) == 0 {
		return errors.New("organisations: no chain")
	}
	if len(c.WithOrderers()) == 0 {
		return errors.New("organisations: nobody runs an orderer")
	}
	if err := c.checkOrder(); err != nil {
		return err
	}
	return c.checkPorts()
}

// checkOrder keeps names unique and chains first, since an issuer is known by its position.
func (c Consortium) checkOrder() error {
	seen := map[string]bool{}
	others := false
	for _, o := range c.Organisations {
		for _, name := range []string{o.Name, o.MSPID, o.Domain} {
			if seen[name] {
				return fmt.Errorf("organisations: %q appears twice", name)
			}
			seen[name] = true
		}
		if o.Kind == Chain && others {
			return fmt.Errorf("organisations: %s: chains come first", o.Name)
		}
		others = others || o.Kind != Chain
	}
	return nil
}

func (c Consortium) checkPorts() error {
	owner := map[int]string{}
	for _, p := range c.Ports() {
		if p.Number < 1 || p.Number > 65535 {
			return fmt.Errorf("port %d of %s: want 1 to 65535", p.Number, p.Owner)
		}
		if other, taken := owner[p.Number]; taken {
			return fmt.Errorf("port %d is wanted by %s and by %s", p.Number, other, p.Owner)
		}
		owner[p.Number] = p.Owner
	}
	return nil
}

// Port is one TCP port and what listens there.
type Port struct {
	Number int
	Owner  string
}

// Ports are all ports that the consortium listens on, in order of the description.
func (c Consortium) Ports() []Port {
	var ports []Port
	for _, o := range c.Organisations {
		for _, p := range o.Peers {
			ports = append(ports, Port{p.Port, p.Host}, Port{p.OperationsPort, p.Host + " operations"})
			for _, service := range p.Chaincodes {
				ports = append(ports, Port{service.Port, service.Host})
			}
		}
		for _, n := range o.Orderers {
			ports = append(ports, Port{n.Port, n.Host}, Port{n.OperationsPort, n.Host + " operations"}, Port{n.AdminPort, n.Host + " channel participation"})
		}
		if o.GatewayPort != 0 {
			ports = append(ports, Port{o.GatewayPort, "gateway." + o.Domain})
		}
	}
	return ports
}
