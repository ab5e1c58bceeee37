package projection

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Apply takes blocks in up to the first that does not fit, in one database transaction, and reports
// how far the projection is then. Blocks that were taken before are skipped. It fails with ErrGap,
// ErrForked or ErrBroken for the block that does not fit; those before it are taken all the same.
// Any other error is the database's, and then nothing was taken.
//
// A crash before the commit leaves the projection where it was; after it, behind the last block.
func (p *Projection) Apply(ctx context.Context, blocks ...*common.Block) (next uint64, err error) {
	tx, err := p.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("projection: apply: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	start, err := whereIs(ctx, tx)
	if err != nil {
		return 0, err
	}
	end, misfit, err := takeAll(ctx, tx, start, blocks)
	if err != nil {
		return 0, fmt.Errorf("projection: apply: %w", err)
	}
	if end.next == start.next {
		return start.next, misfit
	}
	_, err = tx.ExecContext(ctx, `UPDATE progress SET next = ?, head = ?`, int64(end.next), end.head)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("projection: apply: %w", err)
	}
	return end.next, misfit
}

// takeAll takes blocks one after another. A misfit is the fault of a block, found before anything
// of that block is written; err is the fault of the database.
func takeAll(ctx context.Context, tx *sql.Tx, at place, blocks []*common.Block) (end place, misfit, err error) {
	for _, b := range blocks {
		fresh, misfit := at.fit(b)
		if misfit != nil {
			return at, misfit, nil
		}
		if !fresh {
			continue
		}
		transactions, misfit := decode(b)
		if misfit != nil {
			return at, misfit, nil
		}
		if err := take(ctx, tx, int64(b.GetHeader().GetNumber()), transactions); err != nil {
			return at, nil, err
		}
		at = after(b)
	}
	return at, nil, nil
}

// Rebuild forgets everything, so that the next block is block 0.
func (p *Projection) Rebuild(ctx context.Context) error {
	tx, err := p.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("projection: rebuild: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	for _, statement := range []string{
		`DELETE FROM entry`, `DELETE FROM operation`, `UPDATE progress SET next = 0, head = x''`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("projection: rebuild: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("projection: rebuild: %w", err)
	}
	return nil
}

// querier is a database or a transaction of it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func whereIs(ctx context.Context, q querier) (place, error) {
	var next int64
	var head []byte
	if err := q.QueryRowContext(ctx, `SELECT next, head FROM progress`).Scan(&next, &head); err != nil {
		return place{}, fmt.Errorf("projection: read progress: %w", err)
	}
	return place{next: uint64(next), head: head}, nil
}

// take writes the postings of one block.
func take(ctx context.Context, tx *sql.Tx, block int64, transactions []transaction) error {
	for _, t := range transactions {
		for i, o := range t.outcomes {
			// A replayed outcome stands in the block where it was new; a refusal moves nothing.
			if o.Replayed || o.Status != loyalty.StatusApplied {
				continue
			}
			if err := write(ctx, tx, block, t, i, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(ctx context.Context, tx *sql.Tx, block int64, t transaction, index int, o loyalty.Outcome) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO operation (chain, op, block, txid) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(t.chain), string(o.Op), block, t.id)
	if err != nil {
		return err
	}
	for i, p := range o.Postings {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO entry (block, tx, outcome, posting, member, at, txid, op, chain, kind, reason, issuer, expiry, points)
			 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			block, t.index, index, i, string(p.Member), int64(o.At), t.id, string(o.Op), string(t.chain),
			string(o.Kind), string(p.Reason), string(p.Issuer), int64(p.Expiry), int64(effect(p)))
		if err != nil {
			return err
		}
	}
	return nil
}

// effect is what a posting does to the balance of its member: points in lots minus points owed.
// What is held is out of the balance from the hold on, so capturing it changes nothing any more.
func effect(p loyalty.Posting) loyalty.Points {
	e, _ := loyalty.EffectOf(p.Reason) // decode lets no other reason through
	return loyalty.Points(e.Lots-e.Debt) * p.Points
}
