package audit

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/tx"
)

// conflicts decides whether what the transaction read is still true: nothing it read was written
// since, by an earlier block or by an earlier transaction of this one.
func (w *blockWork) conflicts(a *tx.Action) (peer.TxValidationCode, error) {
	for _, n := range a.Results {
		for _, read := range n.Public.GetReads() {
			same, err := w.unchanged(state.Key{Namespace: n.Name, Name: read.GetKey()}, read.GetVersion())
			if err != nil || !same {
				return peer.TxValidationCode_MVCC_READ_CONFLICT, err
			}
		}
		// No transaction of the contract scans: a scan is counted and the peer's word taken for it.
		w.auditor.report.Unchecked.Scans += len(n.Public.GetRangeQueriesInfo())
		for _, c := range n.Collections {
			for _, read := range c.Hashes.GetHashedReads() {
				key := state.Key{Namespace: n.Name, Collection: c.Name, Name: string(read.GetKeyHash())}
				same, err := w.unchanged(key, read.GetVersion())
				if err != nil || !same {
					return peer.TxValidationCode_MVCC_READ_CONFLICT, err
				}
			}
		}
	}
	return peer.TxValidationCode_VALID, nil
}

func (w *blockWork) unchanged(key state.Key, read *kvrwset.Version) (bool, error) {
	if _, touched := w.updates[key]; touched {
		return false, nil
	}
	e, err := w.auditor.state.Get(key)
	switch {
	case err != nil:
		return false, err
	case e == nil || read == nil:
		return e == nil && read == nil, nil
	}
	return e.Block == read.GetBlockNum() && e.Tx == read.GetTxNum(), nil
}

// maxBackwards is how far a transaction's clock may lie behind the latest one on the ledger. Endorsers
// take five minutes of skew either way; the rest is for a transaction that waited to be ordered.
const maxBackwards = 15 * time.Minute

// checkClock watches that the clocks of transactions do not go back: only then do their times say
// when things happened.
func (w *blockWork) checkClock(i int, t *judged) {
	latest := &w.auditor.progress.Latest
	if behind := latest.Sub(t.Time); behind > maxBackwards {
		w.findTx(i, CodeClock, latest.UTC().Format(time.RFC3339), t.Time.UTC().Format(time.RFC3339),
			fmt.Sprintf("The transaction's clock lies %s behind one that was ordered before it.", behind.Round(time.Second)))
		*latest = t.Time
	}
	if t.Time.After(*latest) {
		*latest = t.Time
	}
}
