package audit

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// book is the ledger on which the rules run again: it reads what the blocks so far lead to, and keeps
// what the rules write, to be compared with what the endorsers wrote.
type book struct {
	read     func(name string) (*state.Entry, error)
	hash     func(collection string, name string) ([]byte, error)
	puts     map[string]put
	openings map[openingName][]byte // written, by the hash of what the auditor believes they are
	pretend  map[openingName][]byte // hashes that a made-up return is given to see
}

// put is a value as the rules write it.
type put struct {
	value  []byte
	object any
}

type openingName struct {
	org  loyalty.MSPID
	sale loyalty.ReceiptID
}

var _ loyalty.Ledger = (*book)(nil)

func (w *blockWork) newBook() *book {
	name := w.auditor.options.Chaincode
	return &book{
		read: func(key string) (*state.Entry, error) { return w.get(state.Key{Namespace: name, Name: key}) },
		hash: func(collection, key string) ([]byte, error) {
			hashed := sha256.Sum256([]byte(key))
			e, err := w.get(state.Key{Namespace: name, Collection: collection, Name: string(hashed[:])})
			if e == nil {
				return nil, err
			}
			return e.Value, err
		},
		puts: map[string]put{}, openings: map[openingName][]byte{}, pretend: map[openingName][]byte{},
	}
}

// get is the entry of a key as the next transaction of the block finds it.
func (w *blockWork) get(key state.Key) (*state.Entry, error) {
	if e, ok := w.updates[key]; ok {
		if e.Absent() {
			return nil, nil
		}
		return e, nil
	}
	e, err := w.auditor.state.Get(key)
	if err != nil {
		return nil, &stateError{err}
	}
	return e, nil
}

// load decodes the value of a key and hands out a copy of its own; nil means absent.
func load[T any](b *book, key string, clone func(*T) *T) (*T, error) {
	if p, ok := b.puts[key]; ok {
		return clone(p.object.(*T)), nil
	}
	e, err := b.read(key)
	if err != nil || e == nil {
		return nil, err
	}
	v, ok := e.Decoded.(*T)
	if !ok {
		v = new(T)
		if err := worldstate.Decode(e.Value, v); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		e.Decoded = v
	}
	return clone(v), nil
}

func store[T any](b *book, key string, v *T) error {
	value, err := worldstate.Encode(v)
	if err != nil {
		return err
	}
	b.puts[key] = put{value, v}
	return nil
}

func shallow[T any](v *T) *T {
	c := *v
	return &c
}

// Programme implements loyalty.Ledger.
func (b *book) Programme() (*loyalty.Programme, error) {
	return load(b, worldstate.ProgrammeKey(), shallow[loyalty.Programme])
}

// Terms implements loyalty.Ledger.
func (b *book) Terms(issuer loyalty.MSPID) (*loyalty.TermsBook, error) {
	return load(b, worldstate.TermsKey(issuer), shallow[loyalty.TermsBook])
}

// Account implements loyalty.Ledger.
func (b *book) Account(member loyalty.MemberID) (*loyalty.Account, error) {
	return load(b, worldstate.AccountKey(member), (*loyalty.Account).Clone)
}

// PutAccount implements loyalty.Ledger.
func (b *book) PutAccount(a *loyalty.Account) error {
	return store(b, worldstate.AccountKey(a.Member), a)
}

// Operation implements loyalty.Ledger.
func (b *book) Operation(org loyalty.MSPID, op loyalty.OpID) (*loyalty.Operation, error) {
	return load(b, worldstate.OperationKey(org, op), shallow[loyalty.Operation])
}

// PutOperation implements loyalty.Ledger.
func (b *book) PutOperation(org loyalty.MSPID, op loyalty.OpID, o *loyalty.Operation) error {
	return store(b, worldstate.OperationKey(org, op), o)
}

// Receipt implements loyalty.Ledger.
func (b *book) Receipt(org loyalty.MSPID, id loyalty.ReceiptID) (*loyalty.Receipt, error) {
	return load(b, worldstate.ReceiptKey(org, id), func(r *loyalty.Receipt) *loyalty.Receipt {
		c := *r
		c.Spent = slices.Clone(r.Spent)
		return &c
	})
}

// PutReceipt implements loyalty.Ledger.
func (b *book) PutReceipt(org loyalty.MSPID, id loyalty.ReceiptID, r *loyalty.Receipt) error {
	return store(b, worldstate.ReceiptKey(org, id), r)
}

// HoldEnd implements loyalty.Ledger.
func (b *book) HoldEnd(id loyalty.HoldID) (*loyalty.HoldEnd, error) {
	return load(b, worldstate.HoldEndKey(id), shallow[loyalty.HoldEnd])
}

// PutHoldEnd implements loyalty.Ledger.
func (b *book) PutHoldEnd(id loyalty.HoldID, e *loyalty.HoldEnd) error {
	return store(b, worldstate.HoldEndKey(id), e)
}

// OpeningHash implements loyalty.Ledger.
func (b *book) OpeningHash(org loyalty.MSPID, sale loyalty.ReceiptID) ([]byte, error) {
	if hash, ok := b.pretend[openingName{org, sale}]; ok {
		return hash, nil
	}
	return b.hash(worldstate.Baskets(org), worldstate.OpeningKey(sale))
}

// PutOpening implements loyalty.Ledger.
func (b *book) PutOpening(org loyalty.MSPID, sale loyalty.ReceiptID, opening []byte) error {
	hash := sha256.Sum256(opening)
	b.openings[openingName{org, sale}] = hash[:]
	return nil
}

// Proposal is the proposal of the programme with this version and digest, nil if there is none.
func (b *book) Proposal(version int, digest string) (*loyalty.Proposal, error) {
	return load(b, worldstate.ProposalKey(version, digest), shallow[loyalty.Proposal])
}
