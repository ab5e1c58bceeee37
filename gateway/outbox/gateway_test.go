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

// keptEnvelope is a transaction on disk. What has left it is known in memory only: after a crash all of
// it is in doubt again, until it is found out anew.
type keptEnvelope struct {
	*envelope
	left [modelBatch]bool // nothing of this transaction can come of the operation any more, or it is decided
}

// doubts reports whether the transaction may yet decide operation i.
func (k *keptEnvelope) doubts(i int) bool {
	n := slices.Index(k.ops, i)
	return n >= 0 && !k.left[n]
}

func (k *keptEnvelope) leave(i int) {
	if n := slices.Index(k.ops, i); n >= 0 {
		k.left[n] = true
	}
}

// gateway is one gateway of the model. What is not in rows and kept is gone after a crash.
type gateway struct {
	rows [modelOps]durableRow
	kept []*keptEnvelope // on disk, sent or not

	machine   [modelOps]outbox.Machine
	running   [modelOps]bool          // the machine is in memory and pursued
	under     [modelOps]*keptEnvelope // the proposal under way
	lazy      [modelOps]record        // answers not yet on disk
	withdrawn [modelOps]bool          // a till has heard that nothing happened, and has not posted it again
	envelopes []*envelope             // all it has made since its disk was new
}

// withdrew reports whether operation i, which e carries, was called undone here. A gateway speaks
// for what it has on disk: what it did before it lost its disk it cannot know, and its "nothing
// happened" invites the till to send the same again.
func (g *gateway) withdrew(e *envelope, i int) bool {
	return g.withdrawn[i] && slices.Contains(g.envelopes, e)
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
		if d.bugs.ackBeforeDisk {
			own.rows[i] = durableRow{} // the till thinks it is in
			d.w.violated("an accepted operation was lost")
		}
		return // crash before it is durable: the till hears nothing
	}
	row := &own.rows[i]
	switch {
	case !row.there:
		*row = durableRow{there: true, cancelWanted: cancel}
		own.withdrawn[i] = false
		d.start(g, i)
	case cancel && row.final == noRecord:
		d.cancel(g, i)
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
	doubts := 0
	for _, k := range own.kept {
		if k.doubts(i) {
			doubts++
		}
	}
	own.machine[i] = d.reload(row.cancelWanted, row.parked, row.chokes, doubts)
	own.running[i], own.under[i] = true, nil
}

// crash loses what is not on disk and begins again.
func (d *driver) crash(g int) {
	own := &d.w.gateway[g]
	for i := range own.rows {
		own.running[i], own.under[i], own.lazy[i] = false, nil, noRecord
	}
	for _, k := range own.kept {
		k.left = [modelBatch]bool{}
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
	m := &own.machine[i]
	row := &own.rows[i]
	row.cancelWanted = row.cancelWanted || m.CancelWanted
	row.parked, row.chokes = m.Parked, m.Chokes
	switch m.Verdict {
	case outbox.Recorded:
		own.running[i] = false
		own.lazy[i] = d.w.ledger.record[i]
		if own.lazy[i] == noRecord {
			own.lazy[i] = applied // only in a world without records
		}
		d.w.tell(i, own.lazy[i])
		d.release(g, i)
	case outbox.Withdrawn:
		own.running[i] = false
		*row = durableRow{}
		if !d.bugs.leaveBehind { // in the same write as the row
			own.kept = slices.DeleteFunc(own.kept, func(k *keptEnvelope) bool { return slices.Contains(k.ops, i) })
		}
		own.withdrawn[i] = true
		if d.w.ledger.effects[i] > 0 && d.tookEffectHere(g, i) {
			d.w.violated("a till heard that nothing happened, and it had")
		}
		d.release(g, i)
	default:
		if m.Parked && d.bugs.dropParked {
			own.running[i] = false
			d.w.violated("an accepted operation was lost")
		}
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

// release takes a decided operation out of the envelopes on disk.
func (d *driver) release(g, i int) {
	for _, k := range d.w.gateway[g].kept {
		k.leave(i)
	}
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
		return !slices.ContainsFunc(k.ops, k.doubts)
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
	d.each(g, ops, outbox.Kept)
	switch {
	case d.w.chance(powerCut):
		d.crash(g)
		return
	case !d.bugs.sendBeforeKeep && d.w.chance(lineFull): // certainly not sent
		k.left = [modelBatch]bool{true, true, true, true}
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
		if lost {
			d.signal(g, i, outbox.Lost)
			if d.bugs.naiveTimeout && spends(i) && own.running[i] {
				d.w.tell(i, refused)
			}
			continue
		}
		k.leave(i)
		switch {
		case k.fate == invalid:
			d.failed(g, []int{i}, k.tomb)
		case k.said[n] == noRecord:
			d.signal(g, i, outbox.GivenUp)
		default:
			d.signal(g, i, outbox.Found)
		}
	}
}

// resume asks for every transaction in doubt, and sends those again that the ledger does not know.
func (d *driver) resume(g, i int) {
	own := &d.w.gateway[g]
	if d.w.chance(peerAway) {
		d.signal(g, i, outbox.Unheard)
		return
	}
	for _, k := range own.kept {
		if !own.running[i] || !k.doubts(i) {
			continue
		}
		n := slices.Index(k.ops, i)
		switch {
		case k.fate == unseen:
			d.w.submit(k.envelope)
		case k.fate == valid && k.said[n] != noRecord:
			d.signal(g, i, outbox.Found)
		default:
			k.leave(i)
			d.signal(g, i, outbox.Dead)
		}
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
