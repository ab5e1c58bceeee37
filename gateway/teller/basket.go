package teller

import "github.com/zegel/zegel/chaincode/loyalty"

// ledgerBasket is a basket as the rules take it, still without its salt. What a basket must be is
// theirs to say: see named.
func ledgerBasket(b Basket, s Sale) *loyalty.Basket {
	basket := &loyalty.Basket{
		Currency: b.Currency, Total: b.Total, ByPoints: b.PaidWithPoints,
		Store: s.Store, Terminal: s.Terminal, Receipt: s.Receipt,
	}
	if !s.BusinessTime.IsZero() {
		basket.At = loyalty.InstantOf(s.BusinessTime)
	}
	for _, l := range b.Lines {
		basket.Lines = append(basket.Lines, loyalty.Line{SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount})
	}
	return basket
}

// takenBack is what a return takes back, checked but still without the opening, which is read for
// each attempt anew.
func takenBack(r ReturnRequest, slip Sale) (*loyalty.Taken, error) {
	taken := loyalty.Taken{Amount: r.Amount}
	if !slip.BusinessTime.IsZero() {
		taken.At = loyalty.InstantOf(slip.BusinessTime)
	}
	for _, l := range r.Lines {
		taken.Lines = append(taken.Lines, loyalty.TakenLine{Line: l.Line, Quantity: l.Quantity})
	}
	complete := taken
	complete.Opening = []byte("{}")
	if refusal := complete.Check(); refusal != nil {
		return nil, refusal
	}
	return &taken, nil
}
