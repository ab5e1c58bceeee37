package projection

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite": pure Go, no C compiler needed
)

// schema is the whole database. progress has one row: the next block, and the hash of the header
// of the one before it.
const schema = `
CREATE TABLE IF NOT EXISTS progress (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	next INTEGER NOT NULL CHECK (next >= 0),
	head BLOB NOT NULL
) STRICT;
INSERT INTO progress (one, next, head) VALUES (1, 0, x'') ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS operation (
	chain TEXT NOT NULL,
	op    TEXT NOT NULL,
	block INTEGER NOT NULL,
	txid  TEXT NOT NULL,
	PRIMARY KEY (chain, op)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
	block   INTEGER NOT NULL,
	tx      INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	posting INTEGER NOT NULL,
	member  TEXT NOT NULL,
	at      INTEGER NOT NULL,
	txid    TEXT NOT NULL,
	op      TEXT NOT NULL,
	chain   TEXT NOT NULL,
	kind    TEXT NOT NULL,
	reason  TEXT NOT NULL,
	issuer  TEXT NOT NULL,
	expiry  INTEGER NOT NULL,
	points  INTEGER NOT NULL,
	PRIMARY KEY (block, tx, outcome, posting)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_of_member ON entry (member, block, tx, outcome, posting);`

// readers is how many statements may be read at the same time.
const readers = 4

// Projection is the statement of all members. It is safe for use by many goroutines; one process
// at a time may follow a ledger into it.
type Projection struct {
	// write has one connection, so that blocks are taken one after another; read has several that
	// see the last whole block and never wait for the writer.
	write, read *sql.DB

	// mu guards status, which Follow writes and Status reads.
	mu     sync.Mutex
	status Status
}

// Open opens the projection in the file at path and makes it if there is none.
//
// Whose points they are the file does not know, but which reference shops where, it does: nobody but
// its owner can read it.
func Open(path string) (*Projection, error) {
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("projection: open: %w", err)
	}
	write, err := sql.Open("sqlite", source(path, "rwc"))
	if err != nil {
		return nil, fmt.Errorf("projection: open: %w", err)
	}
	write.SetMaxOpenConns(1)
	if _, err := write.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("projection: open: %w", err), write.Close())
	}
	read, err := sql.Open("sqlite", source(path, "ro"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("projection: open: %w", err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	return &Projection{write: write, read: read}, nil
}

// touch makes the file, and makes sure that nobody but its owner can read it or the files that
// SQLite keeps beside it.
func touch(path string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(file, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Close releases the file. Nothing is lost if it is never called.
func (p *Projection) Close() error { return errors.Join(p.read.Close(), p.write.Close()) }

// source asks for no fsync at a commit: after a power cut the last blocks may be missing, never
// half there, and they are delivered again.
func source(path, mode string) string {
	query := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)"},
		"_txlock": {"immediate"},
		"mode":    {mode},
	}
	if mode == "ro" {
		query.Set("_txlock", "deferred")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}
