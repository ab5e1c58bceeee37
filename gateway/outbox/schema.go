package outbox

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite": pure Go, no C compiler needed
)

// schemaVersion is of the tables and of what stands in their columns.
const schemaVersion = 1

// schema is the whole database. What is sensitive is sealed: intent. The bytes of an envelope are
// not: they are on their way to every organisation of the channel.
const schema = `
CREATE TABLE IF NOT EXISTS outbox (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	version INTEGER NOT NULL,
	mark    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS operation (
	seq      INTEGER PRIMARY KEY,
	op       TEXT NOT NULL UNIQUE,
	kind     TEXT NOT NULL,
	role     TEXT NOT NULL,
	print    TEXT NOT NULL,
	received INTEGER NOT NULL,
	occurred INTEGER NOT NULL,
	stage    INTEGER NOT NULL,
	cancel   INTEGER NOT NULL,
	chokes   INTEGER NOT NULL,
	decision BLOB,
	sum      INTEGER NOT NULL,
	intent   BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS operation_open ON operation (seq) WHERE stage < 2;
CREATE INDEX IF NOT EXISTS operation_final ON operation (seq) WHERE stage = 2;
CREATE TABLE IF NOT EXISTS envelope (
	tx    TEXT PRIMARY KEY,
	role  TEXT NOT NULL,
	ops   TEXT NOT NULL,
	kept  INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	sum   INTEGER NOT NULL
) STRICT;`

// pragmas ask for an fsync at every commit: without it an outbox is a promise that a power cut
// breaks. The lock is exclusive, so that no second process pursues the same operations; it ends
// with the process, however that ends.
func pragmas() url.Values {
	return url.Values{"_pragma": {
		"busy_timeout(2000)", "locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(FULL)",
		"wal_autocheckpoint(1000)", "journal_size_limit(16777216)",
	}}
}

// source names the database in the file at path.
func source(path string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: pragmas().Encode()}).String()
}

func touch(path string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("outbox: open: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("outbox: open: %w", err)
	}
	return nil
}

// prepare makes the tables, and makes sure that they are of this version and this key.
func prepare(ctx context.Context, conn *sql.Conn, mark []byte) error {
	if _, err := conn.ExecContext(ctx, schema); err != nil {
		return sorted("prepare", err)
	}
	const first = `INSERT INTO outbox (one, version, mark) VALUES (1, ?, ?) ON CONFLICT DO NOTHING`
	if _, err := conn.ExecContext(ctx, first, schemaVersion, mark); err != nil {
		return sorted("prepare", err)
	}
	var version int
	var theirs []byte
	if err := conn.QueryRowContext(ctx, `SELECT version, mark FROM outbox`).Scan(&version, &theirs); err != nil {
		return sorted("prepare", err)
	}
	if version != schemaVersion {
		return fmt.Errorf("outbox: the file is of version %d, this program of version %d", version, schemaVersion)
	}
	if !hmac.Equal(theirs, mark) {
		return ErrWrongKey
	}
	return nil
}

// intact asks SQLite to look at every page and every index.
func intact(ctx context.Context, conn *sql.Conn) error {
	var verdict string
	if err := conn.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return sorted("check", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	return nil
}
