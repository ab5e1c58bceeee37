package ledger

import (
	"hash"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/encoding/protowire"
)

// updates is what a block changes, by space and key; an entry without a value deletes the key.
type updates map[space]map[string]*entry

func (u updates) get(in space, key string) *entry { return u[in][key] }

func (u updates) put(in space, key string, e *entry) {
	if u[in] == nil {
		u[in] = map[string]*entry{}
	}
	u[in][key] = e
}

// change is what one transaction does to one key: the value, the metadata, or both.
type change struct {
	written, deleted, tagged bool
	value, metadata          []byte
}

type changes map[space]map[string]*change

func (c changes) at(in space, key string) *change {
	if c[in] == nil {
		c[in] = map[string]*change{}
	}
	if c[in][key] == nil {
		c[in][key] = &change{}
	}
	return c[in][key]
}

func (c changes) write(in space, key string, value []byte, deleted bool) {
	at := c.at(in, key)
	at.written, at.value = true, value
	at.deleted = at.deleted || deleted
}

func (c changes) tag(in space, key string, entries []*kvrwset.KVMetadataEntry) error {
	packed, err := packMetadata(entries)
	if err != nil {
		return err
	}
	at := c.at(in, key)
	at.tagged, at.metadata = true, packed
	return nil
}

// changesOf collects what a transaction does to public state and private hashes.
func changesOf(tx *transaction) (changes, error) {
	all := changes{}
	for _, set := range tx.sets {
		in := space{kind: public, namespace: set.name}
		for _, w := range set.public.Writes {
			all.write(in, w.Key, w.Value, w.IsDelete || len(w.Value) == 0)
		}
		for _, m := range set.public.MetadataWrites {
			if err := all.tag(in, m.Key, m.Entries); err != nil {
				return nil, err
			}
		}
		for _, c := range set.collections {
			in := space{hashed, set.name, c.name}
			for _, w := range c.hashes.HashedWrites {
				all.write(in, string(w.KeyHash), w.ValueHash, deletesHash(w))
			}
			for _, m := range c.hashes.MetadataWrites {
				if err := all.tag(in, string(m.KeyHash), m.Entries); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// deletesHash recognises deletions written by peers that hashed the empty value.
func deletesHash(w *kvrwset.KVWriteHash) bool {
	return w.IsDelete || len(w.ValueHash) == 0 || string(w.ValueHash) == string(hashOfNothing)
}

// applyTo brings the transaction's changes into the state and notes them in u. A value keeps the
// metadata it had, metadata keeps the value, and metadata of an absent key is dropped.
func (c changes) applyTo(state *fork, u updates, version Version) {
	for in, keys := range c {
		for key, ch := range keys {
			e := &entry{version: version}
			now := state.get(in, key)
			switch {
			case ch.deleted:
			case ch.written && ch.tagged:
				e.value, e.metadata = ch.value, ch.metadata
			case ch.written:
				e.value = ch.value
				if now != nil {
					e.metadata = now.metadata
				}
			case now == nil:
				continue
			default:
				e.value, e.metadata = now.value, ch.metadata
			}
			u.put(in, key, e)
			state.apply(in, key, e)
		}
	}
}

// hashTo writes the update batch as the commit hash covers it: namespaces, keys, collections and key
// hashes in order; the first row of a namespace and of a collection names it. The namespace "" holds
// the channel configuration and is left out.
func (u updates) hashTo(sum hash.Hash) {
	var row, framed []byte // reused from row to row
	spaces := slices.SortedFunc(maps.Keys(u), compareSpaces)
	for _, namespace := range u.namespaces() {
		if namespace == "" {
			continue
		}
		first := namespace
		for _, in := range spaces {
			if in.namespace != namespace {
				continue
			}
			collection := in.collection
			for _, key := range slices.Sorted(maps.Keys(u[in])) {
				row = appendRow(row[:0], first, collection, key, u[in][key])
				framed = protowire.AppendTag(framed[:0], 1, protowire.BytesType)
				framed = protowire.AppendBytes(framed, row)
				sum.Write(framed)
				first, collection = "", ""
			}
		}
	}
}

func (u updates) namespaces() []string {
	names := map[string]bool{}
	for in := range u {
		names[in.namespace] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// appendRow encodes one key of an update batch as the message Fabric hashes: namespace 1, collection
// 2, key 3, is_delete 4, value 5, version 6.
func appendRow(to []byte, namespace, collection, key string, e *entry) []byte {
	to = appendField(to, 1, []byte(namespace))
	to = appendField(to, 2, []byte(collection))
	to = appendField(to, 3, []byte(key))
	if e.value == nil {
		to = protowire.AppendTag(to, 4, protowire.VarintType)
		to = protowire.AppendVarint(to, 1)
	}
	to = appendField(to, 5, e.value)
	return appendField(to, 6, e.version.bytes())
}

func appendField(to []byte, number protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return to
	}
	to = protowire.AppendTag(to, number, protowire.BytesType)
	return protowire.AppendBytes(to, value)
}
