package ledger

import (
	"bytes"
	"crypto/sha256"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
)

// summaryDegree is how many rows a range read keeps as they are before it turns to hashes.
const summaryDegree = 50

// summary condenses the rows of a range read. Up to degree rows are kept; beyond that, each degree+1
// rows become one hash, each degree+1 hashes one hash of the next level, and so on. Validation
// builds the same tree from the state at commit and compares.
type summary struct {
	degree int
	rows   []*kvrwset.KVRead
	levels [][][]byte // levels[0] holds hashes of rows
}

func (s *summary) add(row *kvrwset.KVRead) error {
	s.rows = append(s.rows, row)
	if len(s.rows) <= s.degree {
		return nil
	}
	return s.foldRows()
}

// foldRows turns the pending rows into one hash of the lowest level.
func (s *summary) foldRows() error {
	packed, err := marshal(&kvrwset.QueryReads{KvReads: s.rows})
	if err != nil {
		return err
	}
	s.rows = nil
	s.push(0, hashOf(packed))
	for level := 0; level < len(s.levels) && len(s.levels[level]) > s.degree; level++ {
		s.push(level+1, s.foldLevel(level))
	}
	return nil
}

func (s *summary) push(level int, sum []byte) {
	if level == len(s.levels) {
		s.levels = append(s.levels, nil)
	}
	s.levels[level] = append(s.levels[level], sum)
}

// foldLevel empties a level into one hash; a lone hash moves up as it is.
func (s *summary) foldLevel(level int) []byte {
	hashes := s.levels[level]
	s.levels[level] = nil
	if len(hashes) == 1 {
		return hashes[0]
	}
	sum := sha256.Sum256(bytes.Join(hashes, nil))
	return sum[:]
}

// finish returns either the rows or the tree's top level. Nothing can be added afterwards.
func (s *summary) finish() ([]*kvrwset.KVRead, *kvrwset.QueryReadsMerkleSummary, error) {
	if len(s.levels) == 0 {
		return s.rows, nil, nil
	}
	if len(s.rows) > 0 {
		if err := s.foldRows(); err != nil {
			return nil, nil, err
		}
	}
	top := len(s.levels) - 1
	for level := range top {
		if len(s.levels[level]) > 0 {
			s.push(level+1, s.foldLevel(level))
		}
	}
	if len(s.levels[top]) > s.degree {
		s.push(top+1, s.foldLevel(top))
		top++
	}
	return nil, &kvrwset.QueryReadsMerkleSummary{
		MaxDegree:      uint32(s.degree),
		MaxLevel:       uint32(top + 1),
		MaxLevelHashes: s.levels[top],
	}, nil
}

// sameSummary compares what a transaction read with what it would read now.
func sameSummary(a, b *kvrwset.QueryReadsMerkleSummary) bool {
	if a == nil || b == nil || a.MaxDegree != b.MaxDegree || a.MaxLevel != b.MaxLevel ||
		len(a.MaxLevelHashes) != len(b.MaxLevelHashes) {
		return false
	}
	for i := range a.MaxLevelHashes {
		if !bytes.Equal(a.MaxLevelHashes[i], b.MaxLevelHashes[i]) {
			return false
		}
	}
	return true
}
