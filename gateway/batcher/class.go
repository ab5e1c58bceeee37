package batcher

import (
	"errors"
	"fmt"
)

// Class says what a failed Flush means for the operations of its batch.
type Class int

// The classes of failure. The zero value is Unknown, because an error that nobody has thought about
// must never lead to a second attempt.
const (
	// Unknown: the batch may or may not have been applied. Never retried.
	Unknown Class = iota
	// Conflict: certainly not applied, because something else touched the same keys. Retried in
	// halves.
	Conflict
	// Unavailable: certainly not applied, because nobody was there to do it. Retried whole.
	Unavailable
	// Poisoned: certainly not applied, because of what is in it. Halved without a pause until the item
	// at fault is alone, so that it does not spoil the answers of its neighbours.
	Poisoned
	// Permanent: certainly not applied, and the same would happen to any batch. Never retried.
	Permanent
)

// String is the class as it appears in logs and metrics.
func (c Class) String() string {
	switch c {
	case Conflict:
		return "conflict"
	case Unavailable:
		return "unavailable"
	case Poisoned:
		return "poisoned"
	case Permanent:
		return "permanent"
	default:
		return "unknown"
	}
}

// The answers that are the batcher's own.
var (
	// ErrFull says that the pool is full: the item was not taken in; try again later.
	ErrFull = errors.New("batcher: the pool is full")
	// ErrClosed says that the batcher is closing: the item was not, and will not be, carried out.
	ErrClosed = errors.New("batcher: closed")
	// ErrPending says that the caller stopped waiting. The item is still in and will be carried out.
	ErrPending = errors.New("batcher: still under way")
	// ErrUnknown says that nobody can tell whether the item was carried out.
	ErrUnknown = errors.New("batcher: outcome unknown")
	// ErrResults says that Flush answered with another number of results than it was given operations.
	ErrResults = errors.New("batcher: results do not match operations")
)

// Error is what the caller of an item hears when its batch has failed for good.
type Error struct {
	Class    Class
	Attempts int   // how often a batch with this item was flushed
	Err      error // what the last Flush said
}

// Error tells the class, the attempts and the cause.
func (e *Error) Error() string {
	return fmt.Sprintf("batcher: %s after %d attempt(s): %v", e.Class, e.Attempts, e.Err)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes an Error of class Unknown match ErrUnknown.
func (e *Error) Is(target error) bool { return target == ErrUnknown && e.Class == Unknown }
