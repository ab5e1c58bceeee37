package loyalty_test

import (
	"fmt"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// changeProgramme sets fields of the programme in force, or removes it: programme none=1.
func (w *world) changeProgramme(named map[string]string) {
	p := w.programme()
	w.setFields(p, named)
	if named["none"] != "" {
		fresh := newRecorder()
		for _, m := range w.ledger.Members() {
			a, _ := w.ledger.Account(m)
			_ = fresh.Memory.PutAccount(a)
		}
		w.ledger = fresh
		return
	}
	w.ledger.SetProgramme(p)
}

func (w *world) setFields(p *loyalty.Programme, named map[string]string) {
	numbers := map[string]*int64{
		"redeemPoints": &p.RedeemPoints, "redeemMinor": &p.RedeemMinor, "hold": &p.HoldSeconds, "holdMax": &p.HoldSecondsMax,
		"late": &p.LateHours, "early": &p.EarlySeconds,
	}
	for key, value := range named {
		switch key {
		case "burn":
			p.BurnOrder = loyalty.BurnOrder(value)
		case "returns":
			p.Returns = loyalty.ReturnPolicy(value)
		case "transfers":
			p.Transfers = value == "yes"
		case "transferMax":
			p.TransferMax = loyalty.Points(w.number(value))
		case "earnMax":
			p.EarnMax = loyalty.Points(w.number(value))
		case "redeemMax":
			p.RedeemMax = loyalty.Points(w.number(value))
		case "grace":
			p.GraceMonths = int(w.number(value))
		case "quorum":
			p.Quorum = int(w.number(value))
		case "version":
			p.Version = int(w.number(value))
		case "currency":
			p.Currency = value
		case "orgs":
			w.setOrganisations(p, value)
		default:
			if field, ok := numbers[key]; ok {
				*field = w.number(value)
			}
		}
	}
}

// setOrganisations reads K:chain,C:clearing,…
func (w *world) setOrganisations(p *loyalty.Programme, list string) {
	p.Organisations = nil
	for _, o := range strings.Split(list, ",") {
		letter, kind, _ := strings.Cut(o, ":")
		p.Organisations = append(p.Organisations, loyalty.Organisation{MSP: msp(letter), Name: letter, Kind: loyalty.OrgKind(kind)})
	}
}

// govern does publish, propose and approve lines as the contract would.
func (w *world) govern(a args) string {
	by := caller(a.word(0))
	if a.word(1) == "publish" {
		return w.publish(by, a)
	}
	transaction := map[string]string{"propose": "ProposeProgramme", "approve": "ApproveProgramme"}[a.word(1)]
	current := w.programme()
	if refusal := loyalty.Authorise(current, by, transaction); refusal != nil {
		return verdict(refusal)
	}
	proposal, refusal := w.vote(current, by, a)
	if refusal != nil {
		return verdict(refusal)
	}
	w.last = proposal.Programme.Digest()
	w.proposals[w.last] = proposal
	if !proposal.Carried(current) {
		return fmt.Sprintf("%d of %d", len(proposal.Approvals), needed(current, proposal))
	}
	w.ledger.SetProgramme(&proposal.Programme)
	return fmt.Sprintf("version %d in force", proposal.Programme.Version)
}

// needed is how many approvals bring a proposal into force.
func needed(current *loyalty.Programme, p *loyalty.Proposal) int {
	if current != nil {
		return current.Quorum
	}
	voters := 0
	for _, o := range p.Programme.Organisations {
		if o.Kind != loyalty.OrgAuditor {
			voters++
		}
	}
	return voters
}

// vote proposes a programme with the fields named, or approves one: the last, or that with the fields.
func (w *world) vote(current *loyalty.Programme, by loyalty.Caller, a args) (*loyalty.Proposal, *loyalty.Error) {
	next := *sampleProgramme()
	if current != nil {
		next = *current
		next.Version++
	}
	w.setFields(&next, a.named)
	if a.word(1) == "propose" {
		return loyalty.Propose(current, w.proposals[next.Digest()], next, by, w.now)
	}
	digest := w.last
	if len(a.named) > 0 {
		digest = next.Digest()
	}
	asked := digest
	if a.named["digest"] != "" {
		digest, asked = w.last, a.named["digest"]
	}
	return loyalty.Approve(current, w.proposals[digest], asked, by, w.now)
}

func (w *world) publish(by loyalty.Caller, a args) string {
	if refusal := loyalty.Authorise(w.programme(), by, "PublishTerms"); refusal != nil {
		return verdict(refusal)
	}
	next := sampleTerms()
	next.Version = int(w.number(a.word(2)))
	if v, ok := a.named["rate"]; ok {
		points, minor, _ := strings.Cut(v, "/")
		next.EarnPoints, next.EarnMinor = w.number(points), w.number(minor)
	}
	if v, ok := a.named["valid"]; ok {
		next.ValidMonths = int(w.number(v))
	}
	if v, ok := a.named["from"]; ok {
		next.From = loyalty.Day(w.number(strings.ReplaceAll(v, "-", "")))
	}
	if v, ok := a.named["prose"]; ok {
		next.Prose = v
	}
	book, _ := w.ledger.Terms(by.MSP)
	book, refusal := loyalty.PublishTerms(book, by.MSP, next, w.now)
	if refusal != nil {
		return verdict(refusal)
	}
	w.ledger.SetTerms(book)
	return fmt.Sprintf("version %d", len(book.Versions))
}
