package ledger

import (
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
)

// record is what a simulation did, by namespace.
type record map[string]*namespaceRecord

// namespaceRecord is what a simulation did in one namespace. The last write of a key counts.
type namespaceRecord struct {
	reads       map[string]*entry // nil entry: the key was absent
	writes      map[string][]byte // empty: deleted
	metadata    map[string]map[string][]byte
	ranges      []*kvrwset.RangeQueryInfo
	collections map[string]*collectionRecord
}

// collectionRecord is what a simulation did in one private data collection.
type collectionRecord struct {
	reads    map[string]*entry
	writes   map[string]privateWrite
	metadata map[string]map[string][]byte
}

type privateWrite struct {
	value []byte
	purge bool
}

func (r record) namespace(name string) *namespaceRecord {
	n := r[name]
	if n == nil {
		n = &namespaceRecord{
			reads: map[string]*entry{}, writes: map[string][]byte{},
			metadata:    map[string]map[string][]byte{},
			collections: map[string]*collectionRecord{},
		}
		r[name] = n
	}
	return n
}

func (r record) collection(namespace, name string) *collectionRecord {
	n := r.namespace(namespace)
	c := n.collections[name]
	if c == nil {
		c = &collectionRecord{
			reads: map[string]*entry{}, writes: map[string]privateWrite{},
			metadata: map[string]map[string][]byte{},
		}
		n.collections[name] = c
	}
	return c
}

// addRange keeps the first of several scans over the same range.
func (n *namespaceRecord) addRange(info *kvrwset.RangeQueryInfo) {
	for _, seen := range n.ranges {
		if seen.StartKey == info.StartKey && seen.EndKey == info.EndKey && seen.ItrExhausted == info.ItrExhausted {
			return
		}
	}
	n.ranges = append(n.ranges, info)
}

// sets builds the public and the private read-write set, everything sorted. The private one is nil
// where nothing private was written.
func (r record) sets() (*rwset.TxReadWriteSet, *rwset.TxPvtReadWriteSet, error) {
	all := &rwset.TxReadWriteSet{DataModel: rwset.TxReadWriteSet_KV}
	hidden := &rwset.TxPvtReadWriteSet{DataModel: rwset.TxReadWriteSet_KV}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		set, pvt, err := r[name].sets(name)
		if err != nil {
			return nil, nil, err
		}
		all.NsRwset = append(all.NsRwset, set)
		if pvt != nil {
			hidden.NsPvtRwset = append(hidden.NsPvtRwset, pvt)
		}
	}
	if len(hidden.NsPvtRwset) == 0 {
		hidden = nil
	}
	return all, hidden, nil
}

func (n *namespaceRecord) sets(name string) (*rwset.NsReadWriteSet, *rwset.NsPvtReadWriteSet, error) {
	packed, err := marshal(n.publicSet())
	if err != nil {
		return nil, nil, err
	}
	set := &rwset.NsReadWriteSet{Namespace: name, Rwset: packed}
	pvt := &rwset.NsPvtReadWriteSet{Namespace: name}
	for _, collection := range slices.Sorted(maps.Keys(n.collections)) {
		hashes, values, err := n.collections[collection].sets(collection)
		if err != nil {
			return nil, nil, err
		}
		set.CollectionHashedRwset = append(set.CollectionHashedRwset, hashes)
		if values != nil {
			pvt.CollectionPvtRwset = append(pvt.CollectionPvtRwset, values)
		}
	}
	if len(pvt.CollectionPvtRwset) == 0 {
		pvt = nil
	}
	return set, pvt, nil
}

func (n *namespaceRecord) publicSet() *kvrwset.KVRWSet {
	set := &kvrwset.KVRWSet{RangeQueriesInfo: n.ranges}
	for _, key := range slices.Sorted(maps.Keys(n.reads)) {
		set.Reads = append(set.Reads, &kvrwset.KVRead{Key: key, Version: recordedVersion(n.reads[key])})
	}
	for _, key := range slices.Sorted(maps.Keys(n.writes)) {
		set.Writes = append(set.Writes, keyWrite(key, n.writes[key]))
	}
	for _, key := range slices.Sorted(maps.Keys(n.metadata)) {
		set.MetadataWrites = append(set.MetadataWrites,
			&kvrwset.KVMetadataWrite{Key: key, Entries: metadataEntries(n.metadata[key])})
	}
	return set
}

func keyWrite(key string, value []byte) *kvrwset.KVWrite {
	return &kvrwset.KVWrite{Key: key, Value: value, IsDelete: len(value) == 0}
}

// sets builds the hashed read-write set of a collection and the private write set behind it, which
// is nil where nothing was written.
func (c *collectionRecord) sets(name string) (*rwset.CollectionHashedReadWriteSet, *rwset.CollectionPvtReadWriteSet, error) {
	hashes, values := c.bothSets()
	packed, err := marshal(hashes)
	if err != nil {
		return nil, nil, err
	}
	set := &rwset.CollectionHashedReadWriteSet{CollectionName: name, HashedRwset: packed}
	if len(c.writes)+len(c.metadata) == 0 {
		return set, nil, nil
	}
	hidden, err := marshal(values)
	if err != nil {
		return nil, nil, err
	}
	set.PvtRwsetHash = hashOf(hidden)
	return set, &rwset.CollectionPvtReadWriteSet{CollectionName: name, Rwset: hidden}, nil
}

// bothSets lists everything sorted by the private key, in the hashed set too.
func (c *collectionRecord) bothSets() (*kvrwset.HashedRWSet, *kvrwset.KVRWSet) {
	hashes, values := &kvrwset.HashedRWSet{}, &kvrwset.KVRWSet{}
	for _, key := range slices.Sorted(maps.Keys(c.reads)) {
		hashes.HashedReads = append(hashes.HashedReads,
			&kvrwset.KVReadHash{KeyHash: hashOf([]byte(key)), Version: recordedVersion(c.reads[key])})
	}
	for _, key := range slices.Sorted(maps.Keys(c.writes)) {
		write := c.writes[key]
		values.Writes = append(values.Writes, keyWrite(key, write.value))
		hash := &kvrwset.KVWriteHash{KeyHash: hashOf([]byte(key)), IsDelete: true, IsPurge: write.purge}
		if len(write.value) > 0 {
			hash.IsDelete, hash.ValueHash = false, hashOf(write.value)
		}
		hashes.HashedWrites = append(hashes.HashedWrites, hash)
	}
	for _, key := range slices.Sorted(maps.Keys(c.metadata)) {
		// The private set names the key only: its version must follow the hash's.
		values.MetadataWrites = append(values.MetadataWrites, &kvrwset.KVMetadataWrite{Key: key})
		hashes.MetadataWrites = append(hashes.MetadataWrites,
			&kvrwset.KVMetadataWriteHash{KeyHash: hashOf([]byte(key)), Entries: metadataEntries(c.metadata[key])})
	}
	return hashes, values
}
