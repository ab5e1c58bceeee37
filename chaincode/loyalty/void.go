package loyalty

// void ends a hold without taking anything: all of its points go back to their lots. Refusals, in
// order: hold_unknown, clock_behind, hold_already_captured, hold_already_voided, hold_expired,
// not_the_holding_chain.
func (w *work) void() error {
	h, err := w.openHold()
	if err != nil {
		return err
	}
	w.accounts[0].release(h.Draws, &w.out.Postings)
	w.out.Points = h.Points
	w.endHold(h.ID, HoldEnd{State: HoldVoided, Op: w.cmd.Op, At: w.now})
	return nil
}
