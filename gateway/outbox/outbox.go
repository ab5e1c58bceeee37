package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// Config is what an outbox works with. Store, Road and MSP are required; what else is left empty
// gets the value named beside it.
type Config struct {
	Store *Store
	Road  Road
	MSP   loyalty.MSPID // in whose name operations are recorded
	// Transactions resumes what Keep has kept; nil means that nobody calls Keep. Then every operation
	// that was handed to the road is taken for sent.
	Transactions Transactions

	Width   int // 20,000; operations pursued at a time, the others wait on disk
	Survive int // 1,000; of them, those that come from disk
	// Answer is how long a till waits for its first word: 9 s. From then on it may have been told
	// "accepted", and for a spending that is not decided a tombstone is sought.
	Answer time.Duration

	Pause   time.Duration // 100 ms, doubling; between two steps about one operation
	Longest time.Duration // 15 s; the longest such pause
	Sweep   time.Duration // 1 min; how often parked operations are looked for
	Fresh   time.Duration // 10 min; how long a transaction in doubt may be sent again as it is

	// Decided hears of operations that were decided when nobody waited for them. It may be nil.
	Decided func(Entry)
	Log     *slog.Logger // slog.Default()
	Now     func() time.Time

	reached func(point string) // the tests stop the process here
}

func (c *Config) setDefaults() error {
	if c.Store == nil || c.Road == nil || c.MSP == "" {
		return errors.New("outbox: store, road and MSP are required")
	}
	for _, n := range []struct {
		value    *int
		fallback int
	}{{&c.Width, 20_000}, {&c.Survive, 1_000}} {
		if *n.value <= 0 {
			*n.value = n.fallback
		}
	}
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&c.Answer, 9 * time.Second}, {&c.Pause, 100 * time.Millisecond}, {&c.Longest, 15 * time.Second}, {&c.Sweep, time.Minute},
		{&c.Fresh, 10 * time.Minute},
	} {
		if *d.value <= 0 {
			*d.value = d.fallback
		}
	}
	if c.Decided == nil {
		c.Decided = func(Entry) {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.reached == nil {
		c.reached = func(string) {}
	}
	return nil
}

// Outbox is a teller.Ledger that forgets nothing. It is safe for use by many goroutines.
type Outbox struct {
	teller.Ledger // what needs no memory goes straight down the road
	config        Config

	life context.Context // of every step; it ends when Close gives up
	end  context.CancelFunc
	stop chan struct{} // closed when Close begins
	kick chan struct{} // tells the feeder that there may be something to do
	all  sync.WaitGroup

	// The ledger may be out of reach for what carries private bytes alone: another organisation can
	// stand in where there are none.
	plain, private outage

	parked atomic.Int64 // operations that wait for a person

	// mu guards the rest. It is held for map operations only, never during I/O.
	mu        sync.Mutex
	closing   bool
	pursuits  map[loyalty.OpID]*pursuit
	survivors int // pursuits that come from disk
	kept      map[string]*keptEnvelope
	listed    map[loyalty.OpID][]string // the kept transactions that list an operation
}

var _ teller.Ledger = (*Outbox)(nil)

// New makes an outbox. It accepts and pursues operations at once, and what is in the store when it is
// started. The store stays the caller's to close, after the outbox.
func New(config Config) (*Outbox, error) {
	if err := config.setDefaults(); err != nil {
		return nil, err
	}
	o := &Outbox{
		Ledger: config.Road, config: config, stop: make(chan struct{}), kick: make(chan struct{}, 1),
		pursuits: make(map[loyalty.OpID]*pursuit), kept: make(map[string]*keptEnvelope), listed: make(map[loyalty.OpID][]string),
	}
	if err := o.recall(); err != nil {
		return nil, err
	}
	o.life, o.end = context.WithCancel(context.Background())
	return o, nil
}

// Start begins to pursue what is in the store, and keeps at it until Close. It is called once.
func (o *Outbox) Start() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closing {
		o.all.Go(o.feed)
	}
}

// Close accepts nothing more and waits until what is on the road has come to an end, or ctx has.
// What is not decided by then is on disk.
func (o *Outbox) Close(ctx context.Context) error {
	o.mu.Lock()
	if !o.closing {
		o.closing = true
		close(o.stop)
	}
	o.mu.Unlock()
	over := make(chan struct{})
	go func() {
		o.all.Wait()
		close(over)
	}()
	defer o.end()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
	}
	o.end()
	<-over
	return context.Cause(ctx)
}

// outage is the one that concerns an operation with or without private bytes.
func (o *Outbox) outage(in *Intent, tombstone bool) *outage {
	if !tombstone && (in.Details.Basket != nil || in.Details.Return != nil) {
		return &o.private
	}
	return &o.plain
}

// Status is how an outbox stands, for metrics and probes.
type Status struct {
	Undecided int64 // on disk, pursued or not
	Bytes     int64 // of them
	Pursued   int
	InDoubt   int
	Parked    int64 // when they were last counted
	Kept      int   // transactions on disk
	Away      bool  // the ledger is out of reach, for some operations at least
	Err       error // why nothing can be accepted
}

// Status says how the outbox stands now.
func (o *Outbox) Status() Status {
	s := Status{Err: o.config.Store.Err(), Away: o.plain.lasts() || o.private.lasts(), Parked: o.parked.Load()}
	s.Undecided, s.Bytes = o.config.Store.Open()
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Pursued, s.Kept = len(o.pursuits), len(o.kept)
	for _, p := range o.pursuits {
		if p.machine.State() == InDoubt {
			s.InDoubt++
		}
	}
	return s
}

// Pursuing says whether an operation is here and not decided, and of what kind it is.
func (o *Outbox) Pursuing(op loyalty.OpID) (kind loyalty.Kind, here bool) {
	o.mu.Lock()
	if p := o.pursuits[op]; p != nil {
		kind, here = p.entry.Kind, true
	}
	o.mu.Unlock()
	if here {
		return kind, true
	}
	e, found, err := o.config.Store.Find(op)
	return e.Kind, err == nil && found && e.Decision == nil
}
