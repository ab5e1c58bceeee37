package loyalty

import "fmt"

// earn gives the points of a sale, by the terms that the selling chain had in force on the
// business day. Refusals, in order: receipt_already_used, member_unknown, clock_behind,
// receipt_of_another_member, currency_mismatch, business_time_in_future, business_time_too_old,
// terms_unknown, paid_more_than_total, points_too_large, earn_too_large, then the limits of the
// account.
func (w *work) earn() error {
	if err := w.open(w.cmd.Member); err != nil {
		return err
	}
	sale, err := w.sale(w.cmd.Receipt)
	if err != nil {
		return err
	}
	basket := w.details.Basket
	if refusal := w.programme.accepts(basket, w.now); refusal != nil {
		return refusal
	}
	book, err := w.ledger.Terms(w.env.Caller.MSP)
	if err != nil {
		return fmt.Errorf("terms of %s: %w", w.env.Caller.MSP, err)
	}
	gain, refusal := w.programme.gain(book, basket, sum(sale.Spent))
	if refusal != nil {
		return refusal
	}
	lot := Lot{
		Issuer: w.env.Caller.MSP, Terms: gain.terms.Version, Expiry: gain.expiry, Earned: basket.At.Day(), Points: gain.points,
	}
	w.post(w.accounts[0], Earned, lot, "")
	w.out.Points, w.out.Terms, w.out.Expiry = lot.Points, lot.Terms, lot.Expiry
	sale.Op, sale.Print = w.cmd.Op, w.cmd.Print
	sale.Terms, sale.Expiry, sale.Earned = lot.Terms, lot.Expiry, lot.Points
	w.putReceipt(w.cmd.Receipt, sale)
	w.putOpening(w.cmd.Receipt, &Opening{Version: openingVersion, Basket: *basket})
	return nil
}

// gain is what a basket earns.
type gain struct {
	points Points
	terms  Terms
	expiry Month // last month in which the points can be spent
}

// gain is what a basket earns under the book: terms_unknown, paid_more_than_total,
// points_too_large, earn_too_large. What was paid with points earns nothing; spent points are those
// that the ledger knows of.
func (p *Programme) gain(book *TermsBook, basket *Basket, spent Points) (gain, *Error) {
	terms, ok := book.On(basket.At.Day())
	if !ok {
		return gain{}, Refuse(CodeTermsUnknown, "The chain has no terms in force on %s.", basket.At.Day())
	}
	due, refusal := p.due(basket, spent)
	if refusal != nil {
		return gain{}, refusal
	}
	points, ok := mulDiv(due, terms.EarnPoints, terms.EarnMinor)
	if !ok {
		return gain{}, Refuse(CodePointsTooLarge, "The sale would earn more points than can be counted.")
	}
	if p.EarnMax > 0 && Points(points) > p.EarnMax {
		return gain{}, Refuse(CodeEarnTooLarge, "At most %d points can be earned by one sale.", p.EarnMax)
	}
	return gain{Points(points), terms, basket.At.Month().Plus(terms.ValidMonths)}, nil
}

// due is what of a basket was not paid with points, in minor units: paid_more_than_total. The till
// says how much was, but what the ledger saw spent on the receipt was paid with points whatever the
// till says; or leaving it out would earn points on points.
func (p *Programme) due(b *Basket, spent Points) (int64, *Error) {
	paid := max(b.ByPoints, p.Worth(spent))
	if paid > b.Total {
		return 0, Refuse(CodePaidMoreThanTotal, "The points spent on this receipt are worth more than the sale.")
	}
	return b.Total - paid, nil
}

// accepts checks a basket against what was agreed: currency_mismatch and the business time.
func (p *Programme) accepts(b *Basket, now Instant) *Error {
	if b.Currency != p.Currency {
		return Refuse(CodeCurrencyMismatch, "The programme counts in %s.", p.Currency)
	}
	return p.inWindow(b.At, now)
}

// inWindow bounds a business time: a till may be offline for LateHours, and its clock may be
// EarlySeconds ahead.
func (p *Programme) inWindow(at, now Instant) *Error {
	switch {
	case at > now+Instant(p.EarlySeconds)*second:
		return Refuse(CodeTimeInFuture, "The business time lies more than %d seconds in the future.", p.EarlySeconds)
	case at < now-Instant(p.LateHours)*hour:
		return Refuse(CodeTimeTooOld, "The business time lies more than %d hours in the past.", p.LateHours)
	}
	return nil
}
