package loyalty

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// Memory is a Ledger in maps: for the auditor, who rebuilds the ledger from blocks, and for
// tests. It copies what goes in and what comes out. It is not safe for concurrent use.
type Memory struct {
	programme  *Programme
	terms      map[MSPID]*TermsBook
	accounts   map[MemberID]*Account
	operations map[operationKey]Operation
	receipts   map[receiptKey]*Receipt
	ends       map[HoldID]HoldEnd
	openings   map[receiptKey][]byte
	hashes     map[receiptKey][]byte
}

type operationKey struct {
	org MSPID
	op  OpID
}

type receiptKey struct {
	org     MSPID
	receipt ReceiptID
}

var _ Ledger = (*Memory)(nil)

// NewMemory is an empty ledger.
func NewMemory() *Memory {
	return &Memory{
		terms: map[MSPID]*TermsBook{}, accounts: map[MemberID]*Account{}, operations: map[operationKey]Operation{},
		receipts: map[receiptKey]*Receipt{}, ends: map[HoldID]HoldEnd{}, openings: map[receiptKey][]byte{},
		hashes: map[receiptKey][]byte{},
	}
}

// SetProgramme puts a programme in force.
func (m *Memory) SetProgramme(p *Programme) {
	q := *p
	q.Organisations = slices.Clone(p.Organisations)
	m.programme = &q
}

// SetTerms puts an issuer's book on the ledger.
func (m *Memory) SetTerms(b *TermsBook) {
	m.terms[b.Issuer] = &TermsBook{Issuer: b.Issuer, Versions: slices.Clone(b.Versions)}
}

// SetOpeningHash puts the hash of an opening on the ledger whose bytes are not known.
func (m *Memory) SetOpeningHash(org MSPID, sale ReceiptID, hash []byte) {
	m.hashes[receiptKey{org, sale}] = bytes.Clone(hash)
}

// Opening is what PutOpening last kept; nil if nothing is known.
func (m *Memory) Opening(org MSPID, sale ReceiptID) []byte {
	return bytes.Clone(m.openings[receiptKey{org, sale}])
}

// Members are all members with an account, in order.
func (m *Memory) Members() []MemberID {
	members := make([]MemberID, 0, len(m.accounts))
	for id := range m.accounts {
		members = append(members, id)
	}
	slices.Sort(members)
	return members
}

// Programme implements Ledger.
func (m *Memory) Programme() (*Programme, error) {
	if m.programme == nil {
		return nil, nil
	}
	p := *m.programme
	p.Organisations = slices.Clone(p.Organisations)
	return &p, nil
}

// Terms implements Ledger.
func (m *Memory) Terms(issuer MSPID) (*TermsBook, error) {
	b := m.terms[issuer]
	if b == nil {
		return nil, nil
	}
	return &TermsBook{Issuer: b.Issuer, Versions: slices.Clone(b.Versions)}, nil
}

// Account implements Ledger.
func (m *Memory) Account(member MemberID) (*Account, error) {
	a := m.accounts[member]
	if a == nil {
		return nil, nil
	}
	return a.Clone(), nil
}

// PutAccount implements Ledger.
func (m *Memory) PutAccount(a *Account) error {
	m.accounts[a.Member] = a.Clone()
	return nil
}

// Operation implements Ledger.
func (m *Memory) Operation(org MSPID, op OpID) (*Operation, error) {
	o, ok := m.operations[operationKey{org, op}]
	if !ok {
		return nil, nil
	}
	o.Outcome.Postings = slices.Clone(o.Outcome.Postings)
	return &o, nil
}

// PutOperation implements Ledger.
func (m *Memory) PutOperation(org MSPID, op OpID, o *Operation) error {
	kept := *o
	kept.Outcome.Postings = slices.Clone(o.Outcome.Postings)
	m.operations[operationKey{org, op}] = kept
	return nil
}

// Receipt implements Ledger.
func (m *Memory) Receipt(org MSPID, id ReceiptID) (*Receipt, error) {
	r := m.receipts[receiptKey{org, id}]
	if r == nil {
		return nil, nil
	}
	return r.clone(), nil
}

// PutReceipt implements Ledger.
func (m *Memory) PutReceipt(org MSPID, id ReceiptID, r *Receipt) error {
	m.receipts[receiptKey{org, id}] = r.clone()
	return nil
}

func (r *Receipt) clone() *Receipt {
	c := *r
	c.Spent = slices.Clone(r.Spent)
	return &c
}

// HoldEnd implements Ledger.
func (m *Memory) HoldEnd(id HoldID) (*HoldEnd, error) {
	e, ok := m.ends[id]
	if !ok {
		return nil, nil
	}
	return &e, nil
}

// PutHoldEnd implements Ledger.
func (m *Memory) PutHoldEnd(id HoldID, e *HoldEnd) error {
	m.ends[id] = *e
	return nil
}

// OpeningHash implements Ledger.
func (m *Memory) OpeningHash(org MSPID, sale ReceiptID) ([]byte, error) {
	return bytes.Clone(m.hashes[receiptKey{org, sale}]), nil
}

// PutOpening implements Ledger.
func (m *Memory) PutOpening(org MSPID, sale ReceiptID, opening []byte) error {
	hash := sha256.Sum256(opening)
	m.openings[receiptKey{org, sale}] = bytes.Clone(opening)
	m.SetOpeningHash(org, sale, hash[:])
	return nil
}
