package contract_test

import (
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

func TestAnAccountIsShownAsOfNow(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.earn(till, member, 1, 5000)
	hold := n.mustApply(till, loyalty.Command{
		Op: loyalty.OpID(hex32(2)), Print: loyalty.Fingerprint(hex32(2)), Kind: loyalty.KindHold, Member: member, Points: 20, Seconds: 60,
	}, loyalty.Details{}).Hold
	ask := proposal{who: identity{auditor, "auditor"}, name: api.GetAccount, args: []string{string(member)}}
	askHold := proposal{who: till, name: api.GetHold, args: []string{string(hold)}}

	for _, c := range []struct {
		when                     string
		after                    time.Duration
		balance, spendable, held loyalty.Points
		state                    loyalty.HoldState
	}{
		{"while the hold is pending", 0, 30, 30, 20, loyalty.HoldPending},
		{"after the hold has lapsed", 2 * time.Minute, 50, 50, 0, loyalty.HoldExpired},
		{"after the points have expired", 400 * 24 * time.Hour, 0, 0, 0, loyalty.HoldExpired},
	} {
		t.Run(c.when, func(t *testing.T) {
			n.tb, n.now = t, noon.Add(c.after)
			var view api.AccountView
			n.mustEvaluate(ask, &view)
			if view.Balance != c.balance || view.Spendable != c.spendable || view.Held != c.held {
				t.Errorf("view %+v", view)
			}
			var held api.HoldView
			n.mustEvaluate(askHold, &held)
			if held.State != c.state || held.ID != hold || held.Redeemer != korenaar && held.State == loyalty.HoldPending {
				t.Errorf("hold %+v", held)
			}
		})
	}
}

func TestAHoldIsShownToItsEnd(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.earn(till, member, 1, 5000)
	hold := n.mustApply(till, loyalty.Command{
		Op: loyalty.OpID(hex32(2)), Print: loyalty.Fingerprint(hex32(2)), Kind: loyalty.KindHold, Member: member, Points: 20,
	}, loyalty.Details{}).Hold
	n.mustApply(till, loyalty.Command{
		Op: loyalty.OpID(hex32(3)), Print: loyalty.Fingerprint(hex32(3)), Kind: loyalty.KindCapture, Hold: hold, Points: 15,
	}, loyalty.Details{})
	var view api.HoldView
	n.mustEvaluate(proposal{who: till, name: api.GetHold, args: []string{string(hold)}}, &view)
	if view.State != loyalty.HoldCaptured || view.Captured != 15 {
		t.Errorf("hold %+v", view)
	}
}

func TestRecordsAreShown(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	earned := n.earn(till, member, 1, 5000)
	who := identity{auditor, "auditor"}

	var operation loyalty.Operation
	n.mustEvaluate(proposal{who: who, name: api.GetOperation, args: []string{korenaar, hex32(1)}}, &operation)
	if operation.Outcome.Points != earned.Points || operation.Print != loyalty.Fingerprint(hex32(1)) {
		t.Errorf("operation %+v", operation)
	}
	var receipt loyalty.Receipt
	n.mustEvaluate(proposal{who: who, name: api.GetReceipt, args: []string{korenaar, hex32(1)}}, &receipt)
	if receipt.Member != member || receipt.Earned != 50 {
		t.Errorf("receipt %+v", receipt)
	}
	var book loyalty.TermsBook
	n.mustEvaluate(proposal{who: who, name: api.GetTerms, args: []string{duinmarkt}}, &book)
	if len(book.Versions) != 1 || book.Issuer != duinmarkt {
		t.Errorf("terms %+v", book)
	}
	var programme loyalty.Programme
	n.mustEvaluate(proposal{who: who, name: api.GetProgramme}, &programme)
	if programme.Version != 1 || len(programme.Organisations) != 4 {
		t.Errorf("programme %+v", programme)
	}
	var approved loyalty.Proposal
	n.mustEvaluate(proposal{who: who, name: api.GetProposal, args: []string{"1", programme.Digest()}}, &approved)
	if approved.ProposedBy != korenaar || len(approved.Approvals) != 3 {
		t.Errorf("proposal %+v", approved)
	}
}

func TestWhatIsAbsentHasACode(t *testing.T) {
	n := newConsortium(t)
	id := hex32(99)
	for _, c := range []struct {
		name string
		args []string
		want loyalty.Code
	}{
		{api.GetAccount, []string{id}, loyalty.CodeMemberUnknown},
		{api.GetAccount, []string{"Jan"}, loyalty.CodeMemberUnknown},
		{api.GetAccount, []string{""}, loyalty.CodeMemberUnknown},
		{api.GetOperation, []string{korenaar, id}, loyalty.CodeOperationUnknown},
		{api.GetOperation, []string{korenaar, "x"}, loyalty.CodeOperationUnknown},
		{api.GetReceipt, []string{korenaar, id}, loyalty.CodeReceiptUnknown},
		{api.GetReceipt, []string{"", ""}, loyalty.CodeReceiptUnknown},
		{api.GetOpening, []string{id}, loyalty.CodeReceiptUnknown},
		{api.GetOpening, []string{"p~" + id}, loyalty.CodeReceiptUnknown},
		{api.GetHold, []string{id + id}, loyalty.CodeHoldUnknown},
		{api.GetHold, []string{"x"}, loyalty.CodeHoldUnknown},
		{api.GetTerms, []string{stranger}, loyalty.CodeTermsUnknown},
		{api.GetTerms, []string{""}, loyalty.CodeTermsUnknown},
		{api.GetProposal, []string{"2", id + id}, loyalty.CodeProposalUnknown},
		{api.GetProposal, []string{"-1", id + id}, loyalty.CodeProposalUnknown},
		{api.GetProposal, []string{"one", id + id}, loyalty.CodeProposalUnknown},
		{api.GetProposal, []string{"1", id + id}, loyalty.CodeProposalUnknown},
		{api.GetProposal, []string{"1", "~"}, loyalty.CodeProposalUnknown},
	} {
		if _, refusal := n.evaluate(proposal{who: till, name: c.name, args: c.args}); codeOf(refusal) != c.want {
			t.Errorf("%s%q: %v, want %s", c.name, c.args, refusal, c.want)
		}
	}
}

func TestEverybodyHearsWhoTheyAre(t *testing.T) {
	n := newConsortium(t)
	for _, c := range []struct {
		who  identity
		kind loyalty.OrgKind
	}{
		{till, loyalty.OrgChain},
		{identity{clearing, "manager"}, loyalty.OrgClearing},
		{identity{auditor, "auditor"}, loyalty.OrgAuditor},
	} {
		var me api.Identity
		n.mustEvaluate(proposal{who: c.who, name: api.WhoAmI}, &me)
		if string(me.MSP) != c.who.msp || string(me.Role) != c.who.role || me.Kind != c.kind || len(me.Certificate) != 64 {
			t.Errorf("%+v", me)
		}
	}
}

func TestAQuoteIsWhatTheEarnWillBe(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.earn(till, member, 1, 5000)
	_, details := earnOf(member, 2, 3050)
	ask := proposal{
		who: till, name: api.Quote, args: []string{string(member)},
		transient: map[string][]byte{api.TransientBasket: asJSON(t, details.Basket)},
	}
	var quote api.Quotation
	n.mustEvaluate(ask, &quote)
	if quote.Points != 30 || quote.Balance != 50 || quote.NextPointAt != 50 || quote.MaxPoints != 50 || quote.MaxMinor != 50 {
		t.Errorf("quote %+v", quote)
	}
	if earned := n.earn(till, member, 2, 3050); earned.Points != quote.Points || earned.Expiry != quote.Expiry {
		t.Errorf("earned %+v, quoted %+v", earned, quote)
	}
	ask.args = []string{""}
	quote = api.Quotation{}
	n.mustEvaluate(ask, &quote)
	if quote.Points != 30 || quote.MaxPoints != 0 {
		t.Errorf("quote without a member %+v", quote)
	}
	ask.args, ask.transient = []string{string(neighbour)}, nil
	if _, refusal := n.evaluate(ask); codeOf(refusal) != loyalty.CodeBasketMissing {
		t.Errorf("without a basket: %v", refusal)
	}
}
