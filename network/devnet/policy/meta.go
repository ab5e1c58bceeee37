package policy

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/devnet/msp"
)

// Meta is an implicit meta policy: so many of the policies of the same name in the groups below.
type Meta struct {
	name      string
	threshold int
	below     []Policy
}

// NewMeta makes an implicit meta policy over the sub-policies given.
func NewMeta(definition *common.ImplicitMetaPolicy, below []Policy) (*Meta, error) {
	m := &Meta{name: definition.GetSubPolicy(), below: below}
	switch definition.GetRule() {
	case common.ImplicitMetaPolicy_ANY:
		m.threshold = 1
	case common.ImplicitMetaPolicy_ALL:
		m.threshold = len(below)
	case common.ImplicitMetaPolicy_MAJORITY:
		m.threshold = len(below)/2 + 1
	default:
		return nil, fmt.Errorf("unknown implicit meta rule %v", definition.GetRule())
	}
	if len(below) == 0 {
		m.threshold = 0 // nothing below asks for anything
	}
	return m, nil
}

// Below is how many sub-policies have to hold, and which there are.
func (m *Meta) Below() (threshold int, policies []Policy) { return m.threshold, m.below }

// Evaluate implements Policy.
func (m *Meta) Evaluate(identities []*msp.Identity) error {
	satisfied := 0
	for _, inner := range m.below {
		if satisfied == m.threshold {
			break
		}
		if inner.Evaluate(identities) == nil {
			satisfied++
		}
	}
	if satisfied < m.threshold {
		return fmt.Errorf("implicit policy evaluation failed - %d sub-policies were satisfied, but this policy requires %d of the '%s' sub-policies to be satisfied",
			satisfied, m.threshold, m.name)
	}
	return nil
}
