package loyalty

// Taken is what one return takes back: an amount, or quantities of lines, or both.
type Taken struct {
	Opening []byte      `json:"opening"` // the current opening of the sale, byte for byte
	Amount  int64       `json:"amount,omitempty"`
	Lines   []TakenLine `json:"lines,omitempty"`
	At      Instant     `json:"at"` // business time of the return
}

// TakenLine takes Quantity of line Line (counted from 1) back.
type TakenLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity"`
}

// Check refuses what can be no return of any sale: basket_missing, amount_must_be_positive,
// amount_too_large, basket_malformed.
func (t *Taken) Check() *Error {
	switch {
	case len(t.Opening) == 0:
		return Refuse(CodeBasketMissing, "A return needs the opening of its sale.")
	case len(t.Opening) > MaxOpeningSize:
		return Refuse(CodeBasketMalformed, "The opening is too long.")
	case t.Amount < 0 || t.Amount == 0 && len(t.Lines) == 0:
		return Refuse(CodeAmountNotPositive, "A return takes back a positive amount, or lines, or both.")
	case t.Amount > MaxMinor:
		return Refuse(CodeAmountTooLarge, "The amount is too large.")
	case len(t.Lines) > MaxLines:
		return Refuse(CodeBasketMalformed, "A return has at most %d lines.", MaxLines)
	case t.At <= 0 || t.At > maxInstant:
		return Refuse(CodeBasketMalformed, "The return needs a business time.")
	}
	for i, l := range t.Lines {
		switch {
		case l.Quantity < 1:
			return Refuse(CodeAmountNotPositive, "Returned quantity %d must be positive.", i+1)
		case l.Quantity > MaxQuantity:
			return Refuse(CodeAmountTooLarge, "Returned quantity %d is too large.", i+1)
		}
	}
	return nil
}
