package loyalty

// Status is the answer in one word. All three are final.
type Status string

// The statuses of an outcome.
const (
	StatusApplied   Status = "applied"
	StatusRefused   Status = "refused"
	StatusCancelled Status = "cancelled"
)

// Outcome is what became of one command.
type Outcome struct {
	// Op is the operation that this became of: the command's own, or the earlier one whose receipt
	// the command repeats.
	Op      OpID   `json:"op"`
	Kind    Kind   `json:"kind"`
	Status  Status `json:"status"`
	Code    Code   `json:"code,omitempty"`    // why it was refused or cancelled
	Message string `json:"message,omitempty"` // one English sentence, safe to show
	// Recorded is false for a refusal that was not written down: the same key may be tried again.
	Recorded bool `json:"recorded"`
	// Replayed says that this answer was given before; it is never stored.
	Replayed bool `json:"replayed,omitempty"`

	Member MemberID `json:"member,omitempty"`
	To     MemberID `json:"to,omitempty"`
	At     Instant  `json:"at,omitempty"` // the account's clock when it was applied
	// Points earned, held, captured, released, redeemed, returned (clawed) or transferred.
	Points    Points    `json:"points"`
	Restored  Points    `json:"restored,omitempty"` // return: points spent that went back
	Forgiven  Points    `json:"forgiven,omitempty"` // return: claw-back not taken, by policy
	Balance   Points    `json:"balance"`            // lots minus debts, after
	Spendable Points    `json:"spendable"`          // what could be redeemed now: max(0, balance)
	Held      Points    `json:"held,omitempty"`     // reserved by pending holds, after
	Terms     int       `json:"terms,omitempty"`    // earn: version applied
	Expiry    Month     `json:"expiry,omitempty"`   // earn: last month of the points earned
	Hold      HoldID    `json:"hold,omitempty"`     // hold, capture, void
	Expires   Instant   `json:"expires,omitempty"`  // hold: when it lapses
	Postings  []Posting `json:"postings,omitempty"`
}

// Posting is one movement of points of one lot. Points is positive; Reason says which way.
type Posting struct {
	Member MemberID `json:"member"`
	Reason Reason   `json:"reason"`
	Issuer MSPID    `json:"issuer"`
	Terms  int      `json:"terms,omitempty"`
	Expiry Month    `json:"expiry,omitempty"`
	Points Points   `json:"points"`
	// Redeemer gives goods for the points: redeemed, captured and restored only.
	Redeemer MSPID `json:"redeemer,omitempty"`
}

// Reason says what a posting does to an account's lots, holds and debts: see Effect.
type Reason string

// The reasons of a posting. See the table in invariant.go for what each does.
const (
	Earned   Reason = "earned"
	Redeemed Reason = "redeemed"
	Held     Reason = "held"
	Released Reason = "released"
	Captured Reason = "captured"
	Clawed   Reason = "clawed"
	Owed     Reason = "owed"
	Repaid   Reason = "repaid"
	Restored Reason = "restored"
	Sent     Reason = "sent"
	Received Reason = "received"
	Expired  Reason = "expired"
)
