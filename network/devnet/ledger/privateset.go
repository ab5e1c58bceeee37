package ledger

import (
	"bytes"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"
)

// privateRecord is the private data of one block that this peer holds.
type privateRecord struct {
	block uint64
	sets  []privateSet
}

// privateSet is the private write set of one transaction.
type privateSet struct {
	tx  uint64
	set *rwset.TxPvtReadWriteSet
}

// hashedKey names a private key by its hash.
type hashedKey struct {
	in   space // of kind hashed
	hash string
}

func keyOf(namespace, collection, key string) hashedKey {
	return hashedKey{space{hashed, namespace, collection}, string(hashOf([]byte(key)))}
}

// eachCollection decodes the write sets of a transaction one collection at a time.
func eachCollection(set *rwset.TxPvtReadWriteSet, yield func(namespace, collection string, writes *kvrwset.KVRWSet) error) error {
	for _, n := range set.GetNsPvtRwset() {
		for _, c := range n.CollectionPvtRwset {
			writes := &kvrwset.KVRWSet{}
			if err := proto.Unmarshal(c.Rwset, writes); err != nil {
				return fmt.Errorf("private write set of %s/%s: %w", n.Namespace, c.CollectionName, err)
			}
			if err := yield(n.Namespace, c.CollectionName, writes); err != nil {
				return err
			}
		}
	}
	return nil
}

// findCollection returns the packed write set with this hash, nil where the set has none.
func findCollection(set *rwset.TxPvtReadWriteSet, namespace, collection string, hash []byte) []byte {
	for _, n := range set.GetNsPvtRwset() {
		if n.Namespace != namespace {
			continue
		}
		for _, c := range n.CollectionPvtRwset {
			if c.CollectionName == collection && bytes.Equal(hashOf(c.Rwset), hash) {
				return c.Rwset
			}
		}
	}
	return nil
}

// addCollection appends a packed write set; namespaces arrive in order.
func addCollection(set *rwset.TxPvtReadWriteSet, namespace, collection string, packed []byte) {
	if n := len(set.NsPvtRwset); n == 0 || set.NsPvtRwset[n-1].Namespace != namespace {
		set.NsPvtRwset = append(set.NsPvtRwset, &rwset.NsPvtReadWriteSet{Namespace: namespace})
	}
	last := set.NsPvtRwset[len(set.NsPvtRwset)-1]
	last.CollectionPvtRwset = append(last.CollectionPvtRwset,
		&rwset.CollectionPvtReadWriteSet{CollectionName: collection, Rwset: packed})
}

// without returns the record less the keys that drop names, and whether any was there. What becomes
// empty goes altogether.
func (r privateRecord) without(drop func(version Version, key hashedKey) bool) (privateRecord, bool, error) {
	kept, dropped := privateRecord{block: r.block}, false
	for _, s := range r.sets {
		version := Version{r.block, s.tx}
		set := &rwset.TxPvtReadWriteSet{DataModel: s.set.DataModel}
		err := eachCollection(s.set, func(namespace, collection string, writes *kvrwset.KVRWSet) error {
			left := &kvrwset.KVRWSet{}
			for _, w := range writes.Writes {
				if !drop(version, keyOf(namespace, collection, w.Key)) {
					left.Writes = append(left.Writes, w)
				}
			}
			for _, m := range writes.MetadataWrites {
				if !drop(version, keyOf(namespace, collection, m.Key)) {
					left.MetadataWrites = append(left.MetadataWrites, m)
				}
			}
			dropped = dropped || len(left.Writes) < len(writes.Writes) || len(left.MetadataWrites) < len(writes.MetadataWrites)
			if len(left.Writes)+len(left.MetadataWrites) == 0 {
				return nil
			}
			packed, err := marshal(left)
			addCollection(set, namespace, collection, packed)
			return err
		})
		if err != nil {
			return r, false, err
		}
		if len(set.NsPvtRwset) > 0 {
			kept.sets = append(kept.sets, privateSet{s.tx, set})
		}
	}
	return kept, dropped, nil
}
