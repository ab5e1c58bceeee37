package teller

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/zegel/zegel/chaincode/api"
)

// Quote says what a basket would earn if it were rung up now, and how much of it points can pay. It
// changes nothing and promises nothing: the ledger decides when the sale arrives.
func (t *Teller) Quote(ctx context.Context, desk Desk, r QuoteRequest) (Quote, error) {
	if r.Member != "" {
		if _, err := memberID(r.Member); err != nil {
			return Quote{}, err
		}
	}
	basket := ledgerBasket(r.Basket, Sale{})
	text, err := json.Marshal(basket)
	if err != nil {
		return Quote{}, fmt.Errorf("teller: quote: %w", err)
	}
	var q api.Quotation
	if err := t.evaluate(ctx, desk.Role, &q, api.Quote, map[string][]byte{api.TransientBasket: text}, r.Member); err != nil {
		return Quote{}, err
	}
	quote := Quote{
		Member: r.Member, Points: int64(q.Points), Terms: q.Terms, Expiry: lastDay(q.Expiry), Balance: int64(q.Balance),
		Spendable: int64(q.Spendable), MaxPoints: int64(q.MaxPoints), MaxValue: q.MaxMinor, Currency: basket.Currency,
		NextPointIn: q.NextPointAt,
	}
	quote.Text = t.quoteText(quote)
	return quote, nil
}
