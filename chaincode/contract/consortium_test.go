package contract_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

const basketSalt = "ba5ba5ba5ba5ba5ba5ba5ba5ba5ba5ba"

// programmeOne is the first programme of every test: two chains, the clearing house, the auditor.
func programmeOne() loyalty.Programme {
	return loyalty.Programme{
		Version: 1,
		Organisations: []loyalty.Organisation{
			{MSP: korenaar, Name: "Korenaar", Kind: loyalty.OrgChain},
			{MSP: duinmarkt, Name: "Duinmarkt", Kind: loyalty.OrgChain},
			{MSP: clearing, Name: "Clearing", Kind: loyalty.OrgClearing},
			{MSP: auditor, Name: "Auditor", Kind: loyalty.OrgAuditor},
		},
		Quorum: 2, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		RedeemPoints: 100, RedeemMinor: 100, HoldSeconds: 300, HoldSecondsMax: 3600,
		LateHours: 72, EarlySeconds: 300, GraceMonths: 1, Transfers: true,
	}
}

// newConsortium is a network whose programme is in force and whose chains have published terms.
func newConsortium(tb testing.TB) *network {
	tb.Helper()
	n := newNetwork(tb)
	programme := programmeOne()
	n.mustSubmit(proposal{
		who: identity{korenaar, "manager"}, name: api.ProposeProgramme, args: []string{string(asJSON(tb, programme))},
	})
	n.approve(identity{duinmarkt, "manager"}, programme)
	n.approve(identity{clearing, "manager"}, programme)
	for _, msp := range []string{korenaar, duinmarkt} {
		n.mustSubmit(proposal{
			who: identity{msp, "manager"}, name: api.PublishTerms, args: []string{string(asJSON(tb, termsOne()))},
		})
	}
	return n
}

func termsOne() loyalty.Terms {
	return loyalty.Terms{
		Version: 1, From: loyalty.InstantOf(noon).Day(), EarnPoints: 1, EarnMinor: 100, ValidMonths: 12,
		Prose: "One point for every euro.",
	}
}

func (n *network) approve(who identity, programme loyalty.Programme) {
	n.tb.Helper()
	n.mustSubmit(proposal{
		who: who, name: api.ApproveProgramme,
		args: []string{strconv.Itoa(programme.Version), programme.Digest()},
	})
}

// earnOf is the earn of sale number, as a till sends it.
func earnOf(member loyalty.MemberID, number int, total int64) (loyalty.Command, loyalty.Details) {
	command := loyalty.Command{
		Op: loyalty.OpID(hex32(number)), Print: loyalty.Fingerprint(hex32(number)), Kind: loyalty.KindEarn,
		Member: member, Receipt: loyalty.ReceiptID(hex32(number)),
	}
	return command, loyalty.Details{Basket: &loyalty.Basket{
		Salt: basketSalt, Currency: "EUR", Total: total, Store: "store-12", Terminal: "till-3",
		Receipt: fmt.Sprintf("receipt-%d", number), At: loyalty.InstantOf(noon),
		Lines: []loyalty.Line{{SKU: "sku-77", Quantity: 1, Amount: total}},
	}}
}

func enrolOf(member loyalty.MemberID) loyalty.Command {
	return loyalty.Command{
		Op: loyalty.OpID(member), Print: loyalty.Fingerprint(member), Kind: loyalty.KindEnrol, Member: member,
	}
}

// batchOf is the proposal that applies commands; details may be fewer or absent.
func batchOf(tb testing.TB, who identity, commands []loyalty.Command, details []loyalty.Details) proposal {
	tb.Helper()
	argument, err := api.EncodeBatch(commands)
	if err != nil {
		tb.Fatal(err)
	}
	p := proposal{who: who, name: api.Apply, args: []string{string(argument)}}
	if details != nil {
		transient, err := api.EncodeDetails(details)
		if err != nil {
			tb.Fatal(err)
		}
		p.transient = map[string][]byte{api.TransientDetails: transient}
	}
	return p
}

// apply submits commands and returns their outcomes.
func (n *network) apply(who identity, commands []loyalty.Command, details []loyalty.Details) []loyalty.Outcome {
	n.tb.Helper()
	reply, err := api.DecodeReply([]byte(n.mustSubmit(batchOf(n.tb, who, commands, details))))
	if err != nil || len(reply.Outcomes) != len(commands) {
		n.tb.Fatalf("%d outcomes for %d commands: %v", len(reply.Outcomes), len(commands), err)
	}
	return reply.Outcomes
}

// mustApply submits one command and expects that it applies.
func (n *network) mustApply(who identity, command loyalty.Command, details loyalty.Details) loyalty.Outcome {
	n.tb.Helper()
	outcome := n.apply(who, []loyalty.Command{command}, []loyalty.Details{details})[0]
	if outcome.Status != loyalty.StatusApplied {
		n.tb.Fatalf("%s: %+v", command.Kind, outcome)
	}
	return outcome
}

func (n *network) enrol(who identity, member loyalty.MemberID) {
	n.tb.Helper()
	n.mustApply(who, enrolOf(member), loyalty.Details{})
}

func (n *network) earn(who identity, member loyalty.MemberID, number int, total int64) loyalty.Outcome {
	n.tb.Helper()
	command, details := earnOf(member, number, total)
	return n.mustApply(who, command, details)
}
