package projection

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Entry is one posting of one member.
type Entry struct {
	Cursor      string // stands behind this entry: a page that starts here begins with the one before it in time
	At          loyalty.Instant
	Block       uint64
	Transaction string
	Operation   loyalty.OpID
	Chain       loyalty.MSPID // who carried it out
	Kind        loyalty.Kind
	Reason      loyalty.Reason
	Issuer      loyalty.MSPID
	Expiry      loyalty.Month  // 0 where the posting has none
	Points      loyalty.Points // signed: what it did to the balance
}

// Page is part of a statement, newest first.
type Page struct {
	Entries []Entry
	Next    string // cursor of the page that follows; empty at the end
	Height  uint64 // blocks that this page knows of
}

// MaxPage is the most entries a page can have.
const MaxPage = 200

// Page reads at most limit entries (1 to MaxPage) of member behind cursor; the empty cursor stands
// before the newest. Entries that arrive between two pages are on neither, and no entry is on
// both. It fails with ErrCursor for a cursor that is not one of this member's.
func (p *Projection) Page(ctx context.Context, member loyalty.MemberID, cursor string, limit int) (Page, error) {
	from := newest
	if cursor != "" {
		var err error
		if from, err = parseCursor(member, cursor); err != nil {
			return Page{}, err
		}
	}
	limit = min(max(limit, 1), MaxPage)
	// One transaction: the height and the entries are of the same moment.
	tx, err := p.read.BeginTx(ctx, nil)
	if err != nil {
		return Page{}, fmt.Errorf("projection: page: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // only reads: there is nothing to keep
	at, err := whereIs(ctx, tx)
	if err != nil {
		return Page{}, err
	}
	entries, err := entriesOf(ctx, tx, member, from, limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("projection: page: %w", err)
	}
	page := Page{Entries: entries, Height: at.next}
	if len(entries) > limit {
		page.Entries = entries[:limit]
		page.Next = entries[limit-1].Cursor
	}
	return page, nil
}

func entriesOf(ctx context.Context, tx *sql.Tx, member loyalty.MemberID, from position, limit int) ([]Entry, error) {
	rows, err := tx.QueryContext(ctx,
		`SELECT block, tx, outcome, posting, at, txid, op, chain, kind, reason, issuer, expiry, points FROM entry
		 WHERE member = ? AND (block, tx, outcome, posting) < (?, ?, ?, ?)
		 ORDER BY block DESC, tx DESC, outcome DESC, posting DESC LIMIT ?`,
		string(member), from[0], from[1], from[2], from[3], limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below says whether reading went well
	var entries []Entry
	for rows.Next() {
		var e Entry
		var at position
		err := rows.Scan(&at[0], &at[1], &at[2], &at[3], &e.At, &e.Transaction, &e.Operation, &e.Chain, &e.Kind,
			&e.Reason, &e.Issuer, &e.Expiry, &e.Points)
		if err != nil {
			return nil, err
		}
		e.Block = uint64(at[0])
		e.Cursor = at.cursor(member)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Balance is the sum of member's entries: the same figure as the account on the ledger, reached by
// another road.
func (p *Projection) Balance(ctx context.Context, member loyalty.MemberID) (loyalty.Points, error) {
	var sum int64
	err := p.read.QueryRowContext(ctx, `SELECT coalesce(sum(points), 0) FROM entry WHERE member = ?`, string(member)).Scan(&sum)
	if err != nil {
		return 0, fmt.Errorf("projection: balance: %w", err)
	}
	return loyalty.Points(sum), nil
}

// Operation finds the transaction that carried an operation out. It is not found (false) if the
// projection has not come that far, or if the operation was refused.
func (p *Projection) Operation(ctx context.Context, chain loyalty.MSPID, op loyalty.OpID) (txID string, block uint64, found bool, err error) {
	var number int64
	err = p.read.QueryRowContext(ctx, `SELECT txid, block FROM operation WHERE chain = ? AND op = ?`,
		string(chain), string(op)).Scan(&txID, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, fmt.Errorf("projection: operation: %w", err)
	}
	return txID, uint64(number), true, nil
}

// Height is how many blocks the projection has taken: the number of the next one.
func (p *Projection) Height(ctx context.Context) (uint64, error) {
	at, err := whereIs(ctx, p.read)
	return at.next, err
}
