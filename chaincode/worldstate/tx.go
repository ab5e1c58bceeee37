package worldstate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Tx is one transaction's view of the ledger. Fabric does not show a transaction its own writes;
// a batch of commands needs them, so Tx keeps every write back, answers reads from them first, and
// hands all of them to Fabric in one Flush. A Tx that is never flushed has changed nothing.
//
// Every read returns the caller's own copy. Any error, a value that cannot be decoded among them,
// must fail the whole transaction. A Tx is for one goroutine.
type Tx struct {
	stub     Stub
	read     map[string][]byte  // what is committed, as far as it was read; empty: absent
	written  map[string][]byte  // what Flush will write
	hashes   map[private][]byte // of committed private values, as far as they were read
	openings map[private][]byte // what Flush will write to private collections

	// Every command of a batch asks for these two; they are decoded once.
	programme *loyalty.Programme
	terms     map[loyalty.MSPID]*loyalty.TermsBook
}

// private names a value in a private collection.
type private struct{ collection, key string }

var _ loyalty.Ledger = (*Tx)(nil)

// NewTx begins a unit of work on stub.
func NewTx(stub Stub) *Tx {
	return &Tx{
		stub:     stub,
		read:     map[string][]byte{},
		written:  map[string][]byte{},
		hashes:   map[private][]byte{},
		openings: map[private][]byte{},
		terms:    map[loyalty.MSPID]*loyalty.TermsBook{},
	}
}

// Prefetch reads keys in one round trip, so that what follows finds them at hand. Keys already
// known are left out. Each key becomes part of the transaction's read set, whether it is needed
// or not: prefetch only what the commands name.
func (t *Tx) Prefetch(keys ...string) error {
	missing := make([]string, 0, len(keys))
	for _, key := range keys {
		if _, known := t.read[key]; !known {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	if len(missing) == 0 {
		return nil
	}
	values, err := t.stub.GetMultipleStates(missing...)
	if err != nil {
		return fmt.Errorf("read %d keys: %w", len(missing), err)
	}
	// The danger: a peer whose database fails answers with too few values and no error, and has
	// put nothing into the read set. Taken for "absent" that would enrol members twice.
	if len(values) != len(missing) {
		return fmt.Errorf("read %d keys: the peer answered %d", len(missing), len(values))
	}
	for i, key := range missing {
		t.read[key] = values[i]
	}
	return nil
}

// Flush writes everything that was put, public keys first, each kind in the order of its keys.
// Afterwards the Tx holds no writes.
func (t *Tx) Flush() error {
	if len(t.written) == 0 && len(t.openings) == 0 {
		return nil
	}
	t.stub.StartWriteBatch()
	for _, key := range slices.Sorted(maps.Keys(t.written)) {
		if err := t.stub.PutState(key, t.written[key]); err != nil {
			return fmt.Errorf("write key %q: %w", key, err)
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(t.openings), comparePrivate) {
		if err := t.stub.PutPrivateData(p.collection, p.key, t.openings[p]); err != nil {
			return fmt.Errorf("write to collection %q: %w", p.collection, err)
		}
	}
	if err := t.stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("write batch: %w", err)
	}
	clear(t.written)
	clear(t.openings)
	return nil
}

func comparePrivate(a, b private) int {
	if a.collection != b.collection {
		return bytes.Compare([]byte(a.collection), []byte(b.collection))
	}
	return bytes.Compare([]byte(a.key), []byte(b.key))
}

// load is the value of key as this transaction sees it; empty means absent.
func (t *Tx) load(key string) ([]byte, error) {
	if value, ok := t.written[key]; ok {
		return value, nil
	}
	if value, ok := t.read[key]; ok {
		return value, nil
	}
	value, err := t.stub.GetState(key)
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", key, err)
	}
	t.read[key] = value
	return value, nil
}

// get decodes the value of key; nil means absent.
func get[T any](t *Tx, key string) (*T, error) {
	value, err := t.load(key)
	if err != nil || len(value) == 0 {
		return nil, err
	}
	v := new(T)
	if err := Decode(value, v); err != nil {
		return nil, fmt.Errorf("decode key %q: %w", key, err)
	}
	return v, nil
}

// put encodes v as the new value of key.
func put[T any](t *Tx, key string, v *T) error {
	if v == nil {
		return fmt.Errorf("write key %q: nothing to write", key)
	}
	value, err := Encode(v)
	if err != nil {
		return fmt.Errorf("write key %q: %w", key, err)
	}
	t.written[key] = value
	return nil
}

// OpeningHash is the SHA-256 of the opening of a sale of org, nil if there is none.
func (t *Tx) OpeningHash(org loyalty.MSPID, sale loyalty.ReceiptID) ([]byte, error) {
	p := private{Baskets(org), OpeningKey(sale)}
	if opening, ok := t.openings[p]; ok {
		hash := sha256.Sum256(opening)
		return hash[:], nil
	}
	hash, known := t.hashes[p]
	if !known {
		var err error
		if hash, err = t.stub.GetPrivateDataHash(p.collection, p.key); err != nil {
			return nil, fmt.Errorf("read a hash of collection %q: %w", p.collection, err)
		}
		t.hashes[p] = hash
	}
	if len(hash) == 0 {
		return nil, nil
	}
	return slices.Clone(hash), nil
}

// PutOpening stores the opening of a sale in the private collection of org, byte for byte.
func (t *Tx) PutOpening(org loyalty.MSPID, sale loyalty.ReceiptID, opening []byte) error {
	if len(opening) == 0 {
		return errors.New("write an opening: it is empty, which would delete it")
	}
	t.openings[private{Baskets(org), OpeningKey(sale)}] = slices.Clone(opening)
	return nil
}
