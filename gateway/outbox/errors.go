package outbox

import (
	"errors"
	"fmt"
)

// The errors of a store.
var (
	// ErrFull says that there is no room: the operation was not accepted. Try again later.
	ErrFull = errors.New("outbox: full")
	// ErrCorrupt says that the file is not what was written. It can still be read, as far as it goes.
	ErrCorrupt = errors.New("outbox: the file is corrupt")
	// ErrBroken says that the disk failed. What was being written then may or may not be there, and
	// nothing can be written until the process has started again.
	ErrBroken = errors.New("outbox: the disk has failed")
	// ErrInUse says that another process has the file open.
	ErrInUse = errors.New("outbox: another process has the file open")
	// ErrWrongKey says that the outbox was made under another chain secret.
	ErrWrongKey = errors.New("outbox: this outbox belongs to another chain secret")
	// ErrClosed says that the store is closed.
	ErrClosed = errors.New("outbox: closed")
)

// The primary result codes of SQLite that mean something here.
const (
	sqliteBusy    = 5
	sqliteCorrupt = 11
	sqliteFull    = 13
	sqliteNotADB  = 26
)

// resultCode is the primary result code of an error of SQLite; 0 for any other error.
func resultCode(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code() & 0xff
	}
	return 0
}

// errNoRoom is ErrFull as the disk says it, in the middle of a transaction.
var errNoRoom = fmt.Errorf("%w: the disk has no room", ErrFull)

// sorted gives an error of SQLite its meaning.
func sorted(doing string, err error) error {
	meaning := ErrBroken
	switch resultCode(err) {
	case sqliteFull:
		meaning = errNoRoom
	case sqliteCorrupt, sqliteNotADB:
		meaning = ErrCorrupt
	case sqliteBusy:
		meaning = ErrInUse
	}
	return fmt.Errorf("%w: %s: %w", meaning, doing, err)
}
