package trust

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// The policies of a channel that the audit asks for.
const (
	BlockValidation      = "/Channel/Orderer/BlockValidation"
	OrdererWriters       = "/Channel/Orderer/Writers"
	LifecycleEndorsement = "/Channel/Application/LifecycleEndorsement"
	ChannelWriters       = "/Channel/Writers"
)

// Config is a channel configuration ready for use.
type Config struct {
	Channel       string
	Sequence      uint64
	organisations map[string]*Organisation
	application   []string
	policies      map[string]Policy
	known         map[string]*Identity // by serialised bytes; certificates repeat in every block
}

// NewConfig reads a configuration.
func NewConfig(channel string, config *common.Config) (*Config, error) {
	c := &Config{
		Channel: channel, Sequence: config.GetSequence(), organisations: map[string]*Organisation{},
		policies: map[string]Policy{}, known: map[string]*Identity{},
	}
	root := config.GetChannelGroup()
	for _, name := range []string{"Application", "Orderer"} {
		group := root.GetGroups()[name]
		if group == nil {
			return nil, fmt.Errorf("the configuration has no group %s", name)
		}
		if err := c.readMembers(group); err != nil {
			return nil, err
		}
	}
	c.application = slices.Sorted(maps.Keys(root.GetGroups()["Application"].GetGroups()))
	return c, c.readPolicies("/Channel", root)
}

func (c *Config) readMembers(group *common.ConfigGroup) error {
	for _, name := range slices.Sorted(maps.Keys(group.GetGroups())) {
		outer, inner := &msp.MSPConfig{}, &msp.FabricMSPConfig{}
		if err := proto.Unmarshal(group.GetGroups()[name].GetValues()["MSP"].GetValue(), outer); err != nil {
			return fmt.Errorf("MSP of %s: %w", name, err)
		}
		if err := proto.Unmarshal(outer.GetConfig(), inner); err != nil {
			return fmt.Errorf("MSP of %s: %w", name, err)
		}
		o, err := newOrganisation(inner)
		if err != nil {
			return err
		}
		if c.organisations[o.id] == nil {
			c.organisations[o.id] = o
		}
	}
	return nil
}

func (c *Config) readPolicies(path string, group *common.ConfigGroup) error {
	below := slices.Sorted(maps.Keys(group.GetGroups()))
	for _, name := range below {
		if err := c.readPolicies(path+"/"+name, group.GetGroups()[name]); err != nil {
			return err
		}
	}
	for name, entry := range group.GetPolicies() {
		p, err := c.compile(path, below, entry.GetPolicy())
		if err != nil {
			return fmt.Errorf("policy %s/%s: %w", path, name, err)
		}
		c.policies[path+"/"+name] = p
	}
	return nil
}

func (c *Config) compile(path string, below []string, p *common.Policy) (Policy, error) {
	switch common.Policy_PolicyType(p.GetType()) {
	case common.Policy_SIGNATURE:
		e := &common.SignaturePolicyEnvelope{}
		if err := proto.Unmarshal(p.GetValue(), e); err != nil {
			return nil, err
		}
		return Signature(e)
	case common.Policy_IMPLICIT_META:
		meta := &common.ImplicitMetaPolicy{}
		if err := proto.Unmarshal(p.GetValue(), meta); err != nil {
			return nil, err
		}
		var inner []Policy
		for _, name := range below {
			inner = append(inner, c.Policy(path+"/"+name+"/"+meta.GetSubPolicy()))
		}
		return newMeta(meta, inner)
	default:
		return nil, errors.New("a policy of an unknown type")
	}
}

// Policy is the policy at an absolute path; one that nobody satisfies where there is none.
func (c *Config) Policy(path string) Policy {
	if p, ok := c.policies[path]; ok {
		return p
	}
	return nobody{}
}

// Application reads the policy of a chaincode or collection: one of its own, or one of the channel's.
func (c *Config) Application(p *peer.ApplicationPolicy) (Policy, error) {
	switch kind := p.GetType().(type) {
	case *peer.ApplicationPolicy_SignaturePolicy:
		return Signature(kind.SignaturePolicy)
	case *peer.ApplicationPolicy_ChannelConfigPolicyReference:
		if found, ok := c.policies[kind.ChannelConfigPolicyReference]; ok {
			return found, nil
		}
		return nil, fmt.Errorf("the channel has no policy %s", kind.ChannelConfigPolicyReference)
	default:
		return nil, errors.New("a policy of an unknown type")
	}
}

// maxKnown bounds how many certificates are remembered.
const maxKnown = 10_000

// Identify says whose certificate a serialised identity is. It fails where nobody can be named; an
// identity whose organisation does not answer for it has Err set.
func (c *Config) Identify(serialised []byte) (*Identity, error) {
	if i, ok := c.known[string(serialised)]; ok {
		return i, nil
	}
	claim := &msp.SerializedIdentity{}
	if err := proto.Unmarshal(serialised, claim); err != nil {
		return nil, fmt.Errorf("an identity that cannot be read: %w", err)
	}
	org := c.organisations[claim.GetMspid()]
	if org == nil {
		return nil, fmt.Errorf("the channel has no organisation %q", claim.GetMspid())
	}
	cert, err := parseCertificate(claim.GetIdBytes())
	if err != nil {
		return nil, err
	}
	i := &Identity{MSP: org.id, Certificate: cert, Err: org.judge(cert), org: org}
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	c.known[string(serialised)] = i
	return i, nil
}

// Organisations are the MSP IDs of all members, sorted, orderers' organisations among them.
func (c *Config) Organisations() []string { return slices.Sorted(maps.Keys(c.organisations)) }

// Roots are the fingerprints of the certificate authorities of an organisation.
func (c *Config) Roots(msp string) []string {
	if o := c.organisations[msp]; o != nil {
		return o.Roots()
	}
	return nil
}

// AdminsHold says whether signers satisfy the administrators' policy of any group of the channel.
func (c *Config) AdminsHold(signers []*Identity) bool {
	for path, p := range c.policies {
		if len(path) > len(adminsName) && path[len(path)-len(adminsName):] == adminsName && p.Holds(signers) {
			return true
		}
	}
	return false
}

const adminsName = "/Admins"
