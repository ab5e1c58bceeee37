package outbox

import (
	"fmt"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Put makes an operation durable. If one with the same id is there already, nothing changes and
// known is that one. It fails with ErrFull, and then nothing was written; with ErrBroken, and then
// nobody knows; or with ErrCorrupt or ErrClosed.
func (s *Store) Put(e *Entry) (known *Entry, err error) {
	r, err := e.row()
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if r.intent, err = s.sealer.seal(e.Intent, &r); err != nil {
		return nil, err
	}
	e.size = int64(len(r.intent))
	err = s.durably(func(session *session) error {
		if err := s.limits.room(s.open.Load(), s.bytes.Load(), e.size, freeDisk(s.dir)); err != nil {
			return s.orKnown(session, r.op, &known, err)
		}
		there, err := session.insert(&r)
		if err != nil || there {
			return s.orKnown(session, r.op, &known, err)
		}
		s.open.Add(1)
		s.bytes.Add(e.size)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return known, nil
}

// orKnown is err, unless the operation is there: a repeat needs no room.
func (s *Store) orKnown(session *session, op string, known **Entry, err error) error {
	if fatal(err) {
		return err
	}
	found, there, readErr := session.find(op)
	if readErr != nil || !there {
		return err
	}
	e, readErr := s.entry(&found)
	if readErr != nil {
		return readErr
	}
	*known = &e
	return nil
}

// Cancel makes durable that a tombstone is to take the place of an operation. Here and below e is as
// it was put or found: what never changes in a row is covered by the same checksum as what does.
func (s *Store) Cancel(e Entry) error {
	e.CancelWanted = true
	return s.durably(s.update(e))
}

// Mark writes down, lazily, how far an operation has come.
func (s *Store) Mark(e Entry) { s.lazily(s.update(e)) }

// MarkDurably is Mark, and waits.
func (s *Store) MarkDurably(e Entry) error { return s.durably(s.update(e)) }

func (s *Store) update(e Entry) func(*session) error {
	return func(session *session) error {
		r, err := e.row()
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		changed, err := session.update(&r)
		if err == nil && changed && r.stage == stageFinal {
			s.leave(e.size)
			s.final++
		}
		return err
	}
}

// Withdraw makes durable that an undecided operation was never here. txs are the transactions with
// it that came to nothing: they go in the same write, because a neighbour's doubt could send them
// after all. The caller has to be certain that nothing of the operation is, or will be, on the ledger.
func (s *Store) Withdraw(e Entry, txs []string) error {
	return s.durably(func(session *session) error {
		removed, err := session.remove(string(e.Op), txs)
		if err == nil && removed {
			s.leave(e.size)
		}
		return err
	})
}

// leave counts an operation out.
func (s *Store) leave(size int64) {
	s.open.Add(-1)
	s.bytes.Add(-size)
}

// Keep makes a transaction durable.
func (s *Store) Keep(e Envelope) error {
	return s.durably(func(session *session) error { return session.keep(&e) })
}

// Drop forgets a transaction, lazily: nothing can come of it any more, or all of it is decided.
func (s *Store) Drop(tx string) {
	s.lazily(func(session *session) error { return session.drop(tx) })
}

// Find is one operation.
func (s *Store) Find(op loyalty.OpID) (e Entry, found bool, err error) {
	err = s.look(func(session *session) error {
		var r row
		if r, found, err = session.find(string(op)); err != nil || !found {
			return err
		}
		e, err = s.entry(&r)
		return err
	})
	return e, found, err
}

// Undecided is at most n undecided operations that came after seq, in order of arrival; parked
// ones or the others.
func (s *Store) Undecided(after int64, n int, parked bool) ([]Entry, error) {
	stage := stageOpen
	if parked {
		stage = stageParked
	}
	return s.entries(`WHERE stage = ? AND stage < 2 AND seq > ? ORDER BY seq LIMIT ?`, stage, after, n)
}

// Page is at most n operations that came after seq, in order of arrival, decided ones among them.
func (s *Store) Page(after int64, n int) ([]Entry, error) {
	return s.entries(`WHERE seq > ? ORDER BY seq LIMIT ?`, after, n)
}

func (s *Store) entries(where string, args ...any) (entries []Entry, err error) {
	err = s.look(func(session *session) error {
		return session.page(where, func(r row) {
			e, damage := s.entry(&r)
			if damage != nil {
				e = Entry{Seq: r.seq, Op: loyalty.OpID(r.op), Kind: loyalty.Kind(r.kind), Role: r.role, Fault: damage}
			}
			entries = append(entries, e)
		}, args...)
	})
	return entries, err
}

// entry opens a row. What cannot be unsealed or understood is the row's Fault.
func (s *Store) entry(r *row) (Entry, error) {
	e, err := r.entry()
	if err != nil {
		return Entry{}, fmt.Errorf("%w: row %d: %w", ErrCorrupt, r.seq, err)
	}
	e.size = int64(len(r.intent))
	if r.stage != stageFinal {
		e.Intent, e.Fault = s.sealer.open(r.intent, r)
	}
	return e, nil
}

// Envelopes is every transaction that is kept, without its bytes.
func (s *Store) Envelopes() (kept []Envelope, err error) {
	err = s.look(func(session *session) error {
		return session.envelopes(`ORDER BY kept, tx`, func(e Envelope) {
			e.Bytes = nil
			kept = append(kept, e)
		})
	})
	return kept, err
}

// Envelope is one transaction with its bytes.
func (s *Store) Envelope(tx string) (kept Envelope, found bool, err error) {
	err = s.look(func(session *session) error {
		return session.envelopes(`WHERE tx = ?`, func(e Envelope) { kept, found = e, true }, tx)
	})
	return kept, found, err
}
