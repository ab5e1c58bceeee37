package outbox

import (
	"context"
	"database/sql"
	"fmt"
)

// session is the one connection with its prepared statements.
type session struct {
	ctx        context.Context
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newSession(ctx context.Context, conn *sql.Conn) *session {
	return &session{ctx: ctx, conn: conn, statements: make(map[string]*sql.Stmt)}
}

// statement is a prepared statement, made at its first use.
func (s *session) statement(text string) (*sql.Stmt, error) {
	if known := s.statements[text]; known != nil {
		return known, nil
	}
	made, err := s.conn.PrepareContext(s.ctx, text)
	if err != nil {
		return nil, sorted("prepare", err)
	}
	s.statements[text] = made
	return made, nil
}

// exec runs a statement.
func (s *session) exec(text string, args ...any) error {
	_, err := s.change(text, args...)
	return err
}

// change runs a statement and says how many rows it has changed.
func (s *session) change(text string, args ...any) (int64, error) {
	prepared, err := s.statement(text)
	if err != nil {
		return 0, err
	}
	result, err := prepared.ExecContext(s.ctx, args...)
	if err != nil {
		return 0, sorted("write", err)
	}
	return result.RowsAffected()
}

func (s *session) close() {
	for _, prepared := range s.statements {
		_ = prepared.Close() // the connection goes with it
	}
	_ = s.conn.Close()
}

// columns of operation, in the order of row.fields.
const columns = `seq, op, kind, role, print, received, occurred, stage, cancel, chokes, decision, sum`

func (r *row) fields() []any {
	return []any{
		&r.seq, &r.op, &r.kind, &r.role, &r.print, &r.received, &r.occurred, &r.stage, &r.cancel, &r.chokes, &r.decision, &r.sum,
	}
}

// rows calls do for every row that a query of columns and one more column finds; extra points to
// where that one goes.
func (s *session) rows(text string, extra any, do func(row), args ...any) error {
	prepared, err := s.statement(text)
	if err != nil {
		return err
	}
	found, err := prepared.QueryContext(s.ctx, args...)
	if err != nil {
		return sorted("read", err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var r row
		if err := found.Scan(append(r.fields(), extra)...); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		do(r)
	}
	if err := found.Err(); err != nil {
		return sorted("read", err)
	}
	return nil
}

// eachRow calls do for every operation, with the size of its sealed intent.
func (s *session) eachRow(do func(r row, size int64)) error {
	var size int64
	return s.rows(`SELECT `+columns+`, coalesce(length(intent), 0) FROM operation`, &size, func(r row) { do(r, size) })
}

// insert writes a row that was not there; there says that one with the same operation is.
func (s *session) insert(r *row) (there bool, err error) {
	n, err := s.change(`INSERT INTO operation (op, kind, role, print, received, occurred, stage, cancel, chokes, decision, sum, intent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.op, r.kind, r.role, r.print, r.received, r.occurred, r.stage, r.cancel, r.chokes, r.decision, r.sum, r.intent)
	return n == 0, err
}

// update writes what changes in a row in the course of its life. A decided one needs its intent no
// more.
func (s *session) update(r *row) (changed bool, err error) {
	text := `UPDATE operation SET stage = ?, cancel = ?, chokes = ?, decision = ?, sum = ? WHERE op = ? AND stage < 2`
	if r.stage == stageFinal {
		text = `UPDATE operation SET stage = ?, cancel = ?, chokes = ?, decision = ?, sum = ?, intent = NULL WHERE op = ? AND stage < 2`
	}
	n, err := s.change(text, r.stage, r.cancel, r.chokes, r.decision, r.sum, r.op)
	return n > 0, err
}

// remove deletes an undecided row, and envelopes with it.
func (s *session) remove(op string, txs []string) (removed bool, err error) {
	n, err := s.change(`DELETE FROM operation WHERE op = ? AND stage < 2`, op)
	for _, tx := range txs {
		if err == nil {
			err = s.drop(tx)
		}
	}
	return n > 0, err
}

// prune deletes the n oldest decided rows.
func (s *session) prune(n int64) (int64, error) {
	return s.change(`DELETE FROM operation WHERE seq IN (SELECT seq FROM operation WHERE stage = 2 ORDER BY seq LIMIT ?)`, n)
}

// find is the row of an operation, with its sealed intent.
func (s *session) find(op string) (r row, found bool, err error) {
	err = s.page(`WHERE op = ?`, func(one row) { r, found = one, true }, op)
	return r, found, err
}

// page calls do for the rows that a condition selects, with their sealed intents.
func (s *session) page(where string, do func(row), args ...any) error {
	var intent []byte
	return s.rows(`SELECT `+columns+`, intent FROM operation `+where, &intent, func(r row) {
		r.intent, intent = intent, nil
		do(r)
	}, args...)
}
