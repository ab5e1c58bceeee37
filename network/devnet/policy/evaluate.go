package policy

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	fabricmsp "github.com/hyperledger/fabric-protos-go-apiv2/msp"

	"github.com/zegel/zegel/network/devnet/msp"
)

// errUnsatisfied is what Fabric answers when signatures do not satisfy a signature policy.
var errUnsatisfied = errors.New("signature set did not satisfy policy")

// Policy decides about a set of signatures.
type Policy interface {
	// Evaluate returns nil when the identities satisfy the policy. The caller has checked their signatures and has
	// left each identity in once only.
	Evaluate(identities []*msp.Identity) error
}

// Signed is a message, who claims to have signed it, and the signature.
type Signed struct {
	Message   []byte
	Identity  []byte
	Signature []byte
}

// Signers returns who really signed: identities that are known and whose signature holds, each of them once. An
// organisation that signs twice with one key counts once.
func Signers(directory *msp.Directory, signed ...Signed) []*msp.Identity {
	seen := map[string]bool{}
	var signers []*msp.Identity
	for _, s := range signed {
		identity, err := directory.Identify(s.Identity)
		if err != nil || seen[identity.Key()] {
			continue
		}
		if identity.Verify(s.Message, s.Signature) != nil {
			continue
		}
		seen[identity.Key()] = true
		signers = append(signers, identity)
	}
	return signers
}

// Signature is a compiled signature policy.
type Signature struct {
	envelope *common.SignaturePolicyEnvelope
}

// Compile checks a signature policy, so that evaluating it cannot fail.
func Compile(envelope *common.SignaturePolicyEnvelope) (*Signature, error) {
	if envelope.GetRule() == nil {
		return nil, errors.New("empty policy element")
	}
	if err := check(envelope.GetRule(), len(envelope.GetIdentities()), 0); err != nil {
		return nil, err
	}
	return &Signature{envelope: envelope}, nil
}

func check(rule *common.SignaturePolicy, identities, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d gates deep", maxDepth)
	}
	switch kind := rule.GetType().(type) {
	case *common.SignaturePolicy_SignedBy:
		if kind.SignedBy < 0 || int(kind.SignedBy) >= identities {
			return fmt.Errorf("identity index out of range, requested %v, but identities length is %d", kind.SignedBy, identities)
		}
		return nil
	case *common.SignaturePolicy_NOutOf_:
		for _, inner := range kind.NOutOf.GetRules() {
			if err := check(inner, identities, depth+1); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("unknown type: %T:%v", kind, kind)
	}
}

// Envelope is the policy as it travels. Callers must not change it.
func (s *Signature) Envelope() *common.SignaturePolicyEnvelope { return s.envelope }

// Evaluate implements Policy.
func (s *Signature) Evaluate(identities []*msp.Identity) error {
	if !s.holds(s.envelope.GetRule(), identities, make([]bool, len(identities))) {
		return errUnsatisfied
	}
	return nil
}

// holds evaluates one gate. An identity that has served one principal is used up for the others; a gate that fails
// gives back what it used.
func (s *Signature) holds(rule *common.SignaturePolicy, identities []*msp.Identity, used []bool) bool {
	gate := rule.GetNOutOf()
	if gate == nil {
		return claim(s.envelope.GetIdentities()[rule.GetSignedBy()], identities, used)
	}
	verified := int32(0)
	attempt := make([]bool, len(used))
	for _, inner := range gate.GetRules() {
		copy(attempt, used)
		if s.holds(inner, identities, attempt) {
			verified++
			copy(used, attempt)
		}
	}
	return verified >= gate.GetN()
}

func claim(principal *fabricmsp.MSPPrincipal, identities []*msp.Identity, used []bool) bool {
	for i, identity := range identities {
		if !used[i] && identity.Satisfies(principal) == nil {
			used[i] = true
			return true
		}
	}
	return false
}

// Reject is a policy nobody satisfies: what Fabric uses where a policy does not exist.
type Reject string

// Evaluate implements Policy.
func (r Reject) Evaluate([]*msp.Identity) error {
	return fmt.Errorf("no such policy: '%s'", string(r))
}
