package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// keptEnvelope is a transaction on disk, without its bytes.
type keptEnvelope struct {
	Envelope
	// mu is held while the transaction is asked for: one for all of its operations. It guards the rest.
	mu       sync.Mutex
	known    atomic.Bool // its fate is on the ledger; only ever becomes true
	outcomes []loyalty.Outcome
	block    uint64
}

// errEnded says that the outbox has ended: nothing may be sent any more, because nobody would
// remember it.
var errEnded = errors.New("outbox: it has ended")

// Keep makes a transaction durable before it is sent. Whoever prepares transactions calls it when
// one is endorsed and before it leaves, and does not send it if Keep fails. ops are its
// commands' operations, in their order. A transaction none of whose operations are pursued here is
// not kept: nobody was promised anything.
func (o *Outbox) Keep(ctx context.Context, role, txID string, envelope []byte, ops []loyalty.OpID) error {
	if o.life.Err() != nil {
		return teller.Unavailable(errEnded)
	}
	o.mu.Lock()
	ours := slices.ContainsFunc(ops, func(op loyalty.OpID) bool { return o.proposing(op) != nil })
	o.mu.Unlock()
	if !ours {
		return ctx.Err()
	}
	e := Envelope{TxID: txID, Role: role, Ops: ops, Kept: o.config.Now(), Bytes: envelope}
	if err := o.config.Store.Keep(e); err != nil {
		return teller.Unavailable(err)
	}
	o.config.reached("kept")
	e.Bytes = nil
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept[txID] = &keptEnvelope{Envelope: e}
	for _, op := range ops {
		if p := o.proposing(op); p != nil {
			p.machine = p.machine.Hear(Kept)
			p.out = append(p.out, txID)
			o.listed[op] = append(o.listed[op], txID)
		}
	}
	return nil
}

// proposing is the pursuit of an operation that has a proposal under way; nil if there is none. The
// caller holds mu.
func (o *Outbox) proposing(op loyalty.OpID) *pursuit {
	if p := o.pursuits[op]; p != nil && p.proposing {
		return p
	}
	return nil
}

// recall lists the transactions that are on disk, for those of their operations that are not decided.
func (o *Outbox) recall() error {
	envelopes, err := o.config.Store.Envelopes()
	if err != nil {
		return err
	}
	for _, e := range envelopes {
		needed := false
		for _, op := range e.Ops {
			entry, found, err := o.config.Store.Find(op)
			if err != nil {
				return err
			}
			if found && entry.Decision == nil {
				o.listed[op] = append(o.listed[op], e.TxID)
				needed = true
			}
		}
		if needed {
			o.kept[e.TxID] = &keptEnvelope{Envelope: e}
		} else {
			o.config.Store.Drop(e.TxID)
		}
	}
	return nil
}

// leave takes an operation out of transactions of which nothing can come for it any more, and says
// which of them nobody needs now. The caller holds mu.
func (o *Outbox) leave(op loyalty.OpID, txs []string) (needless []string) {
	for _, tx := range txs {
		o.unlist(op, tx)
		e := o.kept[tx]
		if e == nil || slices.ContainsFunc(e.Ops, func(other loyalty.OpID) bool { return slices.Contains(o.listed[other], tx) }) {
			continue
		}
		delete(o.kept, tx)
		needless = append(needless, tx)
	}
	return needless
}

func (o *Outbox) unlist(op loyalty.OpID, tx string) {
	left := slices.DeleteFunc(o.listed[op], func(listed string) bool { return listed == tx })
	if len(left) == 0 {
		delete(o.listed, op)
	} else {
		o.listed[op] = left
	}
}

// drop forgets transactions.
func (o *Outbox) drop(txs []string) {
	for _, tx := range txs {
		o.config.Store.Drop(tx)
	}
}

// unsent are the transactions that list an operation of which nothing was ever sent: those too were
// not, or were not valid. One whose fate the ledger knows is left alone: others may learn theirs from
// it. The caller holds mu.
func (o *Outbox) unsent(op loyalty.OpID) (txs []string) {
	for tx, e := range o.kept {
		if !e.known.Load() && slices.Contains(e.Ops, op) {
			txs = append(txs, tx)
		}
	}
	return txs
}

// forget takes transactions off every list: the store has deleted them. The caller holds mu.
func (o *Outbox) forget(txs []string) {
	for _, tx := range txs {
		e := o.kept[tx]
		delete(o.kept, tx)
		if e == nil {
			continue
		}
		for _, op := range e.Ops {
			o.unlist(op, tx)
		}
	}
}

// resume asks for one of the transactions in doubt about p's operation. The first that has news
// ends the search.
func (o *Outbox) resume(p *pursuit) heard {
	o.mu.Lock()
	txs := slices.Clone(p.doubts)
	o.mu.Unlock()
	answer := heard{signal: Absent}
	for _, tx := range txs {
		h := o.ask(p, tx)
		switch h.signal {
		case Found, Dead:
			h.dead = tx
			return h
		case Unheard:
			answer = h
		}
	}
	return answer
}

// ask finds out about one transaction, for all of its operations at once.
func (o *Outbox) ask(p *pursuit, tx string) heard {
	o.mu.Lock()
	e := o.kept[tx]
	o.mu.Unlock()
	if e == nil {
		return heard{signal: Dead} // it went with a neighbour that was withdrawn: nothing can come of it
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.known.Load() {
		if h := o.inquire(e); h.signal != Found {
			return h
		}
	}
	i := slices.Index(e.Ops, p.entry.Op)
	if i < 0 || i >= len(e.outcomes) || !onRecord(e.outcomes[i]) {
		return heard{signal: Dead}
	}
	return heard{signal: Found, answer: teller.Applied{Outcome: e.outcomes[i], TxID: tx, Block: e.block}}
}

// inquire asks the ledger. The caller holds the envelope's mu.
func (o *Outbox) inquire(e *keptEnvelope) heard {
	if o.config.Transactions == nil {
		return heard{signal: Absent}
	}
	full, found, err := o.config.Store.Envelope(e.TxID)
	switch {
	case err != nil:
		return heard{signal: Unheard, err: err}
	case !found:
		return heard{signal: Dead} // as above, a moment ago
	}
	// What private bytes a transaction needs, its endorsers do not keep for ever.
	again := o.config.Now().Sub(e.Kept) < o.config.Fresh
	outcomes, block, known, err := o.config.Transactions.Resume(o.life, e.Role, e.TxID, full.Bytes, again)
	switch {
	case known && len(outcomes) != 0 && len(outcomes) != len(e.Ops):
		return heard{signal: Unheard, err: fmt.Errorf("outbox: %d outcomes for %d operations of %s", len(outcomes), len(e.Ops), e.TxID)}
	case known:
		e.outcomes, e.block = outcomes, block
		e.known.Store(true)
		return heard{signal: Found}
	case err != nil:
		return heard{signal: Unheard, err: err}
	default:
		return heard{signal: Absent}
	}
}
