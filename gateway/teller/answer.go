package teller

import "time"

// Answer is what became of a write. Status is applied, refused, cancelled or pending; only
// pending can still change, and GET /v1/operations/{id} says when it has.
type Answer struct {
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	Status    string `json:"status"`
	Code      string `json:"code,omitempty"`
	Message   string `json:"message,omitempty"`
	Replayed  bool   `json:"replayed,omitempty"`

	Member    string     `json:"member,omitempty"`
	Points    int64      `json:"points"`
	Restored  int64      `json:"restored,omitempty"`
	Balance   int64      `json:"balance"`
	Spendable int64      `json:"spendable"`
	Held      int64      `json:"held,omitempty"`
	Value     int64      `json:"value,omitempty"` // minor units that the points stand for
	Currency  string     `json:"currency,omitempty"`
	Expiry    string     `json:"expiry,omitempty"` // yyyy-mm-dd, last day the points can be spent
	Hold      string     `json:"hold,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"` // when a hold lapses

	Transaction string   `json:"transaction,omitempty"`
	Block       uint64   `json:"block,omitempty"`
	Text        []string `json:"text,omitempty"` // lines a till can print, at most 42 columns
}

// Quote is what a basket would earn and how much of it points can pay.
type Quote struct {
	Member      string   `json:"member,omitempty"`
	Points      int64    `json:"points"`
	Terms       int      `json:"terms"`
	Expiry      string   `json:"expiry"`
	Balance     int64    `json:"balance"`
	Spendable   int64    `json:"spendable"`
	MaxPoints   int64    `json:"maxPoints"`
	MaxValue    int64    `json:"maxValue"`
	Currency    string   `json:"currency"`
	NextPointIn int64    `json:"nextPointIn"`
	Text        []string `json:"text"`
}

// Member is what a till may know of the person before it: never the full name.
type Member struct {
	Member    string `json:"member"`
	Initial   string `json:"initial,omitempty"` // first letter of the name; own chain's members only
	Balance   int64  `json:"balance"`
	Spendable int64  `json:"spendable"`
	Held      int64  `json:"held,omitempty"`
}

// Account is a member's points, lot by lot.
type Account struct {
	Member    string   `json:"member"`
	Enroller  string   `json:"enroller"`
	Balance   int64    `json:"balance"`
	Spendable int64    `json:"spendable"`
	Held      int64    `json:"held"`
	Lots      []Lot    `json:"lots"`
	Holds     []Hold   `json:"holds"`
	Issuers   []Issuer `json:"issuers"`
}

// Lot is points of one issuer under one version of its terms that expire together.
type Lot struct {
	Issuer string `json:"issuer"`
	Terms  int    `json:"terms"`
	Expiry string `json:"expiry"`
	Earned string `json:"earned"`
	Points int64  `json:"points"`
}

// Hold is points reserved at a till.
type Hold struct {
	Hold     string    `json:"hold"`
	Redeemer string    `json:"redeemer"`
	Points   int64     `json:"points"`
	Expires  time.Time `json:"expires"`
}

// Issuer is all that ever happened to one issuer's points on an account; Debt is what the member
// owes it. Net is earned minus clawed.
type Issuer struct {
	Issuer   string `json:"issuer"`
	Earned   int64  `json:"earned"`
	Clawed   int64  `json:"clawed"`
	Redeemed int64  `json:"redeemed"`
	Restored int64  `json:"restored"`
	Sent     int64  `json:"sent"`
	Received int64  `json:"received"`
	Expired  int64  `json:"expired"`
	Debt     int64  `json:"debt"`
	Net      int64  `json:"net"`
}

// Entry is one line of a member's statement.
type Entry struct {
	Cursor      string    `json:"cursor"`
	At          time.Time `json:"at"`
	Block       uint64    `json:"block"`
	Transaction string    `json:"transaction"`
	Operation   string    `json:"operation"`
	Chain       string    `json:"chain"` // who carried it out
	Kind        string    `json:"kind"`
	Reason      string    `json:"reason"`
	Issuer      string    `json:"issuer"`
	Expiry      string    `json:"expiry,omitempty"`
	Points      int64     `json:"points"` // signed: what it did to the balance
}

// Entries is one page of a statement, newest first.
type Entries struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"` // cursor of the next page; empty at the end
	Height  uint64  `json:"height"`         // the ledger as far as this statement knows it
}
