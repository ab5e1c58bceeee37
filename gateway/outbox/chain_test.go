package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/rpc"
	"sync"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/teller"
)

// chain is a ledger in memory that keeps the promises of the real one about operations: one record
// for each, read before anything is done, and transactions that are valid only if nobody has
// written a record since they read that there was none.
type chain struct {
	mu      sync.Mutex
	records map[loyalty.OpID]loyalty.Operation
	effects map[loyalty.OpID]int
	fates   map[string]bool // of the transactions in a block: whether they were valid
	late    []cargo         // taken by the orderer, in no block yet
	txs     int
	closed  bool // the role may do nothing for the time being
}

// cargo is a transaction on its way.
type cargo struct {
	TxID     string
	Commands []loyalty.Command
	Outcomes []loyalty.Outcome
}

func newChain() *chain {
	return &chain{
		records: make(map[loyalty.OpID]loyalty.Operation), effects: make(map[loyalty.OpID]int), fates: make(map[string]bool),
	}
}

// tooMuch is more than any member of the tests has.
const tooMuch = 1_000_000

func (c *chain) endorse(commands []loyalty.Command) cargo {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.txs++
	t := cargo{TxID: fmt.Sprint("tx", c.txs), Commands: commands}
	for _, command := range commands {
		t.Outcomes = append(t.Outcomes, c.outcome(command))
	}
	return t
}

func (c *chain) outcome(command loyalty.Command) loyalty.Outcome {
	out := loyalty.Outcome{Op: command.Op, Kind: command.Kind, Member: command.Member, Points: command.Points, Status: loyalty.StatusRefused}
	known, recorded := c.records[command.Op]
	switch {
	case recorded && command.Kind != loyalty.KindCancel && known.Outcome.Status != loyalty.StatusCancelled && known.Print != command.Print:
		out.Code = loyalty.CodeOperationReused
	case recorded:
		out = known.Outcome
		out.Replayed = true
	case command.Kind == loyalty.KindCancel:
		out.Status, out.Code, out.Recorded = loyalty.StatusCancelled, loyalty.CodeOperationCancelled, true
	case c.closed:
		out.Code = loyalty.CodeNotAuthorised
	case command.Points >= tooMuch:
		out.Code, out.Recorded = loyalty.CodeInsufficientPoints, true
	default:
		out.Status, out.Recorded = loyalty.StatusApplied, true
	}
	return out
}

// order puts a transaction into a block.
func (c *chain) order(t cargo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, seen := c.fates[t.TxID]; seen {
		return
	}
	for i, out := range t.Outcomes {
		if _, written := c.records[t.Commands[i].Op]; written && out.Recorded && !out.Replayed {
			c.fates[t.TxID] = false
			return
		}
	}
	c.fates[t.TxID] = true
	for i, out := range t.Outcomes {
		if !out.Recorded || out.Replayed {
			continue
		}
		op := t.Commands[i].Op
		c.records[op] = loyalty.Operation{Print: t.Commands[i].Print, Outcome: out}
		if out.Status == loyalty.StatusApplied {
			c.effects[op]++
		}
	}
}

// spoil puts a transaction into a block, and it is not valid.
func (c *chain) spoil(t cargo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fates[t.TxID] = false
}

// hold keeps a transaction at the orderer; release puts all of those into blocks.
func (c *chain) hold(t cargo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = append(c.late, t)
}

func (c *chain) release() {
	c.mu.Lock()
	held := c.late
	c.late = nil
	c.mu.Unlock()
	for _, t := range held {
		c.order(t)
	}
}

// fate is what became of a transaction, if it is in a block.
func (c *chain) fate(txID string) (valid, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	valid, known = c.fates[txID]
	return valid, known
}

func (c *chain) record(op loyalty.OpID) (loyalty.Operation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, found := c.records[op]
	return r, found
}

func (c *chain) effect(op loyalty.OpID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.effects[op]
}

func (c *chain) shut(closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = closed
}

// mishap is what befalls a transaction on its way, or a question.
type mishap int

const (
	none          mishap = iota
	unreachable          // nobody is there to endorse it
	full                 // there is no room on the line to the peer: it is not sent
	lostOnTheWay         // it is sent, never arrives, and nobody can tell
	lostOnTheBack        // it is committed, and nobody can tell
	held                 // the orderer has it and takes its time, and nobody can tell
	collided             // it is in a block and was not valid
	sick                 // the chaincode chokes
	mishaps
)

// road is a teller.Ledger over the chain, with the batcher of production on it.
type road struct {
	teller.Ledger // nil: what the outbox passes on is not asked for here
	chain         *chain
	batches       *batcher.Batcher[loyalty.Command, receipt]
	keep          func(ctx context.Context, role, txID string, envelope []byte, ops []loyalty.OpID) error

	mu     sync.Mutex
	mishap func() mishap // what happens next
	opened []string      // the sales whose openings were asked for
	remote *rpc.Client   // where the chain is, if it is in another process
}

type receipt struct {
	outcome loyalty.Outcome
	txID    string
}

func newRoad(c *chain) *road {
	r := &road{chain: c, mishap: func() mishap { return none }}
	r.keep = func(context.Context, string, string, []byte, []loyalty.OpID) error { return nil }
	r.batches, _ = batcher.New(batcher.Config[loyalty.Command, receipt]{
		Flush: r.flush, Classify: classify, Attempts: 1, InFlight: 4, MaxBatch: 4, MinPause: 1, MaxPause: 1,
	})
	return r
}

func (r *road) next() mishap {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mishap()
}

// befalls sets what happens to everything from now on.
func (r *road) befalls(m mishap) { r.befallsBy(func() mishap { return m }) }

func (r *road) befallsBy(next func() mishap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mishap = next
}

// atRandom lets every mishap happen, each step with a chance of one in n.
func (r *road) atRandom(rnd *rand.Rand, n int) {
	r.befallsBy(func() mishap { // under mu
		if rnd.IntN(n) == 0 {
			return mishap(1 + rnd.IntN(int(mishaps)-1))
		}
		return none
	})
}

var (
	errAway     = errors.New("away")
	errCollided = errors.New("collided")
	errSick     = errors.New("sick")
	errLost     = errors.New("lost")
)

func classify(err error) batcher.Class {
	switch {
	case errors.Is(err, errAway):
		return batcher.Unavailable
	case errors.Is(err, errCollided):
		return batcher.Conflict
	case errors.Is(err, errSick):
		return batcher.Permanent
	default:
		return batcher.Unknown
	}
}

// Endorsed is a transaction, and what will befall it.
type Endorsed struct {
	Cargo  cargo
	Mishap mishap
}

// flush carries a batch out, as the client of Fabric does.
func (r *road) flush(ctx context.Context, commands []loyalty.Command) ([]receipt, error) {
	e, err := r.endorse(commands)
	switch {
	case err != nil, e.Mishap == unreachable:
		return nil, errAway
	case e.Mishap == sick:
		return nil, errSick
	}
	envelope, err := json.Marshal(e.Cargo)
	if err != nil {
		return nil, err
	}
	ops := make([]loyalty.OpID, len(commands))
	for i, command := range commands {
		ops[i] = command.Op
	}
	if err := r.keep(ctx, "pos", e.Cargo.TxID, envelope, ops); err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	if e.Mishap == full {
		return nil, errAway
	}
	valid, err := r.submit(e)
	switch {
	case err != nil, e.Mishap == lostOnTheWay, e.Mishap == lostOnTheBack, e.Mishap == held:
		return nil, errLost
	case !valid:
		return nil, errCollided
	}
	receipts := make([]receipt, len(e.Cargo.Outcomes))
	for i, out := range e.Cargo.Outcomes {
		receipts[i] = receipt{out, e.Cargo.TxID}
	}
	return receipts, nil
}

func (r *road) endorse(commands []loyalty.Command) (e Endorsed, err error) {
	if r.remote != nil {
		err = r.remote.Call("Ledger.Endorse", commands, &e)
		return e, err
	}
	return Endorsed{r.chain.endorse(commands), r.next()}, nil
}

func (r *road) submit(e Endorsed) (valid bool, err error) {
	if r.remote != nil {
		err = r.remote.Call("Ledger.Submit", e, &valid)
		return valid, err
	}
	return r.deliver(e), nil
}

// deliver is what becomes of a transaction behind the peer.
func (r *road) deliver(e Endorsed) (valid bool) {
	switch e.Mishap {
	case collided:
		r.chain.spoil(e.Cargo)
	case lostOnTheWay:
	case held:
		r.chain.hold(e.Cargo)
	default:
		r.chain.order(e.Cargo)
	}
	valid, _ = r.chain.fate(e.Cargo.TxID)
	return valid
}

// Do implements teller.Ledger.
func (r *road) Do(ctx context.Context, _ string, keys []string, c loyalty.Command, _ loyalty.Details) (teller.Applied, error) {
	done, err := r.batches.Do(ctx, batcher.Item[loyalty.Command]{Keys: append(keys, "op:"+string(c.Op)), Size: 1, Op: c})
	switch {
	case errors.Is(err, batcher.ErrUnknown), errors.Is(err, batcher.ErrPending):
		return teller.Applied{}, fmt.Errorf("%w: %w", teller.ErrUnknown, err)
	case errors.Is(err, errAway), errors.Is(err, batcher.ErrClosed):
		return teller.Applied{}, teller.Unavailable(err)
	case errors.Is(err, errCollided):
		return teller.Applied{}, teller.Busy(err)
	case err != nil:
		return teller.Applied{}, err
	}
	return teller.Applied{Outcome: done.outcome, TxID: done.txID, Block: 1}, nil
}

// Evaluate implements teller.Ledger, for the questions that the outbox asks.
func (r *road) Evaluate(_ context.Context, _, name string, args []string, _ map[string][]byte) ([]byte, error) {
	if r.remote != nil {
		var text []byte
		if err := r.remote.Call("Ledger.Record", loyalty.OpID(args[1]), &text); err != nil {
			return nil, teller.Unavailable(err)
		}
		if len(text) == 0 {
			return nil, loyalty.Refuse(loyalty.CodeOperationUnknown, "unknown")
		}
		return text, nil
	}
	if r.next() == unreachable {
		return nil, teller.Unavailable(errAway)
	}
	if name == api.GetOpening {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.opened = append(r.opened, args[0])
		return []byte("opening"), nil
	}
	record, found := r.chain.record(loyalty.OpID(args[1]))
	if !found {
		return nil, loyalty.Refuse(loyalty.CodeOperationUnknown, "unknown")
	}
	return json.Marshal(record)
}

// Resume implements outbox.Transactions.
func (r *road) Resume(_ context.Context, _, txID string, envelope []byte, again bool) ([]loyalty.Outcome, uint64, bool, error) {
	var t cargo
	if err := json.Unmarshal(envelope, &t); err != nil || t.TxID != txID {
		return nil, 0, false, fmt.Errorf("envelope of %s: %w", txID, err)
	}
	if r.remote != nil {
		var reply [2]bool
		err := r.remote.Call("Ledger.Resume", envelope, &reply)
		if !reply[1] {
			t.Outcomes = nil
		}
		return t.Outcomes, 1, reply[0], err
	}
	what := r.next()
	if what == unreachable {
		return nil, 0, false, errAway
	}
	if _, known := r.chain.fate(txID); !known && again && what == none {
		r.chain.order(t)
	}
	valid, known := r.chain.fate(txID)
	if !valid || !known {
		return nil, 0, known, nil
	}
	return t.Outcomes, 1, true, nil
}

var (
	_ teller.Ledger       = (*road)(nil)
	_ outbox.Transactions = (*road)(nil)
)
