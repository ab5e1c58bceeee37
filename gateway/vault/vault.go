package vault

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite": pure Go, no C compiler needed
)

// schema is the whole database. A row without a wrapped key is the grave of an erased member: it
// keeps a late repeat of the enrolment from giving that member a new key.
const schema = `
CREATE TABLE IF NOT EXISTS vault (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	mark  BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS member_key (
	member    TEXT PRIMARY KEY,
	wrapped   BLOB,
	destroyed INTEGER
) STRICT, WITHOUT ROWID;`

// ErrWrongSecret says that the vault was made under another chain secret: none of its keys could
// be opened.
var ErrWrongSecret = errors.New("vault: this vault belongs to another chain secret")

// Vault holds the members' keys, each wrapped by the chain secret, in one SQLite file. It is safe
// for use by many goroutines and by several processes at once.
type Vault struct {
	db     *sql.DB
	secret Secret
	wrap   []byte // AES-256 key that wraps the members' keys
}

// Open opens the vault in the file at path, sets its mode to 0600, and makes it if there is none.
func Open(path string, secret Secret) (*Vault, error) {
	if !secret.set {
		return nil, ErrSecretMalformed
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	db.SetMaxOpenConns(1) // SQLite has one writer; a queue here is fairer than its busy loop
	v := &Vault{db: db, secret: secret, wrap: mac(secret.key[:], labelWrap)}
	if err := v.prepare(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return v, nil
}

// Close releases the file. Nothing is lost if it is never called.
func (v *Vault) Close() error { return v.db.Close() }

// Secret is the chain secret under which the vault was opened.
func (v *Vault) Secret() Secret { return v.secret }

// source asks for an fsync at every commit: a key that is lost after the profile it seals has
// reached the ledger makes that profile unreadable for ever. secure_delete overwrites what is
// deleted, because a destroyed key that is still in a free page is not destroyed.
func source(path string) string {
	query := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)",
	}, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// touch makes the file, and makes sure that nobody but its owner can read it or the files that
// SQLite keeps beside it.
func touch(path string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("vault: open: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("vault: open: %w", err)
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(file, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("vault: open: %w", err)
		}
	}
	return nil
}

// prepare makes the tables and makes sure that the secret is the one of the first start.
func (v *Vault) prepare() error {
	if _, err := v.db.Exec(schema); err != nil {
		return fmt.Errorf("vault: prepare: %w", err)
	}
	mine := mac(v.secret.key[:], labelCheck)
	if _, err := v.db.Exec(`INSERT INTO vault (one, mark) VALUES (1, ?) ON CONFLICT DO NOTHING`, mine); err != nil {
		return fmt.Errorf("vault: prepare: %w", err)
	}
	var mark []byte
	if err := v.db.QueryRow(`SELECT mark FROM vault`).Scan(&mark); err != nil {
		return fmt.Errorf("vault: prepare: %w", err)
	}
	if !hmac.Equal(mark, mine) {
		return ErrWrongSecret
	}
	return nil
}

// Ready says whether the vault can be read.
func (v *Vault) Ready(ctx context.Context) error {
	var one int
	if err := v.db.QueryRowContext(ctx, `SELECT one FROM vault`).Scan(&one); err != nil {
		return fmt.Errorf("vault: not readable: %w", err)
	}
	return nil
}
