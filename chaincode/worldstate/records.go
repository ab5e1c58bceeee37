package worldstate

import (
	"slices"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Programme is the programme in force, nil before there is one.
func (t *Tx) Programme() (*loyalty.Programme, error) {
	if t.programme == nil {
		p, err := get[loyalty.Programme](t, ProgrammeKey())
		if err != nil || p == nil {
			return nil, err
		}
		t.programme = p
	}
	p := *t.programme
	p.Organisations = slices.Clone(p.Organisations)
	return &p, nil
}

// PutProgramme brings a programme into force.
func (t *Tx) PutProgramme(p *loyalty.Programme) error {
	t.programme = nil
	return put(t, ProgrammeKey(), p)
}

// Proposal is the proposal of the programme with this version and digest, nil if there is none.
func (t *Tx) Proposal(version int, digest string) (*loyalty.Proposal, error) {
	return get[loyalty.Proposal](t, ProposalKey(version, digest))
}

// PutProposal stores a proposal under the version and digest of what it proposes.
func (t *Tx) PutProposal(p *loyalty.Proposal) error {
	return put(t, ProposalKey(p.Programme.Version, p.Programme.Digest()), p)
}

// Terms is every version of the terms of issuer, nil before the first.
func (t *Tx) Terms(issuer loyalty.MSPID) (*loyalty.TermsBook, error) {
	if t.terms[issuer] == nil {
		book, err := get[loyalty.TermsBook](t, TermsKey(issuer))
		if err != nil || book == nil {
			return nil, err
		}
		t.terms[issuer] = book
	}
	book := *t.terms[issuer]
	book.Versions = slices.Clone(book.Versions)
	return &book, nil
}

// PutTerms stores the terms of book.Issuer.
func (t *Tx) PutTerms(book *loyalty.TermsBook) error {
	delete(t.terms, book.Issuer)
	return put(t, TermsKey(book.Issuer), book)
}

// Account is the account of member, nil if nobody enrolled it.
func (t *Tx) Account(member loyalty.MemberID) (*loyalty.Account, error) {
	return get[loyalty.Account](t, AccountKey(member))
}

// PutAccount stores the account of a.Member.
func (t *Tx) PutAccount(a *loyalty.Account) error { return put(t, AccountKey(a.Member), a) }

// Operation is the recorded answer to operation op of org, nil if there is none.
func (t *Tx) Operation(org loyalty.MSPID, op loyalty.OpID) (*loyalty.Operation, error) {
	return get[loyalty.Operation](t, OperationKey(org, op))
}

// PutOperation records the answer to operation op of org.
func (t *Tx) PutOperation(org loyalty.MSPID, op loyalty.OpID, o *loyalty.Operation) error {
	return put(t, OperationKey(org, op), o)
}

// Receipt is the public record of a sale or return slip of org, nil if there is none.
func (t *Tx) Receipt(org loyalty.MSPID, id loyalty.ReceiptID) (*loyalty.Receipt, error) {
	return get[loyalty.Receipt](t, ReceiptKey(org, id))
}

// PutReceipt stores the public record of a sale or return slip of org.
func (t *Tx) PutReceipt(org loyalty.MSPID, id loyalty.ReceiptID, r *loyalty.Receipt) error {
	return put(t, ReceiptKey(org, id), r)
}

// HoldEnd is how a hold ended, nil while it is pending or if it never was.
func (t *Tx) HoldEnd(id loyalty.HoldID) (*loyalty.HoldEnd, error) {
	return get[loyalty.HoldEnd](t, HoldEndKey(id))
}

// PutHoldEnd stores how a hold ended.
func (t *Tx) PutHoldEnd(id loyalty.HoldID, e *loyalty.HoldEnd) error {
	return put(t, HoldEndKey(id), e)
}
