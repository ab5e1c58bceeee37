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
	// Blocks delivers full blocks, from number from on. The channel is closed when ctx ends or the
	// stream breaks; why is the source's to log.
	Blocks(ctx context.Context, from uint64) (<-chan *common.Block, error)
}

// Status is how a projection is doing.
type Status struct {
	Next      uint64 // number of the next block
	Connected bool   // a stream is open
	Err       error  // why it stands still; nil while all is well
}

// Status is how the projection is doing now.
func (p *Projection) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// The limits of following.
const (
	// maxTogether is how many blocks that are already there are taken in one database transaction:
	// catching up costs fewer commits, and a live block never waits.
	maxTogether = 64
	minPause    = 50 * time.Millisecond
	maxPause    = 5 * time.Second
)

// Follow takes in what source delivers until ctx ends, connecting anew whenever the stream breaks.
// It returns the cause of ctx, or ErrForked or ErrBroken: then somebody has to look before it goes on.
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
		log.Info("block stream ended", "next", p.Status().Next, "again_in", pause, "reason", reason(err))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

func reason(err error) string {
	if err == nil {
		return "the peer closed it"
	}
	return err.Error()
}

// session opens one stream and takes it in until it ends. It begins one block early: the last
// block comes a second time, and its hash tells whether this is still the same ledger.
func (p *Projection) session(ctx context.Context, source Source) (progressed bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { p.note(func(s *Status) { s.Connected, s.Err = false, err }) }()
	next, err := p.Height(ctx)
	if err != nil {
		return false, err
	}
	p.note(func(s *Status) { s.Next = next })
	blocks, err := source.Blocks(ctx, max(next, 1)-1)
	if err != nil {
		return false, err
	}
	p.note(func(s *Status) { s.Connected, s.Err = true, nil })
	for b := range blocks {
		came, err := p.Apply(ctx, gather(b, blocks)...)
		if came > next {
			progressed, next = true, came
			p.note(func(s *Status) { s.Next = came })
		}
		if err != nil {
			return progressed, err
		}
	}
	return progressed, nil
}

// gather adds to first what is already waiting.
func gather(first *common.Block, more <-chan *common.Block) []*common.Block {
	blocks := []*common.Block{first}
	for len(blocks) < maxTogether {
		select {
		case b, open := <-more:
			if !open {
				return blocks
			}
			blocks = append(blocks, b)
		default:
			return blocks
		}
	}
	return blocks
}

func (p *Projection) note(change func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.status)
}
