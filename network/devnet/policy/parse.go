// Package policy parses, evaluates and plans with Fabric's signature policies, and evaluates the implicit meta
// policies a channel's configuration is made of.
package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// maxDepth bounds how deep gates may nest, so that a hostile text cannot exhaust the stack.
const maxDepth = 32

var (
	principalForm = regexp.MustCompile(`^([[:alnum:].-]+)\.(admin|member|client|peer|orderer)$`)

	roles = map[string]msp.MSPRole_MSPRoleType{
		"admin": msp.MSPRole_ADMIN, "member": msp.MSPRole_MEMBER, "client": msp.MSPRole_CLIENT,
		"peer": msp.MSPRole_PEER, "orderer": msp.MSPRole_ORDERER,
	}
)

// Parse reads Fabric's signature policy language: AND(P, ...), OR(P, ...), OutOf(n, P, ...), where P is a gate or a
// quoted principal such as 'AMSP.peer'. The result is the one the peer CLI makes of the same text, byte for byte.
func Parse(text string) (*common.SignaturePolicyEnvelope, error) {
	p := &parser{rest: text}
	rule, err := p.gate(0)
	if err == nil {
		p.space()
		if p.rest != "" {
			err = fmt.Errorf("unexpected %q after the policy", p.rest)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("invalid policy string '%s': %w", text, err)
	}
	return &common.SignaturePolicyEnvelope{Identities: p.principals, Rule: rule}, nil
}

// parser reads a policy from left to right. Principals are numbered in the order in which their gates close, inner
// gates first: Fabric evaluates the text as function calls.
type parser struct {
	rest       string
	principals []*msp.MSPPrincipal
}

func (p *parser) gate(depth int) (*common.SignaturePolicy, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d gates deep", maxDepth)
	}
	name := p.word()
	if name == "" || !p.take('(') {
		return nil, fmt.Errorf("a gate such as OR(...) is needed at %q", p.rest)
	}
	threshold, err := p.threshold(name)
	if err != nil {
		return nil, err
	}
	arguments, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(name) {
	case "and":
		threshold = len(arguments)
	case "or":
		threshold = 1
	}
	if threshold < 0 || threshold > len(arguments)+1 {
		return nil, fmt.Errorf("invalid t-out-of-n predicate, t %d, n %d", threshold, len(arguments))
	}
	rules := make([]*common.SignaturePolicy, len(arguments))
	for i, argument := range arguments {
		if rules[i] = argument.rule; argument.rule == nil {
			rules[i] = p.signedBy(argument.principal)
		}
	}
	return outOf(int32(threshold), rules), nil
}

// threshold reads the number that opens OutOf; the other gates have none.
func (p *parser) threshold(gate string) (int, error) {
	switch gate {
	case "And", "and", "AND", "Or", "or", "OR":
		return 0, nil
	case "OutOf", "outof", "OUTOF":
	default:
		return 0, fmt.Errorf("unrecognized token '%s' in policy string", gate)
	}
	text := p.quoted()
	if text == "" {
		text = p.word()
	}
	threshold, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("OutOf needs a number first, not %q", text)
	}
	if !p.take(',') {
		return 0, errors.New("expected at least two arguments to NOutOf. Given 1")
	}
	return threshold, nil
}

// argument is a nested gate, already built, or a principal that gets its number when its own gate closes.
type argument struct {
	rule      *common.SignaturePolicy
	principal *msp.MSPPrincipal
}

func (p *parser) arguments(depth int) ([]argument, error) {
	var arguments []argument
	for {
		next, err := p.argument(depth)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, next)
		if p.take(')') {
			return arguments, nil
		}
		if !p.take(',') {
			return nil, fmt.Errorf("',' or ')' is needed at %q", p.rest)
		}
	}
}

func (p *parser) argument(depth int) (argument, error) {
	if text := p.quoted(); text != "" {
		principal, err := parsePrincipal(text)
		return argument{principal: principal}, err
	}
	rule, err := p.gate(depth + 1)
	return argument{rule: rule}, err
}

func parsePrincipal(text string) (*msp.MSPPrincipal, error) {
	parts := principalForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, fmt.Errorf("unrecognized token '%s' in policy string", text)
	}
	return Role(parts[1], roles[parts[2]]), nil
}

// Role is the principal of everybody who has a role in an organisation.
func Role(mspID string, role msp.MSPRole_MSPRoleType) *msp.MSPPrincipal {
	encoded, err := proto.Marshal(&msp.MSPRole{MspIdentifier: mspID, Role: role})
	if err != nil {
		encoded = nil // a string and a number always encode
	}
	return &msp.MSPPrincipal{PrincipalClassification: msp.MSPPrincipal_ROLE, Principal: encoded}
}

func (p *parser) signedBy(principal *msp.MSPPrincipal) *common.SignaturePolicy {
	p.principals = append(p.principals, principal)
	return &common.SignaturePolicy{Type: &common.SignaturePolicy_SignedBy{SignedBy: int32(len(p.principals) - 1)}}
}

func outOf(n int32, rules []*common.SignaturePolicy) *common.SignaturePolicy {
	return &common.SignaturePolicy{Type: &common.SignaturePolicy_NOutOf_{
		NOutOf: &common.SignaturePolicy_NOutOf{N: n, Rules: rules}}}
}

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *parser) take(symbol byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != symbol {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) word() string {
	p.space()
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

func (p *parser) quoted() string {
	p.space()
	if p.rest == "" || (p.rest[0] != '\'' && p.rest[0] != '"') {
		return ""
	}
	end := strings.IndexByte(p.rest[1:], p.rest[0])
	if end < 0 {
		return ""
	}
	text := p.rest[1 : end+1]
	p.rest = p.rest[end+2:]
	return text
}
