package loyalty

import "cmp"

// claw takes due points that the sale earned back: from the sale's own lot, then from the issuer's
// other lots, latest expiry first, so that the member keeps no longer-lived points for returned
// goods. What is not there becomes a debt or is forgiven, as the programme says.
//
// Points forgiven earlier fall due again as far as this return restored points of the issuer.
// Without that, a return in two parts could forgive what one return would have taken.
func (w *work) claw(sale *Receipt, due, restored Points) {
	again := min(sale.Forgiven, restored)
	sale.Clawed += due
	sale.Forgiven -= again
	due += again

	a, issuer := w.accounts[0], w.env.Caller.MSP
	own := Lot{Issuer: issuer, Terms: sale.Terms, Expiry: sale.Expiry}
	missing := due
	for _, l := range draw(a.lotsOf(issuer), due, clawOrder(own)) {
		missing -= l.Points
		w.post(a, Clawed, l, "")
	}
	if w.programme.Returns == ReturnsWithinBalance {
		sale.Forgiven += missing
		w.out.Points, w.out.Forgiven = due-missing, missing
		return
	}
	w.post(a, Owed, Lot{Issuer: issuer, Points: missing}, "")
	w.out.Points = due
}

// clawOrder puts the lot like own in front and the others behind it, latest expiry first.
func clawOrder(own Lot) func(a, b Lot) int {
	return func(a, b Lot) int {
		mine, other := compareLots(a, own) == 0, compareLots(b, own) == 0
		switch {
		case mine == other:
			return cmp.Or(cmp.Compare(b.Expiry, a.Expiry), cmp.Compare(b.Earned, a.Earned), compareLots(b, a))
		case mine:
			return -1
		default:
			return 1
		}
	}
}
