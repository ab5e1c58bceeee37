package fabric

import (
	"log/slog"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"google.golang.org/grpc"
)

// Options says whom to ask and how long to wait. What is left empty gets the value named beside it.
type Options struct {
	Channel   string // api.Channel
	Chaincode string // api.Chaincode

	// Endorsers are the MSP IDs of those who endorse a transaction: one's own organisation and the
	// clearing house. Empty means one's own alone.
	Endorsers []string
	// Standby are the MSP IDs of those who are asked, in this order, in place of an endorser that
	// is not one's own and cannot be reached; never for a transaction that carries private bytes.
	Standby []string

	// The client of Fabric has no deadlines of its own.
	Endorse  time.Duration // 8 s, for each set of endorsers
	Submit   time.Duration // 8 s
	Commit   time.Duration // 10 s, until a transaction that was taken for ordering counts as late
	Resolve  time.Duration // 30 s, to find out about an unknown outcome, Commit included
	Evaluate time.Duration // 5 s

	// Concurrency is how many calls may be under way at one peer: 64. A peer refuses above 500 for
	// all its clients together, and then nobody knows what has been ordered.
	Concurrency int

	// Observe hears how long each call took and how it ended (nil: well). It must not block.
	Observe func(stage Stage, took time.Duration, err error)
	Log     *slog.Logger      // slog.Default(); hears of lost and resumed streams
	Dial    []grpc.DialOption // added to each connection
}

func (o Options) withDefaults(own string) Options {
	if o.Channel == "" {
		o.Channel = api.Channel
	}
	if o.Chaincode == "" {
		o.Chaincode = api.Chaincode
	}
	if len(o.Endorsers) == 0 {
		o.Endorsers = []string{own}
	}
	if o.Concurrency <= 0 {
		o.Concurrency = 64
	}
	for _, limit := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&o.Endorse, 8 * time.Second}, {&o.Submit, 8 * time.Second}, {&o.Commit, 10 * time.Second},
		{&o.Resolve, 30 * time.Second}, {&o.Evaluate, 5 * time.Second},
	} {
		if *limit.value <= 0 {
			*limit.value = limit.fallback
		}
	}
	if o.Observe == nil {
		o.Observe = func(Stage, time.Duration, error) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}
