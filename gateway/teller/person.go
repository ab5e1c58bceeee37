package teller

import "time"

// Profile is the personal data that the chain holds of one of its own members. It leaves the
// gateway only towards the chain's own staff and tills, never towards the ledger in the clear.
type Profile struct {
	Member string `json:"member"`
	Name   string `json:"name"`
	Phone  string `json:"phone,omitempty"` // E.164
	Email  string `json:"email,omitempty"`
}

// Erasure certifies that a member's personal data is gone: purged from the private collection in
// Transaction, and the key that could have opened what is left on a disk destroyed. Transaction and
// Block are empty where an earlier request had purged it and its answer was lost.
type Erasure struct {
	Member      string    `json:"member"`
	At          time.Time `json:"at"`
	Transaction string    `json:"transaction,omitempty"`
	Block       uint64    `json:"block,omitempty"`
}
