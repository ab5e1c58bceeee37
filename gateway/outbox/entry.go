package outbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Intent is what a till asked for, as the ledger will hear it. It holds baskets, and is sealed at
// rest.
type Intent struct {
	Keys    []string        `json:"keys,omitempty"` // what the command may write to: see batcher.Item
	Command loyalty.Command `json:"command"`
	Details loyalty.Details `json:"details"`
}

// Decision is what became of an operation, and where that stands on the ledger. TxID is empty if
// only the record of the operation was found, not the transaction that wrote it.
type Decision struct {
	Outcome loyalty.Outcome `json:"outcome"`
	TxID    string          `json:"txID,omitempty"`
	Block   uint64          `json:"block,omitempty"`
}

// Entry is one operation as it is on disk.
type Entry struct {
	Seq      int64 // order of arrival
	Op       loyalty.OpID
	Kind     loyalty.Kind
	Role     string // in whose name it goes to the ledger
	Print    loyalty.Fingerprint
	Received time.Time       // when it became durable, to the millisecond
	Occurred loyalty.Instant // business time; 0 where the request has none

	CancelWanted bool
	Parked       bool
	Chokes       int
	Decision     *Decision // nil until it is decided

	// Intent is what was asked for; nil once it is decided, and where Fault says why it cannot be read.
	Intent *Intent
	Fault  error

	size int64 // of the sealed intent
}

// newEntry is an operation that arrives now.
func newEntry(role string, in Intent, now time.Time) Entry {
	e := Entry{
		Op: in.Command.Op, Kind: in.Command.Kind, Role: role, Print: in.Command.Print,
		Received: now.Truncate(time.Millisecond), Intent: &in, CancelWanted: in.Command.Kind == loyalty.KindCancel,
	}
	switch {
	case in.Details.Basket != nil:
		e.Occurred = in.Details.Basket.At
	case in.Details.Return != nil:
		e.Occurred = in.Details.Return.At
	}
	return e
}

// The stages of a row. The finer states of an operation follow from the envelopes that list it.
const (
	stageOpen   = 0
	stageParked = 1
	stageFinal  = 2
)

// row is an Entry in the form of the table.
type row struct {
	seq                int64
	op, kind, role     string
	print              string
	received, occurred int64 // Unix milliseconds
	stage, cancel      int64
	chokes             int64
	decision           []byte // JSON; nil until decided
	sum                int64
	intent             []byte // sealed
}

func (e *Entry) row() (row, error) {
	r := row{
		seq: e.Seq, op: string(e.Op), kind: string(e.Kind), role: e.Role, print: string(e.Print),
		received: e.Received.UnixMilli(), occurred: int64(e.Occurred), chokes: int64(e.Chokes),
	}
	if e.CancelWanted {
		r.cancel = 1
	}
	switch {
	case e.Decision != nil:
		r.stage = stageFinal
		text, err := json.Marshal(e.Decision)
		if err != nil {
			return row{}, err
		}
		r.decision = text
	case e.Parked:
		r.stage = stageParked
	}
	r.sum = r.checksum()
	return r, nil
}

// errSum says that a row is not what was written.
var errSum = errors.New("the row does not match its checksum")

// entry is the opposite of Entry.row, but for the intent, which is sealed.
func (r *row) entry() (Entry, error) {
	if r.sum != r.checksum() {
		return Entry{}, errSum
	}
	e := Entry{
		Seq: r.seq, Op: loyalty.OpID(r.op), Kind: loyalty.Kind(r.kind), Role: r.role, Print: loyalty.Fingerprint(r.print),
		Received: time.UnixMilli(r.received).UTC(), Occurred: loyalty.Instant(r.occurred),
		CancelWanted: r.cancel != 0, Parked: r.stage == stageParked, Chokes: int(r.chokes),
	}
	if r.stage == stageFinal {
		e.Decision = new(Decision)
		if err := json.Unmarshal(r.decision, e.Decision); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum covers every column but the sealed intent, whose seal tells, and seq, which is its place.
func (r *row) checksum() int64 {
	sum := crc32.New(castagnoli)
	for _, text := range []string{r.op, r.kind, r.role, r.print, string(r.decision)} {
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(text)))
		_, _ = sum.Write(size[:]) // a hash never fails to write
		_, _ = sum.Write([]byte(text))
	}
	for _, number := range []int64{r.received, r.occurred, r.stage, r.cancel, r.chokes} {
		var eight [8]byte
		binary.BigEndian.PutUint64(eight[:], uint64(number))
		_, _ = sum.Write(eight[:])
	}
	return int64(sum.Sum32())
}
