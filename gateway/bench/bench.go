// Package bench measures what a consortium does under the load of many tills over HTTP: committed
// operations a second, and how long a till waits for a committed answer. It says nothing about
// right or wrong; the end-to-end tests and the auditor do.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/directory"
)

// Options say how hard to press.
type Options struct {
	Directory *directory.Directory
	Tills     int           // at work at once, spread over the chains: 1 to 4096
	Members   int           // enrolled before the measurement, and shared by all tills
	Warmup    time.Duration // not counted
	Duration  time.Duration
	// Rate is how many operations a second arrive, whether or not earlier ones are answered; 0 lets
	// each till begin the next operation when the last is answered.
	Rate float64
	Mix  Mix
	Seed uint64
}

// Mix is how often each kind of operation is picked, in parts of their sum.
type Mix struct{ Earn, Tender, Return, Transfer, Read int }

// ShopMix is a supermarket's: mostly sales, some paid with points, few returns.
var ShopMix = Mix{Earn: 70, Tender: 15, Return: 5, Transfer: 2, Read: 8}

// Limits of a run.
const (
	MaxTills   = 4096
	MaxMembers = 1_000_000
)

func (o *Options) check() error {
	switch {
	case len(o.Directory.Chains) == 0:
		return errors.New("bench: no chain has a gateway")
	case o.Tills < 1 || o.Tills > MaxTills:
		return fmt.Errorf("bench: tills must be 1 to %d", MaxTills)
	case o.Members < 2 || o.Members > MaxMembers:
		return fmt.Errorf("bench: members must be 2 to %d", MaxMembers)
	case o.Duration <= 0 || o.Warmup < 0 || o.Rate < 0:
		return errors.New("bench: durations and rate must be positive")
	}
	return nil
}

// Run enrols members, warms up, measures, and reports.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: o.Tills, MaxConnsPerHost: 2 * o.Tills}
	defer transport.CloseIdleConnections()
	shop := &shop{
		client: &http.Client{Transport: transport, Timeout: 30 * time.Second},
		chains: o.Directory.Chains, run: fmt.Sprintf("%x", time.Now().UnixNano()),
	}
	if err := shop.enrol(ctx, o.Members, min(o.Tills, 64)); err != nil {
		return nil, err
	}
	begin := time.Now().Add(o.Warmup)
	end := begin.Add(o.Duration)
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	usage := newUsage(o.Directory.Processes)
	stop := time.AfterFunc(o.Warmup, usage.start)
	defer stop.Stop()

	samples := make([][]sample, o.Tills)
	arrivals := o.arrivals(ctx)
	var tills sync.WaitGroup
	for i := range o.Tills {
		till := &till{shop: shop, chain: i % len(shop.chains), number: i, mix: o.Mix, rnd: rand.New(rand.NewPCG(o.Seed, uint64(i)))}
		tills.Go(func() { samples[i] = till.work(ctx, arrivals) })
	}
	tills.Wait()
	return summarise(o, samples, begin, end, usage.stop()), nil
}

// arrivals tells the tills when the next customer comes; nil in a closed loop. The time an
// operation was due travels with it, so that waiting for a free till counts as waiting.
func (o *Options) arrivals(ctx context.Context) <-chan time.Time {
	if o.Rate == 0 {
		return nil
	}
	due := make(chan time.Time, 1<<20)
	go func() {
		defer close(due)
		gap := time.Duration(float64(time.Second) / o.Rate)
		for next := time.Now(); ctx.Err() == nil; next = next.Add(gap) {
			time.Sleep(time.Until(next))
			select {
			case due <- next:
			default: // a million customers wait: the measurement is over anyway
			}
		}
	}()
	return due
}
