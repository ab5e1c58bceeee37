package audit

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/tx"
)

// updates is what the valid transactions of a block change. A deleted key stays in it.
type updates map[state.Key]*state.Entry

// seen marks a transaction's identifier as used.
var seen = &state.Entry{Value: []byte{1}}

func txKey(id string) state.Key { return state.Key{Namespace: "\x00tx", Name: id} }

// hashOfNothing is what peers write that hash an empty private value instead of deleting it.
var hashOfNothing = sha256.Sum256(nil)

// apply brings the writes of a valid transaction in.
func (u updates) apply(a *tx.Action, committed *state.State, block, index uint64) error {
	for _, n := range a.Results {
		w := writer{u, committed, state.Key{Namespace: n.Name}, block, index}
		for _, one := range n.Public.GetWrites() {
			w.write(one.GetKey(), one.GetValue(), one.GetIsDelete())
		}
		for _, one := range n.Public.GetMetadataWrites() {
			if err := w.tag(one.GetKey(), one.GetEntries()); err != nil {
				return err
			}
		}
		for _, c := range n.Collections {
			w.in.Collection = c.Name
			for _, one := range c.Hashes.GetHashedWrites() {
				gone := one.GetIsDelete() || string(one.GetValueHash()) == string(hashOfNothing[:])
				w.write(string(one.GetKeyHash()), one.GetValueHash(), gone)
			}
			for _, one := range c.Hashes.GetMetadataWrites() {
				if err := w.tag(string(one.GetKeyHash()), one.GetEntries()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// writer writes one transaction's changes of one namespace or collection.
type writer struct {
	updates       updates
	committed     *state.State
	in            state.Key
	block, number uint64
}

func (w writer) key(name string) state.Key {
	k := w.in
	k.Name = name
	return k
}

// write sets or deletes a value. A value keeps the metadata that its key had.
func (w writer) write(name string, value []byte, gone bool) {
	key := w.key(name)
	e := &state.Entry{Block: w.block, Tx: w.number}
	if !gone && len(value) > 0 {
		e.Value = value
		if now := w.now(key); now != nil {
			e.Metadata = now.Metadata
		}
	}
	w.updates[key] = e
}

// tag sets the metadata of a key that has a value; of another it changes nothing.
func (w writer) tag(name string, entries []*kvrwset.KVMetadataEntry) error {
	key := w.key(name)
	now := w.now(key)
	if now.Absent() {
		return nil
	}
	e := &state.Entry{Value: now.Value, Block: w.block, Tx: w.number}
	if len(entries) > 0 {
		packed, err := proto.MarshalOptions{Deterministic: true}.Marshal(&kvrwset.KVMetadataWrite{Entries: entries})
		if err != nil {
			return fmt.Errorf("metadata of a key: %w", err)
		}
		e.Metadata = packed
	}
	w.updates[key] = e
	return nil
}

func (w writer) now(key state.Key) *state.Entry {
	if e, ok := w.updates[key]; ok {
		return e
	}
	e, err := w.committed.Get(key)
	if err != nil {
		return nil // the next read of the state fails the same way and ends the audit
	}
	return e
}

// into makes the updates part of the state.
func (u updates) into(s *state.State) {
	for key, e := range u {
		s.Put(key, e)
	}
}

// commitHash is the hash that peers chain: the codes, what changed in the order of keys, and the hash
// before. The first row of a chaincode and of a collection names it.
func (u updates) commitHash(codes, previous []byte) []byte {
	keys := slices.SortedFunc(maps.Keys(u), func(a, b state.Key) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Name, b.Name))
	})
	sum := sha256.New()
	sum.Write(protowire.AppendVarint(nil, uint64(len(codes))))
	sum.Write(codes)
	var last state.Key
	var row, framed []byte
	for _, key := range keys {
		namespace, collection := key.Namespace, key.Collection
		if namespace == last.Namespace {
			if collection == last.Collection {
				collection = ""
			}
			namespace = ""
		}
		last = key
		row = appendRow(row[:0], namespace, collection, key.Name, u[key])
		framed = protowire.AppendBytes(protowire.AppendTag(framed[:0], 1, protowire.BytesType), row)
		sum.Write(framed)
	}
	sum.Write(previous)
	return sum.Sum(nil)
}

// appendRow is one change as peers hash it: a protobuf message of namespace, collection, key, whether
// it is deleted, value and version.
func appendRow(to []byte, namespace, collection, name string, e *state.Entry) []byte {
	to = appendField(to, 1, []byte(namespace))
	to = appendField(to, 2, []byte(collection))
	to = appendField(to, 3, []byte(name))
	if e.Value == nil {
		to = protowire.AppendVarint(protowire.AppendTag(to, 4, protowire.VarintType), 1)
	}
	to = appendField(to, 5, e.Value)
	return appendField(to, 6, appendOrdered(appendOrdered(nil, e.Block), e.Tx))
}

func appendField(to []byte, number protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return to
	}
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

// appendOrdered writes a number as its length and its bytes, the highest first.
func appendOrdered(to []byte, n uint64) []byte {
	size := 0
	for m := n; m > 0; m >>= 8 {
		size++
	}
	to = append(to, byte(size))
	for i := size - 1; i >= 0; i-- {
		to = append(to, byte(n>>(8*i)))
	}
	return to
}
