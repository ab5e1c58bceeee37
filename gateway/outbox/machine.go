package outbox

// The bounds of the machine.
const (
	// maxChokes is how often an operation may choke the ledger before it is parked.
	maxChokes = 3
	// ladderRungs is how many steps the ladder has before a new proposal: asking for the transaction
	// and looking for the record take turns, three times each.
	ladderRungs = 6
)

// Machine is where one operation stands and what may be done about it. It is a plain value without
// clock, disk or chance: the model in the tests drives the same code as the outbox.
//
// The zero Machine is an operation that has just been written down.
type Machine struct {
	Verdict Verdict
	// CancelWanted says that a tombstone is to take its place.
	CancelWanted bool
	// Promised says that somebody may count on a final answer: it cannot be withdrawn any more.
	Promised bool
	// Parked says that it has choked the ledger too often.
	Parked bool
	// Chokes counts proposals that choked the ledger, since it was last released.
	Chokes int
	// Doubts is how many transactions with it, of proposals that have ended, may yet be committed.
	Doubts int
	// Out is how many transactions with it the proposal under way has kept.
	Out int
	// Rung is how far up the ladder it is.
	Rung int
	// Vain counts steps without news, since there last was some: the pause before the next grows with it.
	Vain int
}

// Reload is the machine of an operation that was found on disk: doubts is how many transactions
// with it are there too. All of them may have been sent, and any of them may still be committed; and
// somebody may have been told that the operation is accepted.
func Reload(cancelWanted, parked bool, chokes, doubts int) Machine {
	return Machine{CancelWanted: cancelWanted, Parked: parked, Chokes: chokes, Doubts: doubts, Promised: true}
}

// State is where the operation stands, in one word.
func (m Machine) State() State {
	switch {
	case m.Verdict != Undecided:
		return Final
	case m.Parked:
		return Parked
	case m.Out > 0:
		return Prepared
	case m.Doubts > 0:
		return InDoubt
	default:
		return Queued
	}
}

// Next is what has to be done, once no proposal is under way.
func (m Machine) Next() Act {
	switch {
	case m.Verdict != Undecided:
		return Rest
	case m.Parked:
		return Look
	case m.Doubts > 0 && m.Rung < m.rungs():
		return m.rung()
	case m.CancelWanted:
		return Cancel
	default:
		return Send
	}
}

// rungs is how many steps come before the next proposal. An operation that nobody wants is looked
// for once: the tombstone finds out the rest.
func (m Machine) rungs() int {
	if m.CancelWanted {
		return 1
	}
	return ladderRungs
}

func (m Machine) rung() Act {
	if m.CancelWanted || m.Rung%2 == 1 {
		return Look
	}
	return Resume
}

// Hear is the machine after a signal. Whatever comes after the verdict changes nothing.
func (m Machine) Hear(s Signal) Machine {
	if m.Verdict != Undecided {
		return m
	}
	switch s {
	case Kept:
		m.Out++
	case Found:
		m.Verdict = Recorded
	case NotSent:
		m = m.ended().inVain()
	case Choked:
		m = m.ended().inVain().choked()
	case GivenUp:
		m = m.ended().givenUp()
	case Lost:
		m = m.lost()
	case Dead:
		m.Doubts = max(0, m.Doubts-1)
		m.Rung, m.Vain = 0, 0
	case Absent:
		m = m.absent()
	case Unheard:
		m = m.inVain()
	case CancelWanted:
		m.CancelWanted, m.Parked, m.Chokes, m.Rung, m.Vain = true, false, 0, 0, 0
	case Promised:
		m.Promised = true
	case Released:
		m.Parked, m.Chokes, m.Rung, m.Vain = false, 0, 0, 0
	}
	return m
}

// ended forgets the transactions of the proposal that has ended: none of them will be committed.
// Those of earlier proposals stay in doubt, and the ladder begins anew.
func (m Machine) ended() Machine {
	m.Out, m.Rung = 0, 0
	return m
}

func (m Machine) inVain() Machine {
	m.Vain++
	return m
}

// absent takes the ladder one rung up. There is no reason to pause before a tombstone.
func (m Machine) absent() Machine {
	m.Rung++
	if m.CancelWanted {
		return m
	}
	return m.inVain()
}

func (m Machine) choked() Machine {
	m.Chokes++
	m.Parked = m.Chokes >= maxChokes
	return m
}

// givenUp ends an operation of which nothing was ever sent and nobody was promised anything. If
// something may have been sent, or an answer promised, only a tombstone ends it.
func (m Machine) givenUp() Machine {
	if m.Doubts > 0 || m.Promised || m.CancelWanted {
		m.CancelWanted, m.Vain = true, 0
		return m
	}
	m.Verdict = Withdrawn
	return m
}

// lost moves what the proposal has kept among what is in doubt. A proposal that ended in doubt
// before it kept anything is one doubt all the same: nothing proves the opposite.
func (m Machine) lost() Machine {
	m.Doubts += max(1, m.Out)
	m.Out, m.Rung = 0, 0
	return m.inVain()
}
