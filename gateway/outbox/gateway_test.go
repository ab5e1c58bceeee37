package outbox_test

import (
	"slices"

	"github.com/zegel/zegel/gateway/outbox"
)

// durableRow is what a gateway of the model has on disk of an operation.
type durableRow struct {
	there        bool
	cancelWanted bool
	parked       bool
	chokes       int
	final        record // written lazily: a crash may lose it
}

// keptEnvelope is a transaction on disk.
type keptEnvelope struct {
	*envelope
	known bool // in memory: its fate has been found out
}

// gateway is one gateway of the model. What is not in rows and kept is gone after a crash; what tills
// have heard is not the gateway's, but is written beside it.
type gateway struct {
	rows [modelOps]durableRow
	kept []*keptEnvelope // on disk, sent or not

	machine [modelOps]outbox.Machine
	running [modelOps]bool            // the machine is in memory and pursued
	under   [modelOps]*keptEnvelope   // the proposal under way
	listed  [modelOps][]*keptEnvelope // the kept transactions of which something may come for it
	doubts  [modelOps][]*keptEnvelope // of those, the ones of earlier proposals
	lazy    [modelOps]record          // answers not yet on disk

	promised  [modelOps]bool // a till has heard that it is accepted
	withdrawn [modelOps]bool // a till has heard that nothing happened, and has not posted it again
	envelopes []*envelope    // all it has made since its disk was new
}

// withdrew reports whether operation i, which e carries, was called undone here. A gateway speaks
// for what it has on disk: what it did before it lost its disk it cannot know, and its "nothing
// happened" invites the till to send the same again.
func (g *gateway) withdrew(e *envelope, i int) bool {
	return g.withdrawn[i] && slices.Contains(g.envelopes, e)
}

// onDisk reports whether a transaction has not been deleted.
func (g *gateway) onDisk(k *keptEnvelope) bool { return slices.Contains(g.kept, k) }

// out are the transactions of the proposal under way.
func (g *gateway) out(i int) []*keptEnvelope {
	return slices.DeleteFunc(slices.Clone(g.listed[i]), func(k *keptEnvelope) bool { return slices.Contains(g.doubts[i], k) })
}

func (g *gateway) unlist(i int, k *keptEnvelope) {
	is := func(other *keptEnvelope) bool { return other == k }
	g.listed[i] = slices.DeleteFunc(g.listed[i], is)
	g.doubts[i] = slices.DeleteFunc(g.doubts[i], is)
}

// driver is the shell around the machines: what gateway/outbox does with disks and networks, done
// with the world. Seeded bugs replace its parts.
type driver struct {
	w      *world
	hear   func(outbox.Machine, outbox.Signal) outbox.Machine
	reload func(cancelWanted, parked bool, chokes, doubts int) outbox.Machine
	bugs   driverBugs
}

// driverBugs is what a seeded bug changes about the shell.
type driverBugs struct {
	ackBeforeDisk  bool // an operation is accepted before it is durable
	sendBeforeKeep bool // a transaction is sent before it is durable
	trustEndorsers bool // what the endorsers say is told before it is committed
	dropParked     bool // what chokes too often is dropped
	naiveCancel    bool // a cancellation of what is queued needs no tombstone
	naiveTimeout   bool // a spending that is late is called refused
	leaveBehind    bool // what was withdrawn stays in transactions on disk
}

// accept takes in an operation that a till posts.
func (d *driver) accept(g, i int, cancel bool) {
	own := &d.w.gateway[g]
	if d.w.chance(powerCut) {
		// Before it is durable: the till hears nothing, unless somebody spoke too soon.
		own.promised[i] = own.promised[i] || d.bugs.ackBeforeDisk
		return
	}
	row := &own.rows[i]
	switch {
	case !row.there:
		*row = durableRow{there: true, cancelWanted: cancel}
		own.withdrawn[i], own.promised[i] = false, false
		d.start(g, i)
		own.machine[i].Promised = false
	case cancel && row.final == noRecord:
		d.cancel(g, i)
	}
}

// promise is a till that hears that an operation is accepted, and waits no longer.
func (d *driver) promise(g, i int) {
	own := &d.w.gateway[g]
	if own.rows[i].there {
		own.promised[i] = true
		d.signal(g, i, outbox.Promised)
	}
}

// cancel is what a till, or the end of its patience, asks for.
func (d *driver) cancel(g, i int) {
	own := &d.w.gateway[g]
	own.rows[i].cancelWanted = true
	if own.running[i] {
		if d.bugs.naiveCancel && own.under[i] == nil {
			d.w.tell(i, cancelled)
			own.rows[i].final = cancelled
			own.running[i] = false
			return
		}
		d.signal(g, i, outbox.CancelWanted)
		return
	}
	d.start(g, i)
}

// start loads a row that is on disk.
func (d *driver) start(g, i int) {
	own := &d.w.gateway[g]
	row := &own.rows[i]
	if !row.there || row.final != noRecord {
		return
	}
	own.listed[i] = nil
	for _, k := range own.kept {
		if slices.Contains(k.ops, i) {
			own.listed[i] = append(own.listed[i], k)
		}
	}
	own.doubts[i] = slices.Clone(own.listed[i])
	own.machine[i] = d.reload(row.cancelWanted, row.parked, row.chokes, len(own.doubts[i]))
	// What nobody was promised may be withdrawn after a crash too, should somebody find that out.
	own.machine[i].Promised = own.promised[i] || d.w.rnd.IntN(2) == 0
	own.running[i], own.under[i] = true, nil
}

// crash loses what is not on disk and begins again.
func (d *driver) crash(g int) {
	own := &d.w.gateway[g]
	for i := range own.rows {
		own.running[i], own.under[i], own.lazy[i] = false, nil, noRecord
	}
	for _, k := range own.kept {
		k.known = false
	}
	for i := range own.rows {
		d.start(g, i)
	}
}

// signal lets a machine hear and does what follows from its verdict.
func (d *driver) signal(g, i int, s outbox.Signal) {
	own := &d.w.gateway[g]
	if !own.running[i] {
		return
	}
	own.machine[i] = d.hear(own.machine[i], s)
	switch s {
	case outbox.NotSent, outbox.Choked, outbox.GivenUp:
		for _, k := range own.out(i) {
			own.unlist(i, k)
		}
	case outbox.Lost:
		own.doubts[i] = slices.Clone(own.listed[i])
	}
	m := &own.machine[i]
	row := &own.rows[i]
	row.cancelWanted = row.cancelWanted || m.CancelWanted
	row.parked, row.chokes = m.Parked, m.Chokes
	switch {
	case m.Verdict == outbox.Recorded:
		d.recorded(g, i)
	case m.Verdict == outbox.Withdrawn:
		d.withdrawn(g, i)
	case m.Parked && d.bugs.dropParked:
		own.running[i] = false
		*row = durableRow{}
	}
}

func (d *driver) recorded(g, i int) {
	own := &d.w.gateway[g]
	own.running[i], own.listed[i], own.doubts[i] = false, nil, nil
	own.lazy[i] = d.w.ledger.record[i]
	if own.lazy[i] == noRecord {
		own.lazy[i] = applied // only in a world without records
	}
	d.w.tell(i, own.lazy[i])
}

// withdrawn deletes the row and, in the same write, what might be sent again with it in it.
func (d *driver) withdrawn(g, i int) {
	own := &d.w.gateway[g]
	own.running[i], own.listed[i], own.doubts[i] = false, nil, nil
	own.rows[i] = durableRow{}
	own.withdrawn[i] = true
	own.kept = slices.DeleteFunc(own.kept, func(k *keptEnvelope) bool {
		return slices.Contains(k.ops, i) && !d.bugs.leaveBehind && !k.known
	})
	if own.promised[i] {
		d.w.violated("an accepted operation has vanished")
	}
	if d.w.ledger.effects[i] > 0 && d.tookEffectHere(g, i) {
		d.w.violated("a till heard that nothing happened, and it had")
	}
}

func (d *driver) tookEffectHere(g, i int) bool {
	for _, e := range d.w.gateway[g].envelopes {
		for n, op := range e.ops {
			if op == i && e.fate == valid && e.writes[n] == applied {
				return true
			}
		}
	}
	return false
}

// flush brings to disk what is written lazily: answers, and that an envelope is not needed any more.
func (d *driver) flush(g int) {
	own := &d.w.gateway[g]
	for i, answer := range own.lazy {
		if answer != noRecord {
			own.rows[i].final, own.lazy[i] = answer, noRecord
		}
	}
	own.kept = slices.DeleteFunc(own.kept, func(k *keptEnvelope) bool {
		return !slices.ContainsFunc(k.ops, func(i int) bool { return slices.Contains(own.listed[i], k) })
	})
}

// step does the next thing about operation i.
func (d *driver) step(g, i int) {
	own := &d.w.gateway[g]
	if !own.running[i] {
		return
	}
	if own.under[i] != nil {
		d.learn(g, own.under[i])
		return
	}
	switch own.machine[i].Next() {
	case outbox.Send:
		d.propose(g, d.gather(g, i), false)
	case outbox.Cancel:
		d.propose(g, []int{i}, true)
	case outbox.Resume:
		d.resume(g, i)
	case outbox.Look:
		d.look(g, i)
	case outbox.Rest:
	}
}

// gather is a batch around operation i.
func (d *driver) gather(g, i int) []int {
	own := &d.w.gateway[g]
	ops := append(make([]int, 0, modelBatch), i)
	for j := range own.rows {
		if j != i && len(ops) < modelBatch && own.running[j] && own.under[j] == nil && own.machine[j].Next() == outbox.Send && d.w.rnd.IntN(2) == 0 {
			ops = append(ops, j)
		}
	}
	return ops
}

func (d *driver) each(g int, ops []int, s outbox.Signal) {
	for _, i := range ops {
		d.signal(g, i, s)
	}
}

// failed is how a definite failure is taken: a spending is sometimes given up, at any time.
func (d *driver) failed(g int, ops []int, tomb bool) {
	for _, i := range ops {
		switch {
		case d.w.chance(choking):
			d.signal(g, i, outbox.Choked)
		case spends(i) && !tomb && d.w.chance(impatience):
			d.signal(g, i, outbox.GivenUp)
		default:
			d.signal(g, i, outbox.NotSent)
		}
	}
}

// propose carries a batch as far as the orderer. The power fails between any two steps.
func (d *driver) propose(g int, ops []int, tomb bool) {
	own := &d.w.gateway[g]
	if d.w.chance(endorserAway) {
		d.failed(g, ops, tomb)
		return
	}
	for _, i := range ops {
		if own.rows[i].cancelWanted && !tomb {
			d.w.violated("an operation was proposed after its cancellation had been accepted")
		}
	}
	e := d.w.endorse(g, ops, tomb)
	own.envelopes = append(own.envelopes, e)
	if d.w.chance(powerCut) {
		d.crash(g)
		return
	}
	if d.bugs.sendBeforeKeep {
		d.w.submit(e)
		if d.w.chance(powerCut) {
			d.crash(g)
			return
		}
	}
	k := &keptEnvelope{envelope: e}
	own.kept = append(own.kept, k)
	for _, i := range ops {
		own.listed[i] = append(own.listed[i], k)
	}
	d.each(g, ops, outbox.Kept)
	switch {
	case d.w.chance(powerCut):
		d.crash(g)
		return
	case !d.bugs.sendBeforeKeep && d.w.chance(lineFull): // certainly not sent
		d.failed(g, ops, tomb)
		return
	case !d.bugs.sendBeforeKeep:
		d.w.submit(e)
	}
	for n, i := range ops {
		own.under[i] = k
		if d.bugs.trustEndorsers && e.said[n] == applied {
			d.w.tell(i, applied)
		}
	}
	if d.w.chance(powerCut) {
		d.crash(g)
	}
}

// learn is the end of a proposal: its fate is known, or nobody waits for it any longer.
func (d *driver) learn(g int, k *keptEnvelope) {
	own := &d.w.gateway[g]
	lost := k.fate == unseen && (d.w.calm || d.w.rnd.IntN(4) == 0)
	if k.fate == unseen && !lost {
		return
	}
	for n, i := range k.ops {
		if own.under[i] != k {
			continue
		}
		own.under[i] = nil
		switch {
		case lost:
			d.signal(g, i, outbox.Lost)
			if d.bugs.naiveTimeout && spends(i) && own.running[i] {
				d.w.tell(i, refused)
			}
		case k.fate == invalid:
			d.failed(g, []int{i}, k.tomb)
		case k.said[n] == noRecord:
			d.signal(g, i, outbox.GivenUp)
		default:
			d.signal(g, i, outbox.Found)
		}
	}
}

// resume asks for the transactions in doubt, and sends those again that the ledger does not know. The
// first that has news ends the search.
func (d *driver) resume(g, i int) {
	own := &d.w.gateway[g]
	if d.w.chance(peerAway) {
		d.signal(g, i, outbox.Unheard)
		return
	}
	for _, k := range own.doubts[i] {
		n := slices.Index(k.ops, i)
		switch {
		case !own.onDisk(k): // it went with a neighbour that was withdrawn
		case k.fate == unseen:
			d.w.submit(k.envelope)
			continue
		default:
			k.known = true
		}
		if k.known && k.fate == valid && k.said[n] != noRecord && own.onDisk(k) {
			d.signal(g, i, outbox.Found)
			return
		}
		own.unlist(i, k)
		d.signal(g, i, outbox.Dead)
		return
	}
	d.signal(g, i, outbox.Absent)
}

func (d *driver) look(g, i int) {
	switch {
	case d.w.chance(peerAway):
		d.signal(g, i, outbox.Unheard)
	case d.w.ledger.record[i] != noRecord:
		d.signal(g, i, outbox.Found)
	default:
		d.signal(g, i, outbox.Absent)
	}
}
