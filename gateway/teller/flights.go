package teller

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// errPending says that the caller has stopped waiting for a flight that goes on.
var errPending = errors.New("teller: still under way")

var (
	errTooMany = errors.New("too many operations under way")
	errClosing = errors.New("the gateway is stopping")
)

// flights is every operation that is being pursued, and every cancellation: at most one for each.
type flights struct {
	limit    int
	patience time.Duration

	// mu guards the rest. It is held for map operations only, never while a flight is under way.
	mu      sync.Mutex
	open    map[flightID]*flight
	closing bool
	empty   chan struct{} // closed when closing and nothing is open
}

// flightID tells flights apart: a cancellation does not wait for the operation that it cancels.
type flightID struct {
	op     loyalty.OpID
	cancel bool
}

func flightOf(c loyalty.Command) flightID {
	return flightID{op: c.Op, cancel: c.Kind == loyalty.KindCancel}
}

// flight is one operation under way, and its result when done is closed.
type flight struct {
	kind    loyalty.Kind
	print   loyalty.Fingerprint
	done    chan struct{}
	applied Applied
	err     error
}

func newFlights(limit int, patience time.Duration) *flights {
	return &flights{limit: limit, patience: patience, open: make(map[flightID]*flight), empty: make(chan struct{})}
}

// take answers with the result of the flight of in, which it starts unless the same request is
// already under way; then joined is true. Another request under the same key waits for its turn:
// the ledger knows which of them came first. The flight goes on for the length of the teller's
// patience even if ctx ends; then take fails with errPending.
func (f *flights) take(ctx context.Context, in intent, do func(context.Context) (Applied, error)) (a Applied, joined bool, err error) {
	for {
		own, mine, err := f.enter(ctx, in, do)
		if err != nil {
			return Applied{}, false, err
		}
		select {
		case <-own.done:
		case <-ctx.Done():
			return Applied{}, false, errPending
		}
		if mine || own.print == in.command.Print && own.kind == in.command.Kind {
			return own.applied, !mine, own.err
		}
	}
}

// enter finds the flight of in's operation, or starts it.
func (f *flights) enter(ctx context.Context, in intent, do func(context.Context) (Applied, error)) (own *flight, mine bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := flightOf(in.command)
	if other := f.open[id]; other != nil {
		return other, false, nil
	}
	if f.closing {
		return nil, false, Unavailable(errClosing)
	}
	if len(f.open) >= f.limit {
		return nil, false, Busy(errTooMany)
	}
	own = &flight{kind: in.command.Kind, print: in.command.Print, done: make(chan struct{})}
	f.open[id] = own
	// The flight keeps the values of the request (its trace) and not its end.
	life, end := context.WithTimeout(context.WithoutCancel(ctx), f.patience)
	go func() {
		defer end()
		own.applied, own.err = survive(life, do)
		f.leave(id)
		close(own.done)
	}()
	return own, true, nil
}

// survive makes a panic an unknown outcome: in a goroutine of its own it would end the gateway,
// and every operation with it.
func survive(ctx context.Context, do func(context.Context) (Applied, error)) (a Applied, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			a, err = Applied{}, fmt.Errorf("%w: panic: %v\n%s", ErrUnknown, cause, debug.Stack())
		}
	}()
	return do(ctx)
}

func (f *flights) leave(id flightID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, id)
	if f.closing && len(f.open) == 0 {
		close(f.empty)
	}
}

// find is the kind of the operation if it is under way.
func (f *flights) find(op loyalty.OpID) (loyalty.Kind, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range []flightID{{op: op}, {op: op, cancel: true}} {
		if own := f.open[id]; own != nil {
			return own.kind, true
		}
	}
	return "", false
}

func (f *flights) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.open)
}

func (f *flights) close(ctx context.Context) error {
	f.mu.Lock()
	if !f.closing {
		f.closing = true
		if len(f.open) == 0 {
			close(f.empty)
		}
	}
	f.mu.Unlock()
	select {
	case <-f.empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
