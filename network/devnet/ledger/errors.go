package ledger

import (
	"errors"
	"fmt"
)

// ErrClosed is returned by a ledger that was closed.
var ErrClosed = errors.New("ledger is closed")

// ErrNotFound is what the errors of lookups that find nothing are.
var ErrNotFound = errors.New("not found in the ledger")

// notFound is one of them, with Fabric's text and nothing else.
type notFound string

func missing(format string, args ...any) error { return notFound(fmt.Sprintf(format, args...)) }

func (e notFound) Error() string { return string(e) }

func (notFound) Is(target error) bool { return target == ErrNotFound }

// CorruptError says that a file is damaged in a way that no crash explains.
type CorruptError struct {
	File   string // path below the ledger's directory
	Offset int64  // where the damaged record begins
	Reason string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("ledger file %s is corrupt at byte %d: %s", e.File, e.Offset, e.Reason)
}

// BlockError says that a block does not follow the chain.
type BlockError struct {
	Number uint64
	Reason string
}

func (e *BlockError) Error() string {
	return fmt.Sprintf("block [%d] refused: %s", e.Number, e.Reason)
}
