package policy

import (
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// maxCombinations bounds how many ways to satisfy a policy are listed; Fabric has the same bound.
const maxCombinations = 10000

// Combination is one way to satisfy a policy: how many endorsers of each principal (see PrincipalKey).
type Combination map[string]int

// PrincipalKey names a principal in a Combination: its classification, then its bytes.
func PrincipalKey(principal *msp.MSPPrincipal) string {
	return string(rune(principal.GetPrincipalClassification())) + string(principal.GetPrincipal())
}

// Principal is the principal that a key names.
func Principal(key string) *msp.MSPPrincipal {
	if key == "" {
		return &msp.MSPPrincipal{}
	}
	return &msp.MSPPrincipal{PrincipalClassification: msp.MSPPrincipal_Classification(key[0]), Principal: []byte(key[1:])}
}

// Combinations lists the ways in which principals satisfy a signature policy, without those that ask for more than
// another.
func Combinations(envelope *common.SignaturePolicyEnvelope) []Combination {
	return minimal(combine(envelope.GetRule(), envelope.GetIdentities()))
}

func combine(rule *common.SignaturePolicy, principals []*msp.MSPPrincipal) []Combination {
	gate := rule.GetNOutOf()
	if gate == nil {
		return []Combination{{PrincipalKey(principals[rule.GetSignedBy()]): 1}}
	}
	var inner [][]Combination
	for _, r := range gate.GetRules() {
		inner = append(inner, combine(r, principals))
	}
	return Choose(inner, int(gate.GetN()))
}

// Choose lists every way to satisfy n of the alternatives. The combinations of the alternatives add up, because a
// signature policy uses an identity once.
func Choose(alternatives [][]Combination, n int) []Combination {
	if n <= 0 {
		return []Combination{{}}
	}
	if n > len(alternatives) {
		return nil
	}
	var ways []Combination
	for _, rest := range Choose(alternatives[1:], n-1) {
		for _, first := range alternatives[0] {
			if len(ways) < maxCombinations {
				ways = append(ways, add(first, rest))
			}
		}
	}
	without := Choose(alternatives[1:], n)
	return append(ways, without[:min(len(without), maxCombinations-len(ways))]...)
}

func add(a, b Combination) Combination {
	sum := maps.Clone(a)
	for key, quantity := range b {
		sum[key] += quantity
	}
	return sum
}

// Merge lists the ways to satisfy all the policies at once: one endorsement counts for each of them.
func Merge(policies ...[]Combination) []Combination {
	merged := []Combination{{}}
	for _, ways := range policies {
		var next []Combination
		for _, a := range merged {
			for _, b := range ways {
				if len(next) < maxCombinations {
					next = append(next, largest(a, b))
				}
			}
		}
		merged = minimal(next)
	}
	return merged
}

func largest(a, b Combination) Combination {
	both := maps.Clone(a)
	for key, quantity := range b {
		both[key] = max(both[key], quantity)
	}
	both.absorb(a, b)
	both.absorb(b, a)
	return both
}

// absorb drops "a member of" where the other policy asks for enough of the same organisation in a special role: one
// peer of AMSP is a member of AMSP, too.
func (c Combination) absorb(general, special Combination) {
	for key, quantity := range general {
		role, ok := roleOf(key)
		if !ok || role.GetRole() != msp.MSPRole_MEMBER || special[key] > 0 {
			continue
		}
		have := 0
		for other, n := range special {
			if r, ok := roleOf(other); ok && r.GetMspIdentifier() == role.GetMspIdentifier() {
				have += n
			}
		}
		if have >= quantity {
			delete(c, key)
		}
	}
}

func roleOf(key string) (*msp.MSPRole, bool) {
	principal := Principal(key)
	role := &msp.MSPRole{}
	if principal.GetPrincipalClassification() != msp.MSPPrincipal_ROLE || proto.Unmarshal(principal.GetPrincipal(), role) != nil {
		return nil, false
	}
	return role, true
}

// minimal drops combinations that contain another one.
func minimal(ways []Combination) []Combination {
	slices.SortStableFunc(ways, func(a, b Combination) int { return total(a) - total(b) })
	var kept []Combination
	for _, way := range ways {
		if !slices.ContainsFunc(kept, func(smaller Combination) bool { return contains(way, smaller) }) {
			kept = append(kept, way)
		}
	}
	return kept
}

func total(c Combination) int {
	sum := 0
	for _, quantity := range c {
		sum += quantity
	}
	return sum
}

func contains(c, smaller Combination) bool {
	for key, quantity := range smaller {
		if c[key] < quantity {
			return false
		}
	}
	return true
}

// Members lists the organisations that a collection's policy names: whose peers may hold the private data.
func Members(envelope *common.SignaturePolicyEnvelope) []string {
	var members []string
	for _, principal := range envelope.GetIdentities() {
		role := &msp.MSPRole{}
		if principal.GetPrincipalClassification() != msp.MSPPrincipal_ROLE || proto.Unmarshal(principal.GetPrincipal(), role) != nil {
			continue
		}
		if !slices.Contains(members, role.GetMspIdentifier()) {
			members = append(members, role.GetMspIdentifier())
		}
	}
	return members
}
