package channel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/policy"
)

// The policies others refer to by name.
const (
	Readers              = "/Channel/Readers"
	Writers              = "/Channel/Writers"
	ApplicationReaders   = "/Channel/Application/Readers"
	ApplicationWriters   = "/Channel/Application/Writers"
	ApplicationEndorsers = "/Channel/Application/Endorsement"
	LifecycleEndorsers   = "/Channel/Application/LifecycleEndorsement"
)

// readPolicies reads the policies of a group and of the groups below it, which come first because implicit meta
// policies refer to them.
func (c *Channel) readPolicies(path string, group *common.ConfigGroup) error {
	below := slices.Sorted(maps.Keys(group.GetGroups()))
	for _, name := range below {
		if err := c.readPolicies(path+"/"+name, group.GetGroups()[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(group.GetPolicies())) {
		compiled, err := c.compile(path, below, group.GetPolicies()[name].GetPolicy())
		if err != nil {
			return fmt.Errorf("policy %s/%s: %w", path, name, err)
		}
		c.policies[path+"/"+name] = compiled
	}
	return nil
}

func (c *Channel) compile(path string, below []string, definition *common.Policy) (policy.Policy, error) {
	switch common.Policy_PolicyType(definition.GetType()) {
	case common.Policy_SIGNATURE:
		envelope := &common.SignaturePolicyEnvelope{}
		if err := proto.Unmarshal(definition.GetValue(), envelope); err != nil {
			return nil, err
		}
		return policy.Compile(envelope)
	case common.Policy_IMPLICIT_META:
		meta := &common.ImplicitMetaPolicy{}
		if err := proto.Unmarshal(definition.GetValue(), meta); err != nil {
			return nil, err
		}
		var inner []policy.Policy
		for _, group := range below {
			inner = append(inner, c.Policy(path+"/"+group+"/"+meta.GetSubPolicy()))
		}
		return policy.NewMeta(meta, inner)
	default:
		return nil, fmt.Errorf("unknown policy type %d", definition.GetType())
	}
}

// Policy is the policy at an absolute path. Where there is none, it is one that nobody satisfies.
func (c *Channel) Policy(path string) policy.Policy {
	if found, ok := c.policies[path]; ok {
		return found
	}
	return policy.Reject(strings.TrimPrefix(path, "/Channel/"))
}

// absolute completes a policy reference as ACLs may abbreviate it.
func absolute(reference string) string {
	if strings.HasPrefix(reference, "/") {
		return reference
	}
	return "/Channel/Application/" + reference
}

// Evaluate checks signatures against the policy at a path.
func (c *Channel) Evaluate(path string, signed ...policy.Signed) error {
	return c.Policy(path).Evaluate(policy.Signers(c.directory, signed...))
}

// Application resolves the policy of a chaincode or collection: a signature policy of its own, or a reference to one
// of the channel's.
func (c *Channel) Application(encoded []byte) (policy.Policy, error) {
	application := &peer.ApplicationPolicy{}
	if err := proto.Unmarshal(encoded, application); err != nil {
		return nil, fmt.Errorf("failed to unmarshal ApplicationPolicy bytes: %w", err)
	}
	switch kind := application.GetType().(type) {
	case *peer.ApplicationPolicy_SignaturePolicy:
		compiled, err := policy.Compile(kind.SignaturePolicy)
		if err != nil {
			return nil, fmt.Errorf("could not create evaluator for signature policy: %w", err)
		}
		return compiled, nil
	case *peer.ApplicationPolicy_ChannelConfigPolicyReference:
		found, ok := c.policies[kind.ChannelConfigPolicyReference]
		if !ok {
			return nil, fmt.Errorf("could not create evaluator for channel reference policy: failed to retrieve policy for reference %s",
				kind.ChannelConfigPolicyReference)
		}
		return found, nil
	default:
		return nil, fmt.Errorf("unsupported policy type %T", kind)
	}
}

// Combinations lists the ways to satisfy a policy with endorsers.
func Combinations(p policy.Policy) []policy.Combination {
	switch kind := p.(type) {
	case *policy.Signature:
		return policy.Combinations(kind.Envelope())
	case *policy.Meta:
		threshold, below := kind.Below()
		var inner [][]policy.Combination
		for _, one := range below {
			inner = append(inner, Combinations(one))
		}
		return policy.Choose(inner, threshold)
	default:
		return nil
	}
}
