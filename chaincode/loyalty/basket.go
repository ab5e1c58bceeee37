package loyalty

// Basket is a sale as the till rang it up. It never enters public state: the endorsers see it,
// and its opening (with the salt) stays in the selling chain's private collection.
type Basket struct {
	Salt     string  `json:"salt"`               // 16 random bytes as 32 hex digits
	Currency string  `json:"currency"`           // ISO 4217, three capitals
	Total    int64   `json:"total"`              // minor units, gross, ≥ 1
	ByPoints int64   `json:"byPoints,omitempty"` // minor units of Total paid with points; earns nothing
	Lines    []Line  `json:"lines,omitempty"`    // if present they sum to Total
	Store    string  `json:"store"`
	Terminal string  `json:"terminal"`
	Receipt  string  `json:"receipt"`
	At       Instant `json:"at"` // business time: when the sale happened
}

// Line is one line of a basket: Amount is for the whole Quantity, net of its discounts.
type Line struct {
	SKU      string `json:"sku"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"` // pieces, or grams where sold by weight: ≥ 1
	Amount   int64  `json:"amount"`   // minor units, ≥ 0
}

// The limits of a basket.
const (
	MaxLines    = 1000
	MaxTextSize = 64 // bytes of a SKU, category, store, terminal or receipt number
	MaxQuantity = 1_000_000_000
)

// Check refuses a basket that could be no sale, whatever the programme says: basket_malformed,
// amount_must_be_positive, amount_too_large, lines_must_sum_to_total.
func (b *Basket) Check() *Error {
	switch {
	case !IsHex(b.Salt, idDigits):
		return Refuse(CodeBasketMalformed, "The basket needs a salt of %d hexadecimal digits.", idDigits)
	case !isText(b.Store, 1) || !isText(b.Terminal, 1) || !isText(b.Receipt, 1):
		return Refuse(CodeBasketMalformed, "The basket needs a store, a terminal and a receipt of 1 to %d bytes.", MaxTextSize)
	case b.At <= 0 || b.At > maxInstant:
		return Refuse(CodeBasketMalformed, "The basket needs a business time.")
	}
	return b.checkMoney()
}

// checkMoney is the part of Check that a quote needs.
func (b *Basket) checkMoney() *Error {
	switch {
	case !isCurrency(b.Currency):
		return Refuse(CodeBasketMalformed, "The currency must be three capital letters.")
	case b.Total <= 0:
		return Refuse(CodeAmountNotPositive, "The total must be positive.")
	case b.Total > MaxMinor:
		return Refuse(CodeAmountTooLarge, "The total is too large.")
	case b.ByPoints < 0:
		return Refuse(CodeAmountNotPositive, "The part paid with points must not be negative.")
	case b.ByPoints > b.Total:
		return Refuse(CodeAmountTooLarge, "The part paid with points exceeds the total.")
	case len(b.Lines) > MaxLines:
		return Refuse(CodeBasketMalformed, "A basket has at most %d lines.", MaxLines)
	}
	return b.checkLines()
}

func (b *Basket) checkLines() *Error {
	var total int64 // at most MaxLines·MaxMinor, which fits
	for i, l := range b.Lines {
		switch {
		case !isText(l.SKU, 1) || !isText(l.Category, 0):
			return Refuse(CodeBasketMalformed, "Line %d needs a SKU of 1 to %d bytes.", i+1, MaxTextSize)
		case l.Quantity < 1 || l.Quantity > MaxQuantity:
			return Refuse(CodeBasketMalformed, "The quantity of line %d must be 1 to %d.", i+1, MaxQuantity)
		case l.Amount < 0:
			return Refuse(CodeAmountNotPositive, "The amount of line %d must not be negative.", i+1)
		case l.Amount > MaxMinor:
			return Refuse(CodeAmountTooLarge, "The amount of line %d is too large.", i+1)
		}
		total += l.Amount
	}
	if len(b.Lines) > 0 && total != b.Total {
		return Refuse(CodeLinesTotal, "The amounts of the lines do not sum to the total.")
	}
	return nil
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}
