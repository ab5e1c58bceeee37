package loyalty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Opening is the private record of a sale: the basket and what has been taken back of it. Its
// bytes are the value in the selling chain's collection; Fabric puts their hash on the ledger,
// and a return must bring exactly those bytes.
type Opening struct {
	Version  int      `json:"v"` // 1
	Basket   Basket   `json:"basket"`
	Returned Returned `json:"returned"`
}

// Returned is what has been taken back of a sale so far, all returns together.
type Returned struct {
	Amount int64   `json:"amount,omitempty"` // minor units taken back by amount
	Lines  []int64 `json:"lines,omitempty"`  // quantity taken back of each line, by index
}

const openingVersion = 1

// MaxOpeningSize bounds the bytes of an opening: MaxLines lines of MaxTextSize bytes fit, even if
// every byte of them is escaped.
const MaxOpeningSize = 1 << 20

// OpeningBytes writes o in its one canonical form. Two openings that say the same have the same
// bytes, and so the same hash.
func OpeningBytes(o *Opening) ([]byte, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	if len(text) > MaxOpeningSize {
		return nil, fmt.Errorf("opening of %d bytes: at most %d", len(text), MaxOpeningSize)
	}
	return text, nil
}

// ParseOpening reads what OpeningBytes writes and nothing else: no other order, spacing, spelling,
// repeated or unknown field, and no opening that contradicts itself.
func ParseOpening(text []byte) (*Opening, error) {
	if len(text) > MaxOpeningSize {
		return nil, fmt.Errorf("opening of %d bytes: at most %d", len(text), MaxOpeningSize)
	}
	var o Opening
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	canonical, err := OpeningBytes(&o)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(canonical, text) {
		return nil, errors.New("opening is not in canonical form")
	}
	return &o, nil
}

func (o *Opening) check() error {
	if o.Version != openingVersion {
		return fmt.Errorf("opening of version %d: only %d is known", o.Version, openingVersion)
	}
	if refusal := o.Basket.Check(); refusal != nil {
		return refusal
	}
	r := o.Returned
	if r.Amount < 0 || r.Amount > o.Basket.Total || len(r.Lines) != 0 && len(r.Lines) != len(o.Basket.Lines) {
		return errors.New("opening: what was returned does not fit the basket")
	}
	for i, q := range r.Lines {
		if q < 0 || q > o.Basket.Lines[i].Quantity {
			return fmt.Errorf("opening: more of line %d was returned than sold", i+1)
		}
	}
	if o.returned() > o.Basket.Total {
		return errors.New("opening: more was returned than sold")
	}
	return nil
}

// returned is the value of all that was taken back so far, in minor units. Each line counts by
// its cumulative quantity, so that returning it piece by piece loses nothing to rounding.
func (o *Opening) returned() int64 {
	value := o.Returned.Amount
	for i, q := range o.Returned.Lines {
		line := o.Basket.Lines[i]
		part, _ := mulDiv(line.Amount, q, line.Quantity) // q ≤ Quantity: the quotient fits
		value += part
	}
	return value
}

// share is floor(n·returned/total): what of n points goes with what was returned.
func (o *Opening) share(n Points) Points {
	part, _ := mulDiv(int64(n), o.returned(), o.Basket.Total) // returned ≤ total: the quotient fits
	return Points(part)
}

// take adds one return to what was returned. Refusals, in order: line_unknown, then
// nothing_to_return if the whole sale had come back before, return_exceeds_sale if only a part of it
// had. Pieces worth nothing can still come back after the last penny has, or the order of the parts
// of a return would matter. After a refusal the opening is not to be used.
func (o *Opening) take(t *Taken) *Error {
	for _, l := range t.Lines {
		if l.Line < 1 || l.Line > len(o.Basket.Lines) {
			return Refuse(CodeLineUnknown, "The sale has no line %d.", l.Line)
		}
	}
	complete := o.returned() == o.Basket.Total
	switch fits := o.add(t); {
	case fits:
		return nil
	case complete:
		return Refuse(CodeNothingToReturn, "The whole sale was already returned.")
	}
	return Refuse(CodeReturnExceedsSale, "More would be returned than was sold.")
}

// add sums t up with what was returned before and says whether that is still within the sale.
func (o *Opening) add(t *Taken) bool {
	if len(t.Lines) > 0 && o.Returned.Lines == nil {
		o.Returned.Lines = make([]int64, len(o.Basket.Lines))
	}
	for _, l := range t.Lines {
		o.Returned.Lines[l.Line-1] += l.Quantity
	}
	for i, q := range o.Returned.Lines {
		if q > o.Basket.Lines[i].Quantity {
			return false
		}
	}
	o.Returned.Amount += t.Amount
	return o.returned() <= o.Basket.Total
}
