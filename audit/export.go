package audit

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/zegel/zegel/audit/fold"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// Entry is one command with what became of it.
type Entry struct {
	Block   uint64
	Tx      int
	TxID    string
	MSP     loyalty.MSPID
	Time    loyalty.Instant
	Command loyalty.Command
	Outcome loyalty.Outcome
}

// Exporter takes entries as they are checked, in the order of the ledger.
type Exporter interface{ Entry(Entry) error }

// CSV writes entries.csv, one line a posting, into a folder as they come; and with Finish lots.csv,
// what every member has, and movements.csv, whose points were redeemed where.
type CSV struct {
	dir     string
	entries *table
}

// table is a CSV file being written.
type table struct {
	file *os.File
	rows *csv.Writer
}

func newTable(dir, name string, head ...string) (*table, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	t := &table{f, csv.NewWriter(f)}
	return t, t.rows.Write(head)
}

func (t *table) close() error {
	t.rows.Flush()
	return errors.Join(t.rows.Error(), t.file.Close())
}

// NewCSV begins an export into dir, which is made if it is not there.
func NewCSV(dir string) (*CSV, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	t, err := newTable(dir, "entries.csv", "block", "tx", "tx_id", "time", "msp", "operation", "kind", "status", "code",
		"member", "reason", "issuer", "terms", "expiry", "points", "redeemer", "balance")
	return &CSV{dir, t}, err
}

// Entry implements Exporter.
func (c *CSV) Entry(e Entry) error {
	o := e.Outcome
	head := []string{strconv.FormatUint(e.Block, 10), strconv.Itoa(e.Tx), e.TxID, e.Time.Time().Format(time.RFC3339Nano), string(e.MSP),
		string(e.Command.Op), string(e.Command.Kind), string(o.Status), string(o.Code)}
	balance := formatInt(int64(o.Balance))
	if o.Replayed || len(o.Postings) == 0 {
		return c.entries.rows.Write(append(head, string(o.Member), "", "", "", "", "", "", balance))
	}
	for _, p := range o.Postings {
		if err := c.entries.rows.Write(append(head[:len(head):len(head)], string(p.Member), string(p.Reason), string(p.Issuer),
			strconv.Itoa(p.Terms), p.Expiry.String(), formatInt(int64(p.Points)), string(p.Redeemer), balance)); err != nil {
			return err
		}
	}
	return nil
}

// Finish writes what the audit ends with.
func (c *CSV) Finish(a *Auditor) error {
	err := c.entries.close()
	lots, err2 := newTable(c.dir, "lots.csv", "member", "state", "issuer", "terms", "expiry", "earned", "points")
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	err = a.Accounts(func(account *loyalty.Account) error { return writeLots(lots.rows, account) })
	moved, err2 := newTable(c.dir, "movements.csv", "issuer", "redeemer", "points")
	if err = errors.Join(err, lots.close(), err2); err != nil {
		return err
	}
	return errors.Join(writeMovements(moved.rows, a.fold.Movements()), moved.close())
}

type rowWriter interface{ Write([]string) error }

func writeLots(w rowWriter, a *loyalty.Account) error {
	row := func(state string, l loyalty.Lot) error {
		return w.Write([]string{string(a.Member), state, string(l.Issuer), strconv.Itoa(l.Terms), l.Expiry.String(), l.Earned.String(), formatInt(int64(l.Points))})
	}
	for _, l := range a.Lots {
		if err := row("free", l); err != nil {
			return err
		}
	}
	for _, h := range a.Holds {
		for _, l := range h.Draws {
			if err := row("held", l); err != nil {
				return err
			}
		}
	}
	for _, d := range a.Debts {
		if err := w.Write([]string{string(a.Member), "owed", string(d.Issuer), "", "", "", formatInt(-int64(d.Points))}); err != nil {
			return err
		}
	}
	return nil
}

func writeMovements(w rowWriter, all []fold.Movement) error {
	for _, m := range all {
		if err := w.Write([]string{m.Issuer, m.Redeemer, formatInt(m.Points)}); err != nil {
			return err
		}
	}
	return nil
}

// Accounts hands out every account as the blocks leave it, in no particular order.
func (a *Auditor) Accounts(do func(*loyalty.Account) error) error {
	return a.state.Each(a.options.Chaincode, worldstate.AccountKey(""), func(_ string, value []byte) error {
		var account loyalty.Account
		if err := worldstate.Decode(value, &account); err != nil {
			return err
		}
		return do(&account)
	})
}
