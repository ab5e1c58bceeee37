package ledger

import (
	"bytes"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
)

// Rows is an open scan. What it reads it records, so that validation can repeat the scan.
type Rows struct {
	namespace string
	scan      *scan
	prefetch  int
	limit     int // rows that Batch will ever return
	page      int // rows that Next will ever return; 0 for all

	read     int
	buffered *queryresult.KV // read one ahead of the last batch
	next     string          // where the next page begins
	closed   bool

	info *kvrwset.RangeQueryInfo // nil for private scans
	end  string
	sum  summary
}

// GetStateRange scans public keys from start (included) to end (excluded).
func (s *Simulator) GetStateRange(namespace, start, end string) (*Rows, error) {
	if s.closed {
		return nil, errDone
	}
	return s.openRows(namespace, start, end, 0), nil
}

// GetStatePage scans at most size rows; the bookmark of a page, when not empty, replaces start to go on.
// Only in a read-only transaction. A size of 0 means all rows, up to the query limit.
func (s *Simulator) GetStatePage(namespace, start, end string, size int32, bookmark string) (*Rows, error) {
	if s.closed {
		return nil, errDone
	}
	if s.wrote {
		return nil, fmt.Errorf("txid [%s]: unsuppored transaction. Paginated queries are supported only in a read-only transaction", s.txid)
	}
	s.paged = true
	if bookmark != "" {
		start = bookmark
	}
	rows := s.openRows(namespace, start, end, int(max(size, 0)))
	// A page is sent in one piece, however long.
	rows.prefetch = rows.limit
	return rows, nil
}

// GetPrivateRange scans private keys. It records nothing and cannot be mixed with writes.
func (s *Simulator) GetPrivateRange(namespace, collection, start, end string) (*Rows, error) {
	if s.wrote {
		return nil, fmt.Errorf("txid [%s]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction", s.txid)
	}
	s.rangedPrivate = true
	if err := s.mayReadPrivate(namespace, collection); err != nil {
		return nil, err
	}
	return &Rows{
		namespace: namespace, prefetch: s.opts.Prefetch, limit: s.opts.TotalQueryLimit,
		scan: openScan(s.state.trees[space{private, namespace, collection}], start, end),
	}, nil
}

func (s *Simulator) openRows(namespace, start, end string, page int) *Rows {
	rows := &Rows{
		namespace: namespace, end: end, page: page,
		prefetch: s.opts.Prefetch, limit: s.opts.TotalQueryLimit,
		scan: openScan(s.state.trees[space{kind: public, namespace: namespace}], start, end),
		info: &kvrwset.RangeQueryInfo{StartKey: start},
		sum:  summary{degree: summaryDegree},
	}
	if page > 0 {
		rows.limit = min(page, rows.limit)
	}
	s.rows = append(s.rows, rows)
	return rows
}

// Next returns one row, nil at the end.
func (r *Rows) Next() (*queryresult.KV, error) {
	if r.closed {
		return nil, errDone
	}
	if row := r.buffered; row != nil {
		r.buffered = nil
		return row, nil
	}
	return r.advance()
}

// advance reads the next row of the state and records it, or records that there is none.
func (r *Rows) advance() (*queryresult.KV, error) {
	var key string
	var e *entry
	if r.page == 0 || r.read < r.page {
		key, e = r.scan.next()
	}
	if e == nil {
		if r.info != nil {
			r.info.ItrExhausted, r.info.EndKey = true, r.end
		}
		return nil, nil
	}
	r.read++
	if r.info != nil {
		r.info.EndKey = key
		if err := r.sum.add(&kvrwset.KVRead{Key: key, Version: recordedVersion(e)}); err != nil {
			return nil, err
		}
	}
	return &queryresult.KV{Namespace: r.namespace, Key: key, Value: bytes.Clone(e.value)}, nil
}

// Batch returns the next batch as a peer sends it to a chaincode: up to Options.Prefetch rows, or the
// whole page of a paginated scan, and whether there are more. Unless it is a page, it reads (and so
// records) one row beyond. After the last batch the scan is closed.
func (r *Rows) Batch() (rows []*queryresult.KV, more bool, err error) {
	if r.closed {
		return nil, false, errDone
	}
	if r.buffered != nil {
		rows, r.buffered = append(rows, r.buffered), nil
	}
	for r.read < r.limit {
		row, err := r.advance()
		if err != nil {
			return nil, false, err
		}
		if row == nil {
			break
		}
		if len(rows) == r.prefetch {
			r.buffered = row
			return rows, true, nil
		}
		rows = append(rows, row)
	}
	r.mark()
	r.closed = true
	return rows, false, nil
}

// mark notes where the next page begins, without recording that key as read.
func (r *Rows) mark() {
	if key, e := r.scan.next(); e != nil {
		r.next = key
	}
}

// Bookmark is, after the page was read, the key at which the next page begins; "" past the end.
func (r *Rows) Bookmark() string { return r.next }

// Close ends the scan.
func (r *Rows) Close() { r.closed = true }

// recorded is the scan as the read-write set holds it.
func (r *Rows) recorded() (*kvrwset.RangeQueryInfo, error) {
	reads, tree, err := r.sum.finish()
	if err != nil {
		return nil, err
	}
	if len(reads) > 0 {
		r.info.ReadsInfo = &kvrwset.RangeQueryInfo_RawReads{RawReads: &kvrwset.QueryReads{KvReads: reads}}
	}
	if tree != nil {
		r.info.ReadsInfo = &kvrwset.RangeQueryInfo_ReadsMerkleHashes{ReadsMerkleHashes: tree}
	}
	return r.info, nil
}
