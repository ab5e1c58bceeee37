// Package fold counts points a second time. It shares no code with the rules: it reads the public
// records of the ledger with its own eyes, knows of each posting only which way it moves points, and
// from that alone checks that no point came into being or vanished, that nobody spent what was not
// there, that no receipt earned twice and that whoever was charged was next in turn.
package fold

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Problem is one law that a transaction breaks.
type Problem struct {
	Law                        Law
	Operation, Expected, Found string
	Text                       string
}

// Law is one of the laws below.
type Law int

// The laws.
const (
	Conservation Law = iota // accounts change by postings alone
	Overspent               // nobody spends more than lots less debts
	ReceiptTwice            // a receipt earns once
	ChargedOrder            // the burn order decides who is charged
	Transfer                // what is sent is what is received
	Unreadable              // a record cannot be read
)

// Totals are the points of one issuer, over all members.
type Totals struct {
	Free int64 `json:"free"` // in lots
	Held int64 `json:"held"` // reserved by holds
	Debt int64 `json:"debt"` // owed by members

	Earned   int64 `json:"earned"`
	Redeemed int64 `json:"redeemed"`
	Clawed   int64 `json:"clawed"`
	Restored int64 `json:"restored"`
	Sent     int64 `json:"sent"`
	Received int64 `json:"received"`
	Expired  int64 `json:"expired"`
}

// Outstanding is what the issuer owes members.
func (t Totals) Outstanding() int64 { return t.Free + t.Held - t.Debt }

// Balanced says whether what is there is what came in less what went out.
func (t Totals) Balanced() bool {
	return t.Outstanding() == t.Earned+t.Restored+t.Received-t.Redeemed-t.Clawed-t.Sent-t.Expired && t.Sent == t.Received
}

// Pair is an issuer and the chain that gave goods for its points.
type Pair struct{ Issuer, Redeemer string }

// Fold is the count so far.
type Fold struct {
	issuers   map[string]*Totals
	movements map[Pair]int64 // points redeemed less points restored
	order     string         // the programme's burn order
	sheets    map[string]cached
}

// cached is an account as it was last read, with the bytes it was read from.
type cached struct {
	value []byte
	sheet *sheet
}

// maxSheets bounds how many accounts are remembered.
const maxSheets = 20_000

// New is an empty count.
func New() *Fold {
	return &Fold{issuers: map[string]*Totals{}, movements: map[Pair]int64{}, sheets: map[string]cached{}}
}

func (f *Fold) totals(issuer string) *Totals {
	if f.issuers[issuer] == nil {
		f.issuers[issuer] = &Totals{}
	}
	return f.issuers[issuer]
}

// Issuers lists the totals of every issuer.
func (f *Fold) Issuers() map[string]Totals {
	all := map[string]Totals{}
	for issuer, t := range f.issuers {
		all[issuer] = *t
	}
	return all
}

// Movement is points of one issuer for which one chain gave goods.
type Movement struct {
	Issuer   string `json:"issuer"`
	Redeemer string `json:"redeemer"`
	Points   int64  `json:"points"`
}

// Movements lists who gave goods for whose points, sorted.
func (f *Fold) Movements() []Movement {
	pairs := slices.SortedFunc(maps.Keys(f.movements), func(a, b Pair) int {
		return slices.Compare([]string{a.Issuer, a.Redeemer}, []string{b.Issuer, b.Redeemer})
	})
	all := make([]Movement, 0, len(pairs))
	for _, p := range pairs {
		all = append(all, Movement{p.Issuer, p.Redeemer, f.movements[p]})
	}
	return all
}

// saved is a Fold as it is written down.
type saved struct {
	Issuers   map[string]*Totals `json:"issuers"`
	Movements []Movement         `json:"movements"`
	Order     string             `json:"order"`
}

// MarshalJSON writes the count down.
func (f *Fold) MarshalJSON() ([]byte, error) {
	return json.Marshal(saved{f.issuers, f.Movements(), f.order})
}

// UnmarshalJSON goes on from what MarshalJSON wrote.
func (f *Fold) UnmarshalJSON(text []byte) error {
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("the second fold: %w", err)
	}
	*f = *New()
	for issuer, t := range s.Issuers {
		f.issuers[issuer] = t
	}
	for _, m := range s.Movements {
		f.movements[Pair{m.Issuer, m.Redeemer}] = m.Points
	}
	f.order = s.Order
	return nil
}

// Unbalanced lists the issuers whose totals do not add up, sorted.
func (f *Fold) Unbalanced() []string {
	var off []string
	for _, issuer := range slices.Sorted(maps.Keys(f.issuers)) {
		if !f.issuers[issuer].Balanced() {
			off = append(off, issuer)
		}
	}
	return off
}
