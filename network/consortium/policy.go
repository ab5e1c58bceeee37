package consortium

import (
	"fmt"
	"strings"
)

// EndorsementPolicy is the chaincode's: so many of the organisations with peers must agree, so
// that nobody moves points alone.
func (c Consortium) EndorsementPolicy() string {
	var principals []string
	for _, o := range c.WithPeers() {
		principals = append(principals, principal(o.MSPID, "peer"))
	}
	return fmt.Sprintf("OutOf(%d, %s)", c.Chaincode.Endorsements, strings.Join(principals, ", "))
}

// Rule is one named policy of an organisation in the channel, a signature policy.
type Rule struct {
	Name string
	Rule string
}

// Rules are an organisation's policies in the channel. An auditor's Writers policy asks for two
// signatures of one identity, which nobody can give: the orderer refuses whatever it submits.
func (o Organisation) Rules() []Rule {
	admin, client := principal(o.MSPID, "admin"), principal(o.MSPID, "client")
	peer, orderer := principal(o.MSPID, "peer"), principal(o.MSPID, "orderer")
	rules := []Rule{
		{"Readers", "OR(" + principal(o.MSPID, "member") + ")"},
		{"Writers", "OR(" + admin + ", " + client + ")"},
		{"Admins", "OR(" + admin + ")"},
		{"Endorsement", "OR(" + peer + ")"},
	}
	switch {
	case o.Kind == Auditor:
		rules[1].Rule = "OutOf(2, " + admin + ")"
	case len(o.Orderers) > 0:
		rules[1].Rule = "OR(" + admin + ", " + client + ", " + orderer + ")"
	}
	return rules
}

func principal(mspID, role string) string { return "'" + mspID + "." + role + "'" }

// ACL is one entry of the channel's access control list.
type ACL struct {
	Resource string
	Policy   string
}

// ACLs let readers, and so the auditor, send proposals that are never submitted and look at the
// chaincode's definition. Fabric's defaults want writers for all three.
func (c Consortium) ACLs() []ACL {
	const readers = "/Channel/Application/Readers"
	return []ACL{
		{"_lifecycle/QueryChaincodeDefinition", readers},
		{"_lifecycle/QueryChaincodeDefinitions", readers},
		{"peer/Propose", readers},
	}
}
