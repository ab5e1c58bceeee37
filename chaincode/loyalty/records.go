package loyalty

// Receipt is the public record of a sale or of a return slip: points, never amounts.
type Receipt struct {
	Kind   ReceiptKind `json:"kind"`
	Member MemberID    `json:"member,omitempty"` // whose sale it is
	Op     OpID        `json:"op,omitempty"`     // the earn or return that made it
	Print  Fingerprint `json:"print,omitempty"`  // of that operation: a repeat under a new key is still a repeat
	// What the sale earned, under which terms, until when. Empty until the earn arrives: points can
	// be redeemed on a receipt before it is rung up.
	Terms  int    `json:"terms,omitempty"`
	Expiry Month  `json:"expiry,omitempty"`
	Earned Points `json:"earned,omitempty"`
	Clawed Points `json:"clawed,omitempty"` // target of all returns so far: floor(earned·returned/total)
	// Forgiven is how much of Clawed was not there to take and is not owed either, by policy.
	Forgiven Points `json:"forgiven,omitempty"`
	// Spent is what paid for the sale and has not gone back, in the order drawn; Restored is how many
	// points have gone back, last drawn first.
	Spent    []Lot  `json:"spent,omitempty"`
	Restored Points `json:"restored,omitempty"`
	// Returned says that a return of the sale has been carried out: no more points can be spent on it,
	// for what has come back before would keep its share of them for ever. It does not say how much.
	Returned bool `json:"returned,omitempty"`
}

// ReceiptKind tells a sale from a return slip.
type ReceiptKind string

// The kinds of receipt.
const (
	ReceiptSale   ReceiptKind = "sale"
	ReceiptReturn ReceiptKind = "return"
)

// Operation is the durable answer to one command: what was asked (keyed digest) and what came of
// it. A repeat is answered from here before any rule runs, whatever the rules say by then. If its
// outcome names another Op than its key, it is the second key of a receipt that came in twice: the
// postings happened once, under the key that the outcome names.
type Operation struct {
	Print   Fingerprint `json:"print,omitempty"` // empty for a tombstone
	Outcome Outcome     `json:"outcome"`
}

// HoldEnd is written when a hold ends, so that a second capture or void hears why it is refused.
type HoldEnd struct {
	State    HoldState `json:"state"`
	Captured Points    `json:"captured,omitempty"`
	Op       OpID      `json:"op,omitempty"` // what ended it; empty when it expired
	At       Instant   `json:"at"`
}

// HoldState is where a hold is in its life.
type HoldState string

// The states of a hold. Pending is the only one from which it can move.
const (
	HoldPending  HoldState = "pending"
	HoldCaptured HoldState = "captured"
	HoldVoided   HoldState = "voided"
	HoldExpired  HoldState = "expired"
)
