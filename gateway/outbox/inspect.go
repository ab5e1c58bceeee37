package outbox

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Line is one operation as an operator sees it: where it stands, and nothing of what is in it.
type Line struct {
	Seq          int64            `json:"seq"`
	Operation    loyalty.OpID     `json:"operation"`
	Kind         loyalty.Kind     `json:"kind"`
	Role         string           `json:"role"`
	Received     time.Time        `json:"received"`
	State        string           `json:"state"`
	CancelWanted bool             `json:"cancelWanted,omitempty"`
	Chokes       int              `json:"chokes,omitempty"`
	Transactions []string         `json:"transactions,omitempty"` // that may yet be committed
	Decision     *Decision        `json:"decision,omitempty"`
	Fault        string           `json:"fault,omitempty"` // why it cannot be read
	Command      *loyalty.Command `json:"command,omitempty"`
	Details      *loyalty.Details `json:"details,omitempty"` // in a full export only: it holds baskets
}

// pageSize is how many rows are read at a time, so that whoever writes need not wait long.
const pageSize = 256

// Inspect calls do for every operation on disk, in order of arrival, until do says stop. A damaged
// file is read as far as it goes.
func (s *Store) Inspect(do func(Line) (more bool)) error {
	transactions, err := s.transactionsOf()
	if err != nil {
		return err
	}
	return s.eachEntry(func(e Entry) bool { return do(lineOf(e, transactions[e.Op])) })
}

// Export writes every operation that is not decided to w, one JSON object per line, with all that was
// asked for: what another gateway, or a person, needs to finish it. The file it becomes holds
// baskets in the clear.
func (s *Store) Export(w io.Writer) error {
	transactions, err := s.transactionsOf()
	if err != nil {
		return err
	}
	out, failed := json.NewEncoder(w), error(nil)
	err = s.eachEntry(func(e Entry) bool {
		if e.Decision != nil {
			return true
		}
		line := lineOf(e, transactions[e.Op])
		if e.Intent != nil {
			line.Command, line.Details = &e.Intent.Command, &e.Intent.Details
		}
		failed = out.Encode(line)
		return failed == nil
	})
	if failed != nil {
		return fmt.Errorf("outbox: export: %w", failed)
	}
	return err
}

func (s *Store) eachEntry(do func(Entry) (more bool)) error {
	for after := int64(0); ; {
		entries, err := s.Page(after, pageSize)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if !do(e) {
				return nil
			}
			after = e.Seq
		}
	}
}

// transactionsOf is which transactions on disk list an operation.
func (s *Store) transactionsOf() (map[loyalty.OpID][]string, error) {
	envelopes, err := s.Envelopes()
	if err != nil {
		return nil, err
	}
	by := make(map[loyalty.OpID][]string)
	for _, e := range envelopes {
		for _, op := range e.Ops {
			by[op] = append(by[op], e.TxID)
		}
	}
	return by, nil
}

func lineOf(e Entry, transactions []string) Line {
	m := Reload(e.CancelWanted, e.Parked, e.Chokes, len(transactions))
	if e.Decision != nil {
		m, transactions = m.Hear(Found), nil
	}
	line := Line{
		Seq: e.Seq, Operation: e.Op, Kind: e.Kind, Role: e.Role, Received: e.Received, State: m.State().String(),
		CancelWanted: e.CancelWanted, Chokes: e.Chokes, Transactions: transactions, Decision: e.Decision,
	}
	if e.Fault != nil {
		line.Fault = e.Fault.Error()
	}
	return line
}
