package loyalty

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Digest is the SHA-256 of the programme's canonical JSON, 64 lower-case hex digits. Whoever
// approves names it, so that nobody approves what was exchanged under their hands.
func (p *Programme) Digest() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // a Programme is plain data and always marshals; an empty digest matches nothing
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Propose puts the next version of the programme forward; proposing is the first approval.
// current is nil before the first version. pending is the proposal with the same content if there
// is one, and proposing that again is an approval. Proposals of one version with different content
// stand side by side: nobody wipes out what others have approved by proposing something else.
// Refusals, in order: malformed_programme, version_must_be_next, not_authorised, already_approved.
func Propose(current *Programme, pending *Proposal, next Programme, by Caller, now Instant) (*Proposal, *Error) {
	if refusal := next.Check(); refusal != nil {
		return nil, refusal
	}
	if refusal := next.follows(current); refusal != nil {
		return nil, refusal
	}
	if pending != nil {
		return Approve(current, pending, next.Digest(), by, now)
	}
	if !next.electorate(current).votes(by.MSP) {
		return nil, errNoVote()
	}
	return &Proposal{
		Programme: next, ProposedBy: by.MSP, ProposedAt: now, Approvals: []Approval{{MSP: by.MSP, At: now}},
	}, nil
}

// Approve adds one organisation's yes to a proposal. digest is what the organisation believes it
// approves. Refusals, in order: proposal_unknown, version_must_be_next, not_authorised,
// already_approved.
func Approve(current *Programme, pending *Proposal, digest string, by Caller, now Instant) (*Proposal, *Error) {
	if pending == nil || pending.Programme.Digest() != digest {
		return nil, Refuse(CodeProposalUnknown, "There is no such proposal.")
	}
	if refusal := pending.Programme.follows(current); refusal != nil {
		return nil, refusal
	}
	if !pending.Programme.electorate(current).votes(by.MSP) {
		return nil, errNoVote()
	}
	for _, a := range pending.Approvals {
		if a.MSP == by.MSP {
			return nil, Refuse(CodeAlreadyApproved, "This organisation has already approved the proposal.")
		}
	}
	approved := *pending
	approved.Approvals = append(slices.Clone(pending.Approvals), Approval{MSP: by.MSP, At: now})
	return &approved, nil
}

// Carried reports whether the proposal has the approvals it needs, so that its programme is now in
// force: the quorum of the programme in force before. The first version has no such quorum, only
// one that its proposer wrote, so it needs every voter that it names: nobody is enlisted unasked,
// and nobody founds a programme alone.
func (p *Proposal) Carried(current *Programme) bool {
	electorate, yes := p.Programme.electorate(current), 0
	for _, a := range p.Approvals {
		if electorate.votes(a.MSP) {
			yes++
		}
	}
	if current == nil {
		return yes >= electorate.voters()
	}
	return yes >= electorate.Quorum
}

// electorate is the programme whose organisations vote on p: the one in force. The first version
// is agreed on by the organisations that it names itself, all of them.
func (p *Programme) electorate(current *Programme) *Programme {
	if current == nil {
		return p
	}
	return current
}

// follows refuses a version that is not the next after current. The currency stays: openings and
// terms count in it.
func (p *Programme) follows(current *Programme) *Error {
	version := 0
	if current != nil {
		version = current.Version
		if p.Currency != current.Currency {
			return Refuse(CodeMalformedProgramme, "The currency of a programme never changes.")
		}
	}
	if p.Version != version+1 {
		return Refuse(CodeVersionNotNext, "The next version of the programme is %d.", version+1)
	}
	return nil
}

// votes reports whether an organisation's approval counts.
func (p *Programme) votes(msp MSPID) bool {
	kind := p.kindOf(msp)
	return kind == OrgChain || kind == OrgClearing
}

// voters is how many organisations have a vote.
func (p *Programme) voters() int {
	n := 0
	for _, o := range p.Organisations {
		if p.votes(o.MSP) {
			n++
		}
	}
	return n
}

func errNoVote() *Error {
	return Refuse(CodeNotAuthorised, "This organisation has no vote on the programme.")
}
