package loyalty

// transfer gives points to another member. They keep their issuer, terms and expiry, so sending
// points back and forth makes none of them younger. Refusals, in order: transfer_to_self,
// transfers_not_allowed, transfer_too_large, member_unknown, clock_behind, insufficient_points, then
// the limits of the two accounts.
func (w *work) transfer() error {
	p := w.programme
	switch {
	case w.cmd.To == w.cmd.Member:
		return Refuse(CodeTransferToSelf, "Points cannot be transferred to the member who has them.")
	case !p.Transfers:
		return Refuse(CodeTransfersOff, "The programme does not allow transfers between members.")
	case p.TransferMax > 0 && w.cmd.Points > p.TransferMax:
		return Refuse(CodeTransferTooLarge, "At most %d points can be transferred at a time.", p.TransferMax)
	}
	if err := w.open(w.cmd.Member, w.cmd.To); err != nil {
		return err
	}
	draws, err := w.drawPoints(Sent)
	if err != nil {
		return err
	}
	for _, l := range draws {
		w.post(w.accounts[1], Received, l, "")
	}
	return nil
}
