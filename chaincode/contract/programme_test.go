package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

func propose(tb testing.TB, who identity, programme loyalty.Programme) proposal {
	tb.Helper()
	return proposal{who: who, name: api.ProposeProgramme, args: []string{string(asJSON(tb, programme))}}
}

func approve(who identity, version, digest string) proposal {
	return proposal{who: who, name: api.ApproveProgramme, args: []string{version, digest}}
}

func TestAProgrammeIsInForceWithTheApprovalsItNeeds(t *testing.T) {
	n := newNetwork(t)
	one := programmeOne()
	ask := proposal{who: till, name: api.GetProgramme}
	n.mustSubmit(propose(t, identity{korenaar, "admin"}, one))
	n.mustSubmit(approve(identity{clearing, "manager"}, "1", one.Digest()))
	if _, refusal := n.evaluate(ask); codeOf(refusal) != loyalty.CodeProgrammeUnknown {
		t.Errorf("two of three: %v", refusal)
	}
	n.mustSubmit(approve(identity{duinmarkt, "manager"}, "1", one.Digest()))
	var current loyalty.Programme
	n.mustEvaluate(ask, &current)
	if current.Digest() != one.Digest() {
		t.Errorf("in force: %+v", current)
	}

	two := current
	two.Version, two.GraceMonths = 2, 6
	n.mustSubmit(propose(t, identity{duinmarkt, "manager"}, two))
	n.mustEvaluate(ask, &current)
	if current.Version != 1 {
		t.Error("one organisation changed the programme alone")
	}
	n.mustSubmit(approve(identity{korenaar, "manager"}, "2", two.Digest()))
	n.mustEvaluate(ask, &current)
	if current.Version != 2 || current.GraceMonths != 6 {
		t.Errorf("in force: %+v", current)
	}
}

func TestProposalsOfOneVersionStandSideBySide(t *testing.T) {
	n := newNetwork(t)
	mine, theirs := programmeOne(), programmeOne()
	theirs.GraceMonths = 6
	n.mustSubmit(propose(t, identity{korenaar, "manager"}, mine))
	n.mustSubmit(propose(t, identity{duinmarkt, "manager"}, theirs))
	n.mustSubmit(approve(identity{clearing, "manager"}, "1", mine.Digest()))
	for _, c := range []struct {
		programme loyalty.Programme
		approvals int
	}{{mine, 2}, {theirs, 1}} {
		var p loyalty.Proposal
		n.mustEvaluate(proposal{who: identity{korenaar, "manager"}, name: api.GetProposal, args: []string{"1", c.programme.Digest()}}, &p)
		if p.Programme.GraceMonths != c.programme.GraceMonths || len(p.Approvals) != c.approvals {
			t.Errorf("proposal %+v, want %d approvals", p, c.approvals)
		}
	}
}

func TestGovernanceIsRefused(t *testing.T) {
	manager := identity{korenaar, "manager"}
	next := programmeOne()
	next.Version = 2
	unknownField := strings.Replace(string(asJSON(t, next)), "{", `{"owner":"Korenaar",`, 1)
	skipped := next
	skipped.Version = 3
	backdated := termsOne()
	backdated.Version = 2
	for _, c := range []struct {
		because string
		p       proposal
		want    loyalty.Code
	}{
		{"not a programme", proposal{who: manager, name: api.ProposeProgramme, args: []string{"quorum 1"}}, loyalty.CodeMalformedProgramme},
		{"a field too many", proposal{who: manager, name: api.ProposeProgramme, args: []string{unknownField}}, loyalty.CodeMalformedProgramme},
		{"a version left out", propose(t, manager, skipped), loyalty.CodeVersionNotNext},
		{"the version in force", propose(t, manager, programmeOne()), loyalty.CodeVersionNotNext},
		{"another content", approve(identity{duinmarkt, "manager"}, "2", strings.Repeat("0", 64)), loyalty.CodeProposalUnknown},
		{"no such version", approve(manager, "9", next.Digest()), loyalty.CodeProposalUnknown},
		{"a version of another spelling", approve(manager, "02", next.Digest()), loyalty.CodeProposalUnknown},
		{"a second yes", approve(manager, "2", next.Digest()), loyalty.CodeAlreadyApproved},
		{"not terms", proposal{who: manager, name: api.PublishTerms, args: []string{"[]"}}, loyalty.CodeMalformedTerms},
		{"terms for yesterday", proposal{who: manager, name: api.PublishTerms, args: []string{string(asJSON(t, backdated))}}, loyalty.CodeTermsRetroactive},
	} {
		t.Run(c.because, func(t *testing.T) {
			n := newConsortium(t)
			n.mustSubmit(propose(t, manager, next))
			if _, refusal := n.submit(c.p); codeOf(refusal) != c.want {
				t.Errorf("refusal %v, want %s", refusal, c.want)
			}
		})
	}
}

func TestNewTermsHoldFromTheirDay(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	better := termsOne()
	better.Version, better.EarnPoints = 2, 5
	better.From = loyalty.InstantOf(noon.Add(24 * time.Hour)).Day()
	n.mustSubmit(proposal{who: identity{korenaar, "manager"}, name: api.PublishTerms, args: []string{string(asJSON(t, better))}})
	if o := n.earn(till, member, 1, 5000); o.Points != 50 || o.Terms != 1 {
		t.Errorf("today: %+v", o)
	}
	n.now = noon.Add(24 * time.Hour)
	command, details := earnOf(member, 2, 5000)
	details.Basket.At = loyalty.InstantOf(n.now)
	if o := n.mustApply(till, command, details); o.Points != 250 || o.Terms != 2 {
		t.Errorf("tomorrow: %+v", o)
	}
}
