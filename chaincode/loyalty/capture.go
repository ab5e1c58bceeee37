package loyalty

// capture takes held points for good: all of them, or the first Points of them in the order they
// were drawn, the rest going back. The capture's receipt, if it names one, takes the place of the
// hold's. Refusals, in order: hold_unknown, clock_behind, hold_already_captured,
// hold_already_voided, hold_expired, not_the_holding_chain, exceeds_hold, receipt_already_used (as a
// return slip), receipt_of_another_member, sale_already_returned, redemption_too_large (for the
// receipt), too_many_lots.
func (w *work) capture() error {
	h, err := w.openHold()
	if err != nil {
		return err
	}
	n := w.cmd.Points
	if n == 0 {
		n = h.Points
	}
	if n > h.Points {
		return Refuse(CodeExceedsHold, "%d points are held; %d cannot be captured.", h.Points, n)
	}
	receipt := h.Receipt
	if w.cmd.Receipt != "" {
		receipt = w.cmd.Receipt
	}
	taken, rest := split(h.Draws, n)
	if err := w.spendOn(receipt, taken); err != nil {
		return err
	}
	a := w.accounts[0]
	for _, l := range taken {
		w.post(a, Captured, l, h.Redeemer)
	}
	a.release(rest, &w.out.Postings)
	w.out.Points = n
	w.endHold(h.ID, HoldEnd{State: HoldCaptured, Captured: n, Op: w.cmd.Op, At: w.now})
	return nil
}

// split parts draws into the first n points and the rest.
func split(draws []Lot, n Points) (first, rest []Lot) {
	for _, l := range draws {
		part := l
		part.Points = min(l.Points, n)
		n -= part.Points
		if part.Points > 0 {
			first = append(first, part)
		}
		if l.Points -= part.Points; l.Points > 0 {
			rest = append(rest, l)
		}
	}
	return first, rest
}
