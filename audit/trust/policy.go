package trust

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
)

// Policy decides about a set of signers, each in it once and each with a signature that holds.
type Policy interface {
	Holds(signers []*Identity) bool
}

// maxGates bounds how deep a signature policy nests.
const maxGates = 100

// signaturePolicy is a tree of gates over principals.
type signaturePolicy struct {
	rule       *common.SignaturePolicy
	principals []*msp.MSPPrincipal
}

// Signature makes a Policy of a signature policy.
func Signature(e *common.SignaturePolicyEnvelope) (Policy, error) {
	if err := checkGates(e.GetRule(), len(e.GetIdentities()), 0); err != nil {
		return nil, err
	}
	return &signaturePolicy{e.GetRule(), e.GetIdentities()}, nil
}

func checkGates(rule *common.SignaturePolicy, principals, depth int) error {
	if depth > maxGates {
		return errors.New("a policy that nests too deep")
	}
	switch kind := rule.GetType().(type) {
	case *common.SignaturePolicy_SignedBy:
		if kind.SignedBy < 0 || int(kind.SignedBy) >= principals {
			return fmt.Errorf("a policy that asks for principal %d of %d", kind.SignedBy, principals)
		}
	case *common.SignaturePolicy_NOutOf_:
		for _, inner := range kind.NOutOf.GetRules() {
			if err := checkGates(inner, principals, depth+1); err != nil {
				return err
			}
		}
	default:
		return errors.New("a policy without a rule")
	}
	return nil
}

// Holds implements Policy. A signer counts for one principal only.
func (p *signaturePolicy) Holds(signers []*Identity) bool {
	_, ok := p.gate(p.rule, signers, make([]bool, len(signers)))
	return ok
}

// gate returns which signers are spent after it held; a gate that fails spends none.
func (p *signaturePolicy) gate(rule *common.SignaturePolicy, signers []*Identity, spent []bool) ([]bool, bool) {
	spent = append([]bool(nil), spent...)
	gate := rule.GetNOutOf()
	if gate == nil {
		for i, s := range signers {
			if !spent[i] && s.satisfies(p.principals[rule.GetSignedBy()]) {
				spent[i] = true
				return spent, true
			}
		}
		return spent, false
	}
	held := int32(0)
	for _, inner := range gate.GetRules() {
		if after, ok := p.gate(inner, signers, spent); ok {
			spent = after
			held++
		}
	}
	return spent, held >= gate.GetN()
}

// metaPolicy wants so many of the policies of one name in the groups below.
type metaPolicy struct {
	below  []Policy
	wanted int
}

func newMeta(m *common.ImplicitMetaPolicy, below []Policy) (Policy, error) {
	p := &metaPolicy{below: below}
	switch m.GetRule() {
	case common.ImplicitMetaPolicy_ANY:
		p.wanted = min(1, len(below))
	case common.ImplicitMetaPolicy_ALL:
		p.wanted = len(below)
	case common.ImplicitMetaPolicy_MAJORITY:
		p.wanted = len(below)/2 + 1
		if len(below) == 0 {
			p.wanted = 0
		}
	default:
		return nil, errors.New("an implicit policy of an unknown rule")
	}
	return p, nil
}

// Holds implements Policy.
func (p *metaPolicy) Holds(signers []*Identity) bool {
	held := 0
	for _, one := range p.below {
		if one.Holds(signers) {
			held++
		}
	}
	return held >= p.wanted
}

// nobody is the policy that a channel does not have.
type nobody struct{}

// Holds implements Policy.
func (nobody) Holds([]*Identity) bool { return false }
