package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	_ "modernc.org/sqlite" // the driver
)

// file is the state on disk.
type file struct {
	path string
	db   *sql.DB
	read *sql.Stmt
}

const schema = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -65536;
CREATE TABLE IF NOT EXISTS entries (namespace TEXT, collection TEXT, name BLOB, entry BLOB NOT NULL,
	PRIMARY KEY (namespace, collection, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY CHECK (id = 1), note BLOB NOT NULL);`

// always: a file of one's own answers in no time, and half an audit's state would be worth nothing.
var always = context.Background()

func openFile(path string) (*file, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // one writer; the pragmas belong to the connection
	f := &file{path: path, db: db}
	if _, err = db.ExecContext(always, schema); err == nil {
		f.read, err = db.PrepareContext(always, "SELECT entry FROM entries WHERE namespace = ? AND collection = ? AND name = ?")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return f, nil
}

func (f *file) close() error { return errors.Join(f.read.Close(), f.db.Close()) }

func (f *file) get(key Key) (*Entry, error) {
	var packed []byte
	err := f.read.QueryRowContext(always, key.Namespace, key.Collection, []byte(key.Name)).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return unpack(packed)
}

// put writes the entries of keys, and the note if there is one, all or nothing.
func (f *file) put(keys map[Key]bool, entries map[Key]*Entry, note []byte) (err error) {
	t, err := f.db.BeginTx(always, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Rollback())
		}
	}()
	write, err := t.PrepareContext(always, "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	erase, err := t.PrepareContext(always, "DELETE FROM entries WHERE namespace = ? AND collection = ? AND name = ?")
	if err != nil {
		return err
	}
	for key := range keys {
		if e := entries[key]; e.Absent() {
			_, err = erase.ExecContext(always, key.Namespace, key.Collection, []byte(key.Name))
		} else {
			_, err = write.ExecContext(always, key.Namespace, key.Collection, []byte(key.Name), e.pack())
		}
		if err != nil {
			return err
		}
	}
	if note != nil {
		if _, err = t.ExecContext(always, "INSERT OR REPLACE INTO notes VALUES (1, ?)", note); err != nil {
			return err
		}
	}
	return t.Commit()
}

func (f *file) note() (note []byte, err error) {
	err = f.db.QueryRowContext(always, "SELECT note FROM notes").Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return note, err
}

func (f *file) each(namespace, prefix string, do func(name string, value []byte) error) (err error) {
	rows, err := f.db.QueryContext(always, "SELECT name, entry FROM entries WHERE namespace = ? AND collection = '' AND name >= ? AND name < ?",
		namespace, []byte(prefix), append([]byte(prefix), 0xff))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, packed []byte
		if err := rows.Scan(&name, &packed); err != nil {
			return err
		}
		e, err := unpack(packed)
		if err != nil {
			return err
		}
		if err := do(string(name), e.Value); err != nil {
			return err
		}
	}
	return rows.Err()
}

// pack writes an entry: block, transaction, metadata, value.
func (e *Entry) pack() []byte {
	b := protowire.AppendVarint(nil, e.Block)
	b = protowire.AppendVarint(b, e.Tx)
	b = protowire.AppendBytes(b, e.Metadata)
	return append(b, e.Value...)
}

var errPacked = errors.New("an entry of the state is damaged")

func unpack(b []byte) (*Entry, error) {
	e := &Entry{}
	var n int
	if e.Block, n = protowire.ConsumeVarint(b); n < 0 {
		return nil, errPacked
	}
	b = b[n:]
	if e.Tx, n = protowire.ConsumeVarint(b); n < 0 {
		return nil, errPacked
	}
	b = b[n:]
	metadata, n := protowire.ConsumeBytes(b)
	if n < 0 {
		return nil, errPacked
	}
	if len(metadata) > 0 {
		e.Metadata = append([]byte(nil), metadata...)
	}
	e.Value = append([]byte{}, b[n:]...)
	return e, nil
}
