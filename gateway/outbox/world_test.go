package outbox_test

import (
	"math/rand/v2"
)

// world is everything around the machines of the model: a ledger that orders and validates as
// Fabric does, a network that loses, doubles, delays and reorders, gateways that crash, and tills
// that repeat, give up and go elsewhere. One seed is one history.

const (
	modelOps      = 6 // operations of a history
	modelGateways = 2
	modelAccounts = 2
	modelBatch    = 4
)

// record is what the ledger holds of an operation.
type record uint8

const (
	noRecord record = iota
	applied
	refused
	cancelled
)

// fate is how a transaction stands in its block.
type fate uint8

const (
	unseen fate = iota
	valid
	invalid
)

// envelope is an endorsed transaction: what it has read, and what it writes if nobody has written
// there since.
type envelope struct {
	gateway  int
	tomb     bool
	ops      []int
	writes   [modelBatch]record // noRecord: writes nothing for this operation
	said     [modelBatch]record // what it answers for this operation; noRecord: refused, and not written down
	readOp   [modelBatch]int
	readAcct [modelAccounts]int
	touches  [modelAccounts]bool
	balance  [modelAccounts]int
	fate     fate
}

type ledger struct {
	record  [modelOps]record
	version [modelOps]int
	effects [modelOps]int
	balance [modelAccounts]int
	account [modelAccounts]int // version
}

// fault is one way in which things go wrong. Each history has a rate of its own for each: where all
// faults are equally likely, the rare combinations never happen.
type fault int

const (
	lostRequest fault = iota
	lostAnswer
	sentTwice
	endorserAway
	peerAway
	choking
	lineFull
	powerCut
	impatience
	numFaults
)

// rates are one in so many; 0 is never.
var rates = [...]int{0, 30, 8, 2}

// worldRules is what a seeded bug changes about the world.
type worldRules struct {
	noRecords bool // the chaincode keeps no record of an operation
}

type world struct {
	rules   worldRules
	rnd     *rand.Rand
	ledger  ledger
	sent    []*envelope // on its way to the orderer, or in its queue
	closed  int         // the operations, by bit, for which the caller's authority is withdrawn for the time being
	calm    bool        // nothing goes wrong any more
	rate    [numFaults]int
	slow    int // the orderer takes one of its turns in so many
	faults  int
	gateway [modelGateways]gateway
	told    [modelOps]record // final answers that tills have heard
	bug     string           // the first violation
}

// spends reports whether operation i takes a point; the others give one.
func spends(i int) bool { return i%2 == 1 }

func account(i int) int { return i / 2 % modelAccounts }

func newWorld(seed uint64, rules worldRules) *world {
	w := &world{rules: rules, rnd: rand.New(rand.NewPCG(seed, 4))}
	for f := range w.rate {
		w.rate[f] = rates[w.rnd.IntN(len(rates))]
	}
	w.slow = 1 + w.rnd.IntN(20)
	return w
}

// chance reports whether a fault happens now.
func (w *world) chance(f fault) bool {
	if w.calm || w.rate[f] == 0 || w.rnd.IntN(w.rate[f]) != 0 {
		return false
	}
	w.faults++
	return true
}

// endorse simulates a batch on the ledger as it is.
func (w *world) endorse(gateway int, ops []int, tomb bool) *envelope {
	e := &envelope{gateway: gateway, tomb: tomb, ops: ops, balance: w.ledger.balance, readAcct: w.ledger.account}
	for n, i := range ops {
		e.readOp[n] = w.ledger.version[i]
		known := w.ledger.record[i]
		switch {
		case known != noRecord && !w.rules.noRecords:
			e.said[n] = known
		case tomb:
			e.said[n], e.writes[n] = cancelled, cancelled
		case w.closed>>i&1 == 1:
		default:
			e.decide(n, i)
		}
	}
	return e
}

func (e *envelope) decide(n, i int) {
	a, delta := account(i), 1
	if spends(i) {
		delta = -1
	}
	e.touches[a] = true
	if e.balance[a]+delta < 0 {
		e.said[n], e.writes[n] = refused, refused
		return
	}
	e.balance[a] += delta
	e.said[n], e.writes[n] = applied, applied
}

// order commits one of the envelopes that were sent, whichever.
func (w *world) order() {
	if len(w.sent) == 0 {
		return
	}
	k := w.rnd.IntN(len(w.sent))
	e := w.sent[k]
	w.sent[k] = w.sent[len(w.sent)-1]
	w.sent = w.sent[:len(w.sent)-1]
	if e.fate != unseen {
		return // the same transaction id again
	}
	if !w.current(e) {
		e.fate = invalid
		return
	}
	e.fate = valid
	l := &w.ledger
	for n, i := range e.ops {
		if e.writes[n] == noRecord {
			continue
		}
		l.record[i] = e.writes[n]
		l.version[i]++
		if e.writes[n] == applied {
			l.effects[i]++
			w.checkEffect(e, i)
		}
	}
	for a := range e.touches {
		if e.touches[a] {
			l.balance[a] = e.balance[a]
			l.account[a]++
		}
	}
}

// current reports whether nobody has written since to what e has read.
func (w *world) current(e *envelope) bool {
	for n, i := range e.ops {
		if !w.rules.noRecords && w.ledger.version[i] != e.readOp[n] {
			return false
		}
	}
	for a := range e.touches {
		if e.touches[a] && w.ledger.account[a] != e.readAcct[a] {
			return false
		}
	}
	return true
}

// submit puts an envelope on its way; ok is false if the sender hears nothing of it.
func (w *world) submit(e *envelope) (ok bool) {
	switch {
	case w.chance(lostRequest):
		return false
	case w.chance(lostAnswer):
		w.sent = append(w.sent, e)
		return false
	case w.chance(sentTwice): // two orderers have it
		w.sent = append(w.sent, e, e)
		return true
	default:
		w.sent = append(w.sent, e)
		return true
	}
}

// violated notes a broken promise; the first one counts.
func (w *world) violated(what string) {
	if w.bug == "" {
		w.bug = what
	}
}

// checkEffect holds every effect against what was promised before.
func (w *world) checkEffect(e *envelope, i int) {
	switch {
	case w.ledger.effects[i] > 1:
		w.violated("an operation took effect twice")
	case w.told[i] == refused || w.told[i] == cancelled:
		w.violated("an operation took effect after a till had heard no")
	case w.gateway[e.gateway].withdrew(e, i):
		w.violated("an operation took effect after a till had heard that nothing happened")
	}
}

// tell is a till that hears a final answer.
func (w *world) tell(i int, answer record) {
	if w.told[i] != noRecord && w.told[i] != answer {
		w.violated("two final answers to one operation")
	}
	if answer == applied && w.ledger.effects[i] == 0 {
		w.violated("a till heard yes and nothing happened")
	}
	if answer != applied && w.ledger.effects[i] > 0 {
		w.violated("a till heard no of an operation that took effect")
	}
	w.told[i] = answer
}

// settle is the end of a history: what has to hold when everything has come to rest.
func (w *world) settle() {
	sum := [modelAccounts]int{}
	for i := range modelOps {
		delta := w.ledger.effects[i]
		if spends(i) {
			delta = -delta
		}
		sum[account(i)] += delta
	}
	if sum != w.ledger.balance {
		w.violated("points were made or lost")
	}
	for g := range w.gateway {
		for i := range w.gateway[g].rows {
			row := &w.gateway[g].rows[i]
			if row.there && row.final == noRecord {
				w.violated("an accepted operation was not decided")
			}
			if w.gateway[g].promised[i] && w.ledger.record[i] == noRecord && !w.rules.noRecords {
				w.violated("an accepted operation was lost")
			}
		}
	}
}
