package outbox

import (
	"errors"
	"runtime"
)

// change is one thing to do with the database.
type change struct {
	do       func(*session) error
	readOnly bool       // may be done though nothing can be written
	done     chan error // hears when it is durable; nil if nobody waits
	err      error      // of do
}

// durably makes a change and waits until it is on disk.
func (s *Store) durably(do func(*session) error) error {
	return s.wait(&change{do: do, done: make(chan error, 1)})
}

// look reads.
func (s *Store) look(do func(*session) error) error {
	return s.wait(&change{do: do, readOnly: true, done: make(chan error, 1)})
}

func (s *Store) wait(c *change) error {
	if !s.enqueue(c) {
		return ErrClosed
	}
	return <-c.done
}

// lazily makes a change some time soon, after every change that was asked for before. It is lost
// in a crash; the outbox is such that this costs work and nothing else.
func (s *Store) lazily(do func(*session) error) { s.enqueue(&change{do: do}) }

func (s *Store) enqueue(c *change) bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closing {
		return false
	}
	s.queue <- c
	return true
}

// write is the writer: it carries out changes, in groups of those that have gathered while the group
// before was on its way to the disk. It waits for no timer: a lone change goes at once.
func (s *Store) write(session *session) {
	defer close(s.done)
	defer session.close()
	for first := range s.queue {
		group := s.gather(first)
		err := s.carryOut(session, group)
		for _, c := range group {
			c.answer(err)
		}
	}
}

// gather takes what is waiting, at most as many as share an fsync. Those who are about to come get
// one chance to run first.
func (s *Store) gather(first *change) []*change {
	group := append(s.owed, first)
	s.owed = nil
	runtime.Gosched()
	for len(group) < s.limits.Group {
		select {
		case c, more := <-s.queue:
			if !more {
				return group
			}
			group = append(group, c)
		default:
			return group
		}
	}
	return group
}

func (c *change) answer(err error) {
	if c.done == nil {
		return
	}
	if err == nil || c.readOnly {
		err = c.err
	}
	c.done <- err
}

// carryOut makes a group of changes in one transaction. A change that fails by itself does not
// disturb the others; a disk that fails fails all of them.
func (s *Store) carryOut(session *session, group []*change) error {
	if err := s.Err(); err != nil {
		return readAlone(session, group, err)
	}
	err := s.transact(session, group)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull):
		for _, c := range group {
			if c.done == nil {
				s.owed = append(s.owed, c)
			}
		}
	default:
		// After a failed fsync nobody knows what the disk has: not even trying again would tell.
		s.damage.CompareAndSwap(nil, &err)
	}
	return readAlone(session, group, err)
}

// readAlone answers those of a group that only wanted to read.
func readAlone(session *session, group []*change, cause error) error {
	for _, c := range group {
		if c.readOnly {
			c.err = c.do(session)
		}
	}
	return cause
}

func (s *Store) transact(session *session, group []*change) error {
	if err := session.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	before := s.count()
	for _, c := range group {
		c.err = c.do(session)
		if fatal(c.err) {
			s.restore(before)
			_ = session.exec("ROLLBACK") // SQLite may have done so itself
			return c.err
		}
	}
	err := s.prune(session)
	if err == nil {
		err = session.exec("COMMIT")
	}
	if err != nil {
		s.restore(before)
		_ = session.exec("ROLLBACK")
		return err
	}
	return nil
}

// fatal reports whether an error is the disk's rather than the change's.
func fatal(err error) bool {
	return errors.Is(err, ErrBroken) || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrInUse) || errors.Is(err, errNoRoom)
}

// counts is what the writer knows by heart.
type counts struct{ open, bytes, final int64 }

func (s *Store) count() counts { return counts{s.open.Load(), s.bytes.Load(), s.final} }

func (s *Store) restore(c counts) {
	s.open.Store(c.open)
	s.bytes.Store(c.bytes)
	s.final = c.final
}

// pruneAt is how many decided operations too many there have to be before they are pruned.
const pruneAt = 256

// prune forgets the oldest decided operations. Their records are on the ledger.
func (s *Store) prune(session *session) error {
	if s.final < s.limits.Kept+pruneAt {
		return nil
	}
	n, err := session.prune(s.final - s.limits.Kept)
	s.final -= n
	return err
}
