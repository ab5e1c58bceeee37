package teller

import (
	"errors"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// ErrUnknown says that nobody can tell whether a command was carried out. It never reaches a
// caller of the teller: an operation whose fate is not known is a pending Answer.
var ErrUnknown = errors.New("teller: outcome unknown")

// ErrAccepted says that a command is durable and will be carried out, or cancelled, for certain, and
// that nobody can tell when. It never reaches a caller of the teller: see ErrUnknown.
var ErrAccepted = errors.New("teller: accepted, not decided yet")

// fault is an error that changed nothing and may pass: the same key can be sent again.
type fault struct {
	class string
	err   error
}

// Error is the cause; it may name hosts, but no personal data.
func (f *fault) Error() string { return "teller: " + f.class + ": " + f.err.Error() }

// Unwrap is the cause.
func (f *fault) Unwrap() error { return f.err }

// Class is "busy" or "unavailable".
func (f *fault) Class() string { return f.class }

// Busy marks err as too much work at once, or too much contention for one account.
func Busy(err error) error { return &fault{class: "busy", err: err} }

// Unavailable marks err as no peer or no orderer within reach.
func Unavailable(err error) error { return &fault{class: "unavailable", err: err} }

// refusal is the *loyalty.Error in the chain of err, nil if there is none.
func refusal(err error) *loyalty.Error {
	var r *loyalty.Error
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// refusedWith reports whether err is a refusal with the given code.
func refusedWith(err error, code loyalty.Code) bool {
	r := refusal(err)
	return r != nil && r.Code == code
}
