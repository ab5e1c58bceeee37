package loyalty

// redeem spends points in one step. Refusals, in order: member_unknown, clock_behind,
// receipt_already_used (as a return slip), receipt_of_another_member, sale_already_returned,
// redemption_too_large, insufficient_points, too_many_lots.
func (w *work) redeem() error {
	if err := w.open(w.cmd.Member); err != nil {
		return err
	}
	if err := w.mayRedeem(); err != nil {
		return err
	}
	draws, err := w.drawPoints(Redeemed)
	if err != nil {
		return err
	}
	return w.spendOn(w.cmd.Receipt, draws)
}

// mayRedeem refuses a receipt that points cannot be spent on, and more points than may be taken
// at a time: refusals of payable, redemption_too_large.
func (w *work) mayRedeem() error {
	if _, err := w.payable(w.cmd.Receipt, w.cmd.Points); err != nil {
		return err
	}
	if p := w.programme; p.redeemable(w.cmd.Points) < w.cmd.Points {
		return Refuse(CodeRedemptionTooLarge, "At most %d points can be redeemed or held at a time.", p.RedeemMax)
	}
	return nil
}

// drawPoints takes the command's points from the account in burn order, or refuses with
// insufficient_points. What is owed to any chain cannot be spent at another.
func (w *work) drawPoints(r Reason) ([]Lot, error) {
	a, n := w.accounts[0], w.cmd.Points
	if n > a.Balance() {
		return nil, Refuse(CodeInsufficientPoints, "%d points are needed and %d are there to spend.", n, a.Spendable())
	}
	var redeemer MSPID
	if r == Redeemed {
		redeemer = w.env.Caller.MSP
	}
	draws := draw(a.Lots, n, w.programme.BurnOrder.For(w.env.Caller.MSP))
	for _, l := range draws {
		w.post(a, r, l, redeemer)
	}
	w.out.Points = n
	return draws, nil
}
