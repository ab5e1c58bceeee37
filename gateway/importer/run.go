package importer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/journal"
)

// Options say what to import, where to, and how hard.
type Options struct {
	Chains      []Chain
	Events      []journal.Event
	StateDir    string        // where progress is kept
	Concurrency int           // events in flight; 1 to 1024
	ShuffleSeed uint64        // 0: members in the order of the journal
	Apart       bool          // a member's events at different chains need not keep their order
	Patience    time.Duration // how long one request is repeated while its gateway is away
	Progress    func(Progress)
	Now         time.Time
}

// Progress is how far an import is. Applied + Replayed + Refused + Skipped reaches Events.
type Progress struct {
	Events   int
	Applied  int
	Replayed int // the ledger had them already
	Skipped  int // answered in an earlier, interrupted run
	Refused  int
	Members  int // enrolled or found so far
}

// Done is how many events have been dealt with.
func (p Progress) Done() int { return p.Applied + p.Replayed + p.Skipped + p.Refused }

// MaxConcurrency bounds the requests in flight.
const MaxConcurrency = 1024

// maxReported bounds how many refusals are kept to be shown.
const maxReported = 20

// Result is what an import came to.
type Result struct {
	Progress
	Refusals []error           // the first of them
	Members  map[string]string // journal name to reference
}

type run struct {
	options Options
	sender  *sender
	queue   *queue

	mu       sync.Mutex // guards all below
	progress Progress
	refusals []error
	failed   error
}

// Run imports the events. It returns an error if a gateway stayed away or the state could not be
// kept; events that were refused are in the Result. Run it again to go on.
func Run(ctx context.Context, o Options) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	id, err := journalID(o.Events)
	if err != nil {
		return Result{}, err
	}
	state, err := openState(o.StateDir, id, o.Now)
	if err != nil {
		return Result{}, err
	}
	if state.complete {
		state.done = map[int]bool{} // a finished import that is run again repeats everything
	}
	transport := &http.Transport{MaxIdleConnsPerHost: o.Concurrency, MaxConnsPerHost: o.Concurrency}
	defer transport.CloseIdleConnections()
	r := &run{
		options: o,
		queue:   newQueue(plan(o.Events, o.ShuffleSeed, o.Apart)),
		sender: &sender{
			client: client{http: &http.Client{Transport: transport, Timeout: 30 * time.Second}, patience: o.Patience},
			chains: o.Chains, homes: homesOf(o.Events), id: id, state: state,
		},
		progress: Progress{Events: len(o.Events)},
	}
	err = r.work(ctx)
	if err == nil && r.progress.Refused == 0 {
		err = state.finish()
	}
	result := Result{Progress: r.progress, Refusals: r.refusals, Members: state.members}
	return result, errors.Join(err, state.close())
}

func (o *Options) check() error {
	if o.Concurrency < 1 || o.Concurrency > MaxConcurrency {
		return fmt.Errorf("concurrency %d is out of range 1 to %d", o.Concurrency, MaxConcurrency)
	}
	for i := range o.Events {
		if o.Events[i].Chain >= len(o.Chains) {
			return fmt.Errorf("event %d is of chain %d, but there are only %d chains", i+1, o.Events[i].Chain, len(o.Chains))
		}
	}
	return nil
}

func (r *run) work(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	for range r.options.Concurrency {
		workers.Go(func() {
			for {
				t, more := r.queue.next()
				if !more {
					return
				}
				if err := r.step(ctx, &t); err != nil {
					r.fail(err)
					stop()
					t.events = nil
				}
				r.queue.back(t)
			}
		})
	}
	workers.Wait()
	return r.failed
}

// step sends the next event of a member that has not been answered yet.
func (r *run) step(ctx context.Context, t *task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n := t.events[0]
	t.events = t.events[1:]
	event := r.options.Events[n]
	if r.sender.state.isDone(n) {
		r.count(func(p *Progress) { p.Skipped++ })
		return nil
	}
	known := r.sender.state.reference(event.Member) != ""
	member, err := r.sender.enrol(ctx, event.Member)
	if err != nil {
		return r.orRefused(err)
	}
	if !known {
		r.count(func(p *Progress) { p.Members++ })
	}
	replayed, err := r.sender.send(ctx, n, event, member)
	switch {
	case err != nil:
		return r.orRefused(err)
	case replayed:
		r.count(func(p *Progress) { p.Replayed++ })
	default:
		r.count(func(p *Progress) { p.Applied++ })
	}
	return nil
}

// orRefused counts a refusal and goes on; anything else ends the import.
func (r *run) orRefused(err error) error {
	var refusal *Refusal
	if !errors.As(err, &refusal) || mayHeal(refusal) {
		return err
	}
	r.mu.Lock()
	if len(r.refusals) < maxReported {
		r.refusals = append(r.refusals, err)
	}
	r.mu.Unlock()
	r.count(func(p *Progress) { p.Refused++ })
	return nil
}

func (r *run) count(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.progress)
	if r.options.Progress != nil {
		r.options.Progress(r.progress)
	}
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
}
