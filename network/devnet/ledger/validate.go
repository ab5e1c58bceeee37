package ledger

import (
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// check decides whether what the transaction read is still true after the valid transactions before
// it: those of earlier blocks (in state) and those of its own block (in state and in u). The order
// is Fabric's: by namespace, public reads, then ranges, then hashes of private reads.
func (tx *transaction) check(state *fork, u updates) (peer.TxValidationCode, error) {
	for _, set := range tx.sets {
		in := space{kind: public, namespace: set.name}
		for _, read := range set.public.Reads {
			if !stillTrue(state, u, in, read.Key, read.Version) {
				return peer.TxValidationCode_MVCC_READ_CONFLICT, nil
			}
		}
		for _, info := range set.public.RangeQueriesInfo {
			same, err := sameRange(state, in, info)
			if err != nil {
				return 0, err
			}
			if !same {
				return peer.TxValidationCode_PHANTOM_READ_CONFLICT, nil
			}
		}
		for _, c := range set.collections {
			in := space{hashed, set.name, c.name}
			for _, read := range c.hashes.HashedReads {
				if !stillTrue(state, u, in, string(read.KeyHash), read.Version) {
					return peer.TxValidationCode_MVCC_READ_CONFLICT, nil
				}
			}
		}
	}
	return peer.TxValidationCode_VALID, nil
}

// stillTrue is false for every key that an earlier transaction of the block touched, even where it
// deleted what was absent before.
func stillTrue(state *fork, u updates, in space, key string, read *kvrwset.Version) bool {
	return u.get(in, key) == nil && unchanged(state.get(in, key), read)
}

// sameRange repeats a scan on the present state and compares. A scan that did not reach its end
// recorded the last key it saw, which belongs to the range.
func sameRange(state *fork, in space, info *kvrwset.RangeQueryInfo) (bool, error) {
	rows := rangeRows{scan: openScan(state.tree(in), info.StartKey, info.EndKey)}
	if !info.ItrExhausted {
		rows.lastKey, rows.last = info.EndKey, state.get(in, info.EndKey)
	}
	if tree := info.GetReadsMerkleHashes(); tree != nil {
		return sameTree(&rows, tree)
	}
	for _, read := range info.GetRawReads().GetKvReads() {
		key, e := rows.next()
		if e == nil || key != read.Key || !unchanged(e, read.Version) {
			return false, nil
		}
	}
	_, beyond := rows.next()
	return beyond == nil, nil
}

// sameTree builds the hash tree of the rows there are now. A degree that no honest peer records is
// taken as a changed range.
func sameTree(rows *rangeRows, read *kvrwset.QueryReadsMerkleSummary) (bool, error) {
	if read.MaxDegree < 2 || read.MaxDegree > 1<<16 {
		return false, nil
	}
	sum := summary{degree: int(read.MaxDegree)}
	for key, e := rows.next(); e != nil; key, e = rows.next() {
		if err := sum.add(&kvrwset.KVRead{Key: key, Version: recordedVersion(e)}); err != nil {
			return false, err
		}
	}
	_, now, err := sum.finish()
	return sameSummary(read, now), err
}

// rangeRows is a scan followed by one more row.
type rangeRows struct {
	scan    *scan
	lastKey string
	last    *entry
}

func (r *rangeRows) next() (string, *entry) {
	if key, e := r.scan.next(); e != nil {
		return key, e
	}
	key, e := r.lastKey, r.last
	r.last = nil
	return key, e
}
