package journal

import (
	"fmt"
	"time"
)

// Kind says what happened at the till.
type Kind string

// The kinds of event.
const (
	Sale   Kind = "sale"
	Return Kind = "return"
	Redeem Kind = "redeem"
)

// Event is one line of a journal. Members are named as the till knew them; the importer enrols
// each once and keeps the reference it gets.
type Event struct {
	Kind     Kind      `json:"kind"`
	Chain    int       `json:"chain"` // index of the chain in the order of the consortium, from 0
	Member   string    `json:"member"`
	Store    string    `json:"store"`
	Terminal string    `json:"terminal"`
	Receipt  string    `json:"receipt"` // of a return: the return slip
	At       time.Time `json:"at"`

	Total  int64        `json:"total,omitempty"`  // sale: minor units
	Lines  []Line       `json:"lines,omitempty"`  // sale: if present they sum to Total
	Points int64        `json:"points,omitempty"` // redeem
	Sale   string       `json:"sale,omitempty"`   // return: receipt number of the sale taken back
	Amount int64        `json:"amount,omitempty"` // return by amount: minor units
	Back   []ReturnLine `json:"back,omitempty"`   // return by line
}

// Line is one line of a sale; Amount is for the whole Quantity, in minor units.
type Line struct {
	SKU      string `json:"sku"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// ReturnLine takes Quantity of line Line, counted from 1, back.
type ReturnLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity"`
}

// MaxEvents bounds a journal that is read whole into memory.
const MaxEvents = 5_000_000

// check refuses an event that no gateway could accept, naming the field.
func (e *Event) check() error {
	switch {
	case e.Chain < 0 || e.Chain > 63:
		return fmt.Errorf("chain %d is out of range 0 to 63", e.Chain)
	case e.Member == "" || e.Receipt == "" || e.Store == "" || e.Terminal == "":
		return fmt.Errorf("member, store, terminal and receipt must not be empty")
	case e.At.IsZero():
		return fmt.Errorf("at is missing")
	}
	switch e.Kind {
	case Sale:
		return e.checkSale()
	case Return:
		return e.checkReturn()
	case Redeem:
		if e.Points <= 0 {
			return fmt.Errorf("a redemption must have positive points")
		}
		return nil
	}
	return fmt.Errorf("kind %q is none of sale, return, redeem", e.Kind)
}

func (e *Event) checkReturn() error {
	if e.Sale == "" {
		return fmt.Errorf("a return must name its sale")
	}
	if e.Amount < 0 || (e.Amount == 0 && len(e.Back) == 0) {
		return fmt.Errorf("a return must take an amount or lines back")
	}
	return nil
}

func (e *Event) checkSale() error {
	if e.Total < 0 {
		return fmt.Errorf("total %d is negative", e.Total)
	}
	var sum int64
	for _, l := range e.Lines {
		sum += l.Amount
	}
	if len(e.Lines) > 0 && sum != e.Total {
		return fmt.Errorf("lines sum to %d, total is %d", sum, e.Total)
	}
	return nil
}
