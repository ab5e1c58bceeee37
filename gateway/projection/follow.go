package projection

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// Source is where blocks come from: one's own peer.
type Source interface {
	// Blocks gives full blocks from number first on to take, in order, until ctx ends, take fails or
	// the source gives up. It returns why.
	Blocks(ctx context.Context, first uint64, take func(*common.Block) error) error
}

// Status is how a projection is doing.
type Status struct {
	Next      uint64 // number of the next block
	Following bool   // a source is being followed
	Err       error  // why it is not; nil before the first attempt
}

// Status is how the projection is doing now.
func (p *Projection) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// The pauses before a source that has given up is followed again.
const (
	minPause = 50 * time.Millisecond
	maxPause = 5 * time.Second
)

// Follow takes in what source gives until ctx ends, starting again whenever the source or the
// database fails. It returns the cause of ctx, or ErrForked or ErrBroken: then somebody has to
// look before it goes on.
func (p *Projection) Follow(ctx context.Context, source Source, log *slog.Logger) error {
	pause := minPause
	for {
		progressed, err := p.session(ctx, source)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, ErrForked) || errors.Is(err, ErrBroken) {
			return err
		}
		if progressed {
			pause = minPause
		}
		log.Warn("statement stands still", "next", p.Status().Next, "again_in", pause, "cause", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		pause = min(2*pause, maxPause)
	}
}

// session follows source until it gives up. It begins one block early: the last block comes a
// second time, and its hash tells whether this is still the same ledger.
func (p *Projection) session(ctx context.Context, source Source) (progressed bool, err error) {
	next, err := p.Height(ctx)
	if err != nil {
		p.note(Status{Err: err})
		return false, err
	}
	p.note(Status{Next: next, Following: true})
	err = source.Blocks(ctx, max(next, 1)-1, func(b *common.Block) error {
		came, err := p.Apply(ctx, b)
		if came > next {
			progressed, next = true, came
			p.note(Status{Next: next, Following: true})
		}
		return err
	})
	p.note(Status{Next: next, Err: err})
	return progressed, err
}

func (p *Projection) note(s Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = s
}
