package loyalty

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// takeBack returns a sale, wholly or partly. Both targets follow from all that has been returned
// so far, never from this return alone, so no split of a return gains or loses a point. Points
// spent on the sale are restored first, then points it earned are clawed back. Refusals, in order:
// receipt_already_used, receipt_unknown, receipt_of_another_member, member_unknown, clock_behind,
// opening_stale, business_time_in_future, business_time_too_old, line_unknown, nothing_to_return,
// return_exceeds_sale, then the limits of the account.
func (w *work) takeBack() error {
	sale, err := w.soldTo(w.cmd.Member)
	if err != nil {
		return err
	}
	if err := w.open(w.cmd.Member); err != nil {
		return err
	}
	opening, err := w.currentOpening()
	if err != nil {
		return err
	}
	if refusal := w.programme.inWindow(w.details.Return.At, w.now); refusal != nil {
		return refusal
	}
	if refusal := opening.take(w.details.Return); refusal != nil {
		return refusal
	}
	restored := w.restore(sale, opening.share(sum(sale.Spent)+sale.Restored)-sale.Restored)
	w.claw(sale, opening.share(sale.Earned)-sale.Clawed, restored)
	sale.Returned = true
	w.putReceipt(w.cmd.Sale, sale)
	w.putReceipt(w.cmd.Receipt, &Receipt{Kind: ReceiptReturn, Member: sale.Member, Op: w.cmd.Op, Print: w.cmd.Print})
	w.putOpening(w.cmd.Sale, opening)
	return nil
}

// soldTo is the receipt of the sale to take back. Receipts are kept under the chain that issued
// them, so another chain's sale is unknown to the caller.
func (w *work) soldTo(member MemberID) (*Receipt, error) {
	sale, err := w.receipt(w.cmd.Sale)
	switch {
	case err != nil:
		return nil, err
	case sale == nil || sale.Kind != ReceiptSale || sale.Op == "":
		return nil, Refuse(CodeReceiptUnknown, "The chain has no such sale on the ledger.")
	case sale.Member != member:
		return nil, errWrongMember()
	}
	return sale, nil
}

// currentOpening is the sale's opening, proved by its hash to be the current one. Another return
// of the sale may have come in between; the caller then reads it again.
func (w *work) currentOpening() (*Opening, error) {
	want, err := w.ledger.OpeningHash(w.env.Caller.MSP, w.cmd.Sale)
	if err != nil {
		return nil, fmt.Errorf("opening hash of %s: %w", w.cmd.Sale, err)
	}
	got := sha256.Sum256(w.details.Return.Opening)
	if !bytes.Equal(got[:], want) {
		return nil, Refuse(CodeOpeningStale, "The sale has changed since it was read.")
	}
	opening, err := ParseOpening(w.details.Return.Opening)
	if err != nil {
		// The text of the error, not the error: a corrupt opening is no refusal of this return, which
		// would be recorded for ever, but a fault of the ledger, and the whole transaction fails.
		return nil, fmt.Errorf("opening of %s: %s", w.cmd.Sale, err.Error())
	}
	return opening, nil
}

// restore gives n of the points spent on the sale back, last drawn first, each to the lot it came
// from. A lot whose month has passed is replaced by one that lives for the grace months. It returns
// how many of them are the selling chain's own.
func (w *work) restore(sale *Receipt, n Points) Points {
	var own Points
	sale.Restored += n
	w.out.Restored = n
	for n > 0 && len(sale.Spent) > 0 {
		last := &sale.Spent[len(sale.Spent)-1]
		back := *last
		back.Points = min(last.Points, n)
		n -= back.Points
		if last.Points -= back.Points; last.Points == 0 {
			sale.Spent = sale.Spent[:len(sale.Spent)-1]
		}
		if back.Issuer == w.env.Caller.MSP {
			own += back.Points
		}
		if back.Expiry < w.now.Month() {
			back.Expiry = w.now.Month().Plus(w.programme.GraceMonths)
		}
		w.post(w.accounts[0], Restored, back, w.env.Caller.MSP)
	}
	return own
}
