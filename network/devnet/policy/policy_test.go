package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/policy"
)

// render writes a policy with its principals by number, and then the principals.
func render(envelope *common.SignaturePolicyEnvelope) string {
	var principals []string
	for _, principal := range envelope.GetIdentities() {
		role := &msp.MSPRole{}
		_ = proto.Unmarshal(principal.GetPrincipal(), role)
		principals = append(principals, role.GetMspIdentifier()+"."+strings.ToLower(role.GetRole().String()))
	}
	return renderRule(envelope.GetRule()) + " " + strings.Join(principals, " ")
}

func renderRule(rule *common.SignaturePolicy) string {
	gate := rule.GetNOutOf()
	if gate == nil {
		return fmt.Sprint(rule.GetSignedBy())
	}
	var inner []string
	for _, r := range gate.GetRules() {
		inner = append(inner, renderRule(r))
	}
	return fmt.Sprintf("%d(%s)", gate.GetN(), strings.Join(inner, " "))
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"OR('A.member')":                                     "1(0) A.member",
		"AND('A.peer', 'B.admin')":                           "2(0 1) A.peer B.admin",
		"or('A.client','B.orderer')":                         "1(0 1) A.client B.orderer",
		"OutOf(2, 'A.peer', 'B.peer', 'C.peer')":             "2(0 1 2) A.peer B.peer C.peer",
		`OutOf("1", "A.peer")`:                               "1(0) A.peer",
		"AND('A.peer', OR('B.peer', 'C.peer'))":              "2(2 1(0 1)) B.peer C.peer A.peer", // inner gates are numbered first
		"AND(OR('A.peer','B.peer'),OR('C.peer','D.member'))": "2(1(0 1) 1(2 3)) A.peer B.peer C.peer D.member",
		"OutOf(2, 'A.member')":                               "2(0) A.member", // allowed, and never satisfied
		" OR ( 'org-1.example.com.peer' ) ":                  "1(0) org-1.example.com.peer",
	} {
		t.Run(text, func(t *testing.T) {
			envelope, err := policy.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := render(envelope); got != want {
				t.Errorf("got %q, not %q", got, want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "'A.member'", "OR()", "OR('A')", "OR('A.cook')", "XOR('A.member')", "OutOf('A.member')", "OutOf(3, 'A.member')",
		"OutOf(-1, 'A.member')", "OR('A.member'", "OR('A.member') x", "OR('A.member' 'B.member')", "OR('A.member)", "OutOf(1)",
		strings.Repeat("OR(", 1000)} {
		t.Run(text[:min(len(text), 30)], func(t *testing.T) {
			if envelope, err := policy.Parse(text); err == nil {
				t.Errorf("parsed as %s", render(envelope))
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AND('A.peer', OR('B.peer', 'C.peer'))")
	f.Add("OutOf(2, 'A.peer', \"B.peer\")")
	f.Fuzz(func(t *testing.T, text string) {
		envelope, err := policy.Parse(text)
		if err != nil {
			return
		}
		if _, err := policy.Compile(envelope); err != nil {
			t.Errorf("%q parses but does not compile: %v", text, err)
		}
	})
}

func TestCombinations(t *testing.T) {
	for text, want := range map[string][]string{
		"OR('A.peer', 'B.peer')":                               {"A", "B"},
		"AND('A.peer', 'B.peer')":                              {"A+B"},
		"OutOf(2, 'A.peer', 'B.peer', 'C.peer')":               {"A+B", "A+C", "B+C"},
		"OR('A.peer', AND('A.peer', 'B.peer'))":                {"A"}, // the second asks for more than the first
		"AND('A.peer', OutOf(1, 'B.peer', 'C.peer'))":          {"A+B", "A+C"},
		"OutOf(2, 'A.peer')":                                   nil,
		"OutOf(2, AND('A.peer','B.peer'), 'A.peer', 'C.peer')": {"A+C", "A+A+B"},
	} {
		t.Run(text, func(t *testing.T) {
			envelope, err := policy.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(policy.Combinations(envelope)); !slices.Equal(got, sorted(want)) {
				t.Errorf("got %v, not %v", got, want)
			}
		})
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func names(ways []policy.Combination) []string {
	var all []string
	for _, way := range ways {
		var parts []string
		for key, quantity := range way {
			role := &msp.MSPRole{}
			_ = proto.Unmarshal(policy.Principal(key).GetPrincipal(), role)
			for range quantity {
				parts = append(parts, role.GetMspIdentifier())
			}
		}
		slices.Sort(parts)
		all = append(all, strings.Join(parts, "+"))
	}
	return sorted(all)
}

func TestMerge(t *testing.T) {
	for _, test := range []struct{ name, one, other, want string }{
		{"one endorsement counts for both", "OutOf(2, 'A.peer', 'B.peer', 'C.peer')", "OR('A.peer')", "A+B A+C"},
		{"a peer is a member", "OR('A.member', 'B.member')", "OR('A.peer')", "A"},
		{"both are needed", "OR('A.peer')", "OR('B.peer')", "A+B"},
	} {
		t.Run(test.name, func(t *testing.T) {
			one, err := policy.Parse(test.one)
			if err != nil {
				t.Fatal(err)
			}
			other, err := policy.Parse(test.other)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(names(policy.Merge(policy.Combinations(one), policy.Combinations(other))), " "); got != test.want {
				t.Errorf("got %s, not %s", got, test.want)
			}
		})
	}
}
