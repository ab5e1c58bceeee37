package outbox

// State is where an operation stands, in one word for people. See Machine for what follows.
type State uint8

// The states.
const (
	Queued   State = iota + 1 // durable; nothing of it can be on the ledger
	Prepared                  // a transaction with it is durable and may have been sent
	InDoubt                   // a transaction with it may yet be committed, and nobody knows
	Parked                    // a person has to look: nothing is sent until then
	Final                     // decided; it never changes again
)

// String is the state as it appears in logs, metrics and exports.
func (s State) String() string {
	switch s {
	case Queued:
		return "queued"
	case Prepared:
		return "prepared"
	case InDoubt:
		return "in_doubt"
	case Parked:
		return "parked"
	case Final:
		return "final"
	default:
		return "invalid"
	}
}

// Verdict is how an operation ended.
type Verdict uint8

// The verdicts.
const (
	Undecided Verdict = iota
	// Recorded: the ledger holds a record of the operation: applied, refused or cancelled.
	Recorded
	// Withdrawn: nothing of it was ever sent and nothing will be. The ledger knows nothing of it, and
	// the same key may be used again.
	Withdrawn
)

// Signal is what has become known about an operation.
type Signal uint8

// The signals.
const (
	// Kept: a transaction with it is on disk and is about to be sent.
	Kept Signal = iota + 1
	// Found: the ledger has a record of it, whichever transaction wrote it.
	Found
	// NotSent: no transaction of this proposal is, or will ever be, on the ledger: nobody was there,
	// or others were in the way. The same may go well later.
	NotSent
	// Choked: as NotSent, but there is little hope that the same will go well later.
	Choked
	// GivenUp: as NotSent, and whoever waits is to be told that nothing happened.
	GivenUp
	// Lost: nobody can tell what becomes of this proposal.
	Lost
	// Dead: one transaction that was in doubt is on the ledger and was not valid.
	Dead
	// Absent: the ledger was asked and has not heard of it so far.
	Absent
	// Unheard: nobody could be asked.
	Unheard
	// CancelWanted: it shall not happen, if it has not happened yet.
	CancelWanted
	// Promised: somebody was told that it is accepted, or may have been. It must not vanish.
	Promised
	// Released: a person has looked at a parked operation and lets it go on.
	Released

	lastSignal = Released
)

// String is the signal as it appears in logs.
func (s Signal) String() string {
	names := [...]string{"", "kept", "found", "not_sent", "choked", "given_up", "lost", "dead", "absent", "unheard", "cancel_wanted", "promised", "released"}
	if s == 0 || s > lastSignal {
		return "invalid"
	}
	return names[s]
}

// Act is what has to be done about an operation next.
type Act uint8

// The acts.
const (
	Rest   Act = iota // nothing: it is decided
	Send              // propose it
	Resume            // ask for the transactions in doubt, and send the same bytes again where they are unknown
	Look              // look for its record
	Cancel            // propose a tombstone in its place
)

// String is the act as it appears in logs.
func (a Act) String() string {
	names := [...]string{"rest", "send", "resume", "look", "cancel"}
	if int(a) >= len(names) {
		return "invalid"
	}
	return names[a]
}
