package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Store is the disk of an outbox: one SQLite file. All of it is read and written by one goroutine,
// which lets many callers share one fsync. It is safe for use by many goroutines.
type Store struct {
	db     *sql.DB
	dir    string // of the file, to ask how much room is left
	limits Limits
	sealer *sealer

	gate    sync.RWMutex // held for reading while a change is queued, for writing to close the queue
	closing bool         // guarded by gate
	queue   chan *change
	done    chan struct{} // closed when the writer has ended

	damage atomic.Pointer[error] // why nothing can be written any more

	// The following are written by the writer alone.
	open  atomic.Int64 // undecided operations
	bytes atomic.Int64 // of their sealed intents
	final int64        // decided operations
	owed  []*change    // lazy changes that found the disk full
}

// queueLength is how many changes may wait for the writer; who comes later waits outside.
const queueLength = 1024

// OpenStore opens the outbox in the file at path, with mode 0600, and makes it if there is none. key
// has KeySize bytes. It fails with ErrWrongKey, ErrInUse, or ErrCorrupt where nothing can be read.
//
// A file that is damaged and can still be read is opened all the same, for an operator to export
// what is in it: then Err says so and every write fails.
func OpenStore(path string, key []byte, limits Limits) (*Store, error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	return openStore("sqlite", source(path), filepath.Dir(path), key, limits)
}

// openStore opens a source with any driver of SQLite.
func openStore(driver, source, dir string, key []byte, limits Limits) (*Store, error) {
	sealer, err := newSealer(key)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("outbox: open: %w", err)
	}
	s := &Store{
		db: db, dir: dir, limits: limits.withDefaults(), sealer: sealer,
		queue: make(chan *change, queueLength), done: make(chan struct{}),
	}
	session, err := s.connect(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.write(session)
	return s, nil
}

// connect prepares the one connection and looks at all that is there.
func (s *Store) connect(ctx context.Context) (*session, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, sorted("open", err)
	}
	if err := prepare(ctx, conn, s.sealer.mark); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	session := newSession(ctx, conn)
	err = intact(ctx, conn)
	if err == nil {
		err = s.survey(session)
	}
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return nil, errors.Join(err, conn.Close())
	}
	if err != nil {
		s.damage.Store(&err)
	}
	return session, nil
}

// survey counts what is there and holds every row against its checksum.
func (s *Store) survey(session *session) error {
	var damage error
	err := session.eachRow(func(r row, size int64) {
		if r.sum != r.checksum() && damage == nil {
			damage = fmt.Errorf("%w: row %d: %w", ErrCorrupt, r.seq, errSum)
		}
		if r.stage == stageFinal {
			s.final++
			return
		}
		s.open.Add(1)
		s.bytes.Add(size)
	})
	if err != nil {
		return err
	}
	if damage == nil {
		damage = session.checkEnvelopes()
	}
	return damage
}

// Err is why nothing can be written any more; nil while all is well.
func (s *Store) Err() error {
	if damage := s.damage.Load(); damage != nil {
		return *damage
	}
	return nil
}

// Open is how many operations on disk are not decided, and how many bytes they take.
func (s *Store) Open() (operations, bytes int64) { return s.open.Load(), s.bytes.Load() }

// Close brings what is waiting to disk and releases the file.
func (s *Store) Close() error {
	s.gate.Lock()
	if !s.closing {
		s.closing = true
		close(s.queue)
	}
	s.gate.Unlock()
	<-s.done
	return s.db.Close()
}
