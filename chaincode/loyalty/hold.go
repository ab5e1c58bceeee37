package loyalty

import (
	"errors"
	"fmt"
	"slices"
)

// MaxHolds bounds the pending holds of one account.
const MaxHolds = 64

// lapsed says whether the hold's life is over: it lives up to, not including, Expires.
func (h Hold) lapsed(now Instant) bool { return now >= h.Expires }

// hold reserves points for the calling chain. Refusals, in order: member_unknown, clock_behind,
// operation_reused, receipt_already_used (as a return slip), receipt_of_another_member,
// sale_already_returned, redemption_too_large, hold_too_long, insufficient_points, too_many_holds,
// too_many_lots.
func (w *work) hold() error {
	if err := w.open(w.cmd.Member); err != nil {
		return err
	}
	id := NewHoldID(w.cmd.Member, w.cmd.Op)
	if err := w.freshHold(id); err != nil {
		return err
	}
	if err := w.mayRedeem(); err != nil {
		return err
	}
	seconds := w.cmd.Seconds
	if seconds == 0 {
		seconds = w.programme.HoldSeconds
	}
	if seconds > w.programme.HoldSecondsMax {
		return Refuse(CodeHoldTooLong, "Points can be held for at most %d seconds.", w.programme.HoldSecondsMax)
	}
	draws, err := w.drawPoints(Held)
	if err != nil {
		return err
	}
	a := w.accounts[0]
	if len(a.Holds) >= MaxHolds {
		return Refuse(CodeTooManyHolds, "The account already has %d pending holds.", MaxHolds)
	}
	h := Hold{
		ID: id, Redeemer: w.env.Caller.MSP, Points: w.cmd.Points, Draws: draws, Receipt: w.cmd.Receipt,
		Expires: w.now + Instant(seconds)*second,
	}
	i, _ := a.findHold(id)
	a.Holds = slices.Insert(a.Holds, i, h)
	w.out.Hold, w.out.Expires = id, h.Expires
	return nil
}

// freshHold refuses an operation key with which another organisation already held points of this
// member: the name of a hold does not say whose key it was.
func (w *work) freshHold(id HoldID) error {
	end, err := w.holdEnd(id)
	if err != nil {
		return err
	}
	if _, pending := w.accounts[0].findHold(id); pending || end != nil {
		return Refuse(CodeOperationReused, "This key was used for a hold of another organisation.")
	}
	return nil
}

func (w *work) holdEnd(id HoldID) (*HoldEnd, error) {
	end, err := w.ledger.HoldEnd(id)
	if err != nil {
		return nil, fmt.Errorf("end of hold %s: %w", id, err)
	}
	return end, nil
}

func (w *work) endHold(id HoldID, end HoldEnd) {
	w.write(func() error { return w.ledger.PutHoldEnd(id, &end) })
}

// openHold takes the command's hold off its account, to be captured or voided. Refusals, in
// order: hold_unknown, clock_behind, hold_already_captured, hold_already_voided, hold_expired,
// not_the_holding_chain.
func (w *work) openHold() (Hold, error) {
	id := w.cmd.Hold
	end, err := w.holdEnd(id)
	if err != nil {
		return Hold{}, err
	}
	if err := w.load(id.Member()); err != nil {
		return Hold{}, unknownHold(err)
	}
	a := w.accounts[0]
	var h Hold
	i, pending := a.findHold(id)
	if pending {
		h = a.Holds[i]
		w.out.Member, w.out.Hold = a.Member, id
	}
	w.letGo()
	switch {
	case end != nil:
		return h, ended(end.State)
	case !pending:
		return h, errUnknownHold()
	case h.lapsed(w.now):
		return h, ended(HoldExpired)
	case h.Redeemer != w.env.Caller.MSP:
		return h, Refuse(CodeNotHoldingChain, "Another chain placed this hold.")
	}
	i, _ = a.findHold(id)
	a.Holds = slices.Delete(a.Holds, i, i+1)
	return h, nil
}

// unknownHold turns an unknown member into an unknown hold: the caller named only the hold.
func unknownHold(err error) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == CodeMemberUnknown {
		return errUnknownHold()
	}
	return err
}

func errUnknownHold() *Error { return Refuse(CodeHoldUnknown, "There is no such hold.") }

func ended(s HoldState) *Error {
	switch s {
	case HoldCaptured:
		return Refuse(CodeHoldCaptured, "The hold was already captured.")
	case HoldVoided:
		return Refuse(CodeHoldVoided, "The hold was already voided.")
	default:
		return Refuse(CodeHoldExpired, "The hold has expired; its points are back on the account.")
	}
}
