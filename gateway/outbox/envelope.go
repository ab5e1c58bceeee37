package outbox

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Envelope is a transaction as it was prepared: with its bytes the very same transaction can be sent
// again, by another process too. Ops are the operations it carries.
type Envelope struct {
	TxID  string
	Role  string // who signs it
	Ops   []loyalty.OpID
	Kept  time.Time // when it became durable, to the millisecond
	Bytes []byte    // empty where only the list is asked for
}

// opsText is the list of operations in the form of the table. Ids have one length, so that none is
// part of another.
func opsText(ops []loyalty.OpID) string {
	texts := make([]string, len(ops))
	for i, op := range ops {
		texts[i] = string(op)
	}
	return strings.Join(texts, " ")
}

func opsOf(text string) []loyalty.OpID {
	fields := strings.Fields(text)
	ops := make([]loyalty.OpID, len(fields))
	for i, field := range fields {
		ops[i] = loyalty.OpID(field)
	}
	return ops
}

func envelopeSum(tx, role, ops string, kept int64, bytes []byte) int64 {
	sum := crc32.New(castagnoli)
	for _, part := range []string{tx, role, ops} {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part) // a hash never fails to write
	}
	var eight [8]byte
	binary.BigEndian.PutUint64(eight[:], uint64(kept))
	_, _ = sum.Write(eight[:])
	_, _ = sum.Write(bytes)
	return int64(sum.Sum32())
}

func (s *session) keep(e *Envelope) error {
	ops, kept := opsText(e.Ops), e.Kept.UnixMilli()
	return s.exec(`INSERT INTO envelope (tx, role, ops, kept, bytes, sum) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.TxID, e.Role, ops, kept, e.Bytes, envelopeSum(e.TxID, e.Role, ops, kept, e.Bytes))
}

func (s *session) drop(tx string) error { return s.exec(`DELETE FROM envelope WHERE tx = ?`, tx) }

// envelopes calls do for the envelopes that a condition selects.
func (s *session) envelopes(where string, do func(Envelope), args ...any) error {
	prepared, err := s.statement(`SELECT tx, role, ops, kept, bytes, sum FROM envelope ` + where)
	if err != nil {
		return err
	}
	found, err := prepared.QueryContext(s.ctx, args...)
	if err != nil {
		return sorted("read", err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var e Envelope
		var ops string
		var kept, sum int64
		if err := found.Scan(&e.TxID, &e.Role, &ops, &kept, &e.Bytes, &sum); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if sum != envelopeSum(e.TxID, e.Role, ops, kept, e.Bytes) {
			return fmt.Errorf("%w: envelope %s: %w", ErrCorrupt, e.TxID, errSum)
		}
		e.Ops, e.Kept = opsOf(ops), time.UnixMilli(kept).UTC()
		do(e)
	}
	if err := found.Err(); err != nil {
		return sorted("read", err)
	}
	return nil
}

// checkEnvelopes holds every envelope against its checksum.
func (s *session) checkEnvelopes() error { return s.envelopes(``, func(Envelope) {}) }
