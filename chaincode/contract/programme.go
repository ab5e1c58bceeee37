package contract

import (
	"strconv"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// ProposeProgramme puts the next version of the programme, a loyalty.Programme, forward in the
// name of the caller's organisation, whose first approval it is. It answers the loyalty.Proposal.
// It refuses as loyalty.Propose does.
func (c *Contract) ProposeProgramme(ctx *Context, programme string) (string, error) {
	return answer(ctx.propose([]byte(programme)))
}

func (ctx *Context) propose(argument []byte) (*loyalty.Proposal, error) {
	var next loyalty.Programme
	if err := api.Decode(argument, &next); err != nil {
		return nil, loyalty.Refuse(loyalty.CodeMalformedProgramme, "The programme cannot be read: %v.", err)
	}
	pending, err := ctx.ledger.Proposal(next.Version, next.Digest())
	if err != nil {
		return nil, err
	}
	proposal, refusal := loyalty.Propose(ctx.programme, pending, next, ctx.caller, ctx.now)
	if refusal != nil {
		return nil, refusal
	}
	return proposal, ctx.settle(proposal)
}

// ApproveProgramme adds the approval of the caller's organisation to one proposal of a version:
// digest is that of the programme it means, loyalty.Programme.Digest. With the last approval that
// it needs the programme is in force. It answers the loyalty.Proposal and refuses as
// loyalty.Approve does.
func (c *Contract) ApproveProgramme(ctx *Context, version, digest string) (string, error) {
	return answer(ctx.approve(version, digest))
}

func (ctx *Context) approve(version, digest string) (*loyalty.Proposal, error) {
	pending, err := ctx.proposal(version, digest)
	if err != nil {
		return nil, err
	}
	proposal, refusal := loyalty.Approve(ctx.programme, pending, digest, ctx.caller, ctx.now)
	if refusal != nil {
		return nil, refusal
	}
	return proposal, ctx.settle(proposal)
}

// settle stores a proposal and, if it has all approvals it needs, brings its programme into force.
func (ctx *Context) settle(proposal *loyalty.Proposal) error {
	if err := ctx.ledger.PutProposal(proposal); err != nil {
		return err
	}
	if !proposal.Carried(ctx.programme) {
		return nil
	}
	return ctx.ledger.PutProgramme(&proposal.Programme)
}

// PublishTerms adds the next version, a loyalty.Terms, to the terms of the caller's own chain. It
// answers the loyalty.TermsBook and refuses as loyalty.PublishTerms does.
func (c *Contract) PublishTerms(ctx *Context, terms string) (string, error) {
	return answer(ctx.publish([]byte(terms)))
}

func (ctx *Context) publish(argument []byte) (*loyalty.TermsBook, error) {
	var next loyalty.Terms
	if err := api.Decode(argument, &next); err != nil {
		return nil, loyalty.Refuse(loyalty.CodeMalformedTerms, "The terms cannot be read: %v.", err)
	}
	book, err := ctx.ledger.Terms(ctx.caller.MSP)
	if err != nil {
		return nil, err
	}
	book, refusal := loyalty.PublishTerms(book, ctx.caller.MSP, next, ctx.now)
	if refusal != nil {
		return nil, refusal
	}
	return book, ctx.ledger.PutTerms(book)
}

// GetProgramme answers the loyalty.Programme in force. Before there is one it refuses
// programme_unknown.
func (c *Contract) GetProgramme(ctx *Context) (string, error) {
	return answer(found(ctx.programme, nil, loyalty.CodeProgrammeUnknown, "There is no programme yet."))
}

// GetProposal answers the loyalty.Proposal of the programme with this version and digest, also
// after it was approved. It refuses proposal_unknown.
func (c *Contract) GetProposal(ctx *Context, version, digest string) (string, error) {
	return answer(ctx.proposal(version, digest))
}

const digestDigits = 64

func (ctx *Context) proposal(version, digest string) (*loyalty.Proposal, error) {
	const absent = "There is no such proposal."
	number, err := strconv.Atoi(version)
	if err != nil || number < 1 || strconv.Itoa(number) != version || !loyalty.IsHex(digest, digestDigits) {
		return nil, loyalty.Refuse(loyalty.CodeProposalUnknown, absent)
	}
	proposal, err := ctx.ledger.Proposal(number, digest)
	return found(proposal, err, loyalty.CodeProposalUnknown, absent)
}

// GetTerms answers the loyalty.TermsBook of an issuer. It refuses terms_unknown.
func (c *Contract) GetTerms(ctx *Context, issuer string) (string, error) {
	book, err := ctx.ledger.Terms(loyalty.MSPID(issuer))
	return answer(found(book, err, loyalty.CodeTermsUnknown, "This organisation has published no terms."))
}
