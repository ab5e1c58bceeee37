package loyalty

import "fmt"

// repeated is the operation that an earn or a return repeats under a new key: the same slip with
// the same content was already carried out. The same slip with another content, or used for
// another kind, is receipt_already_used.
func (w *work) repeated() (*Operation, error) {
	kind := ReceiptSale
	switch w.cmd.Kind {
	case KindEarn:
	case KindReturn:
		kind = ReceiptReturn
	default:
		return nil, nil
	}
	r, err := w.receipt(w.cmd.Receipt)
	switch {
	case err != nil || r == nil:
		return nil, err
	case r.Kind == kind && r.Op == "":
		return nil, nil // points were spent on a sale that is not rung up yet
	case r.Kind != kind || r.Print != w.cmd.Print:
		return nil, Refuse(CodeReceiptUsed, "This receipt was already used for something else.")
	}
	original, err := w.ledger.Operation(w.env.Caller.MSP, r.Op)
	if err == nil && original == nil {
		err = fmt.Errorf("receipt %s names operation %s, which is not there", w.cmd.Receipt, r.Op)
	}
	return original, err
}

// receipt reads one of the caller's own receipts; nil if there is none.
func (w *work) receipt(id ReceiptID) (*Receipt, error) {
	r, err := w.ledger.Receipt(w.env.Caller.MSP, id)
	if err != nil {
		return nil, fmt.Errorf("receipt %s: %w", id, err)
	}
	return r, nil
}

// sale is the receipt of a sale of the member, made if there is none yet: points may be spent on a
// sale before it is rung up. Refusals: receipt_already_used (as a return slip),
// receipt_of_another_member.
func (w *work) sale(id ReceiptID) (*Receipt, error) {
	member := w.accounts[0].Member
	r, err := w.receipt(id)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return &Receipt{Kind: ReceiptSale, Member: member}, nil
	case r.Kind != ReceiptSale:
		return nil, Refuse(CodeReceiptUsed, "This receipt is the slip of a return.")
	case r.Member != member:
		return nil, errWrongMember()
	}
	return r, nil
}

func errWrongMember() *Error {
	return Refuse(CodeWrongMember, "This receipt belongs to another member.")
}

// payable is the receipt of a sale that n points can be spent on; nil without an error if none is
// named. Refusals: those of sale, sale_already_returned if returns of the sale have begun,
// redemption_too_large if a return of all that was spent on the receipt could not be counted.
func (w *work) payable(id ReceiptID, n Points) (*Receipt, error) {
	if id == "" {
		return nil, nil
	}
	r, err := w.sale(id)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Returned:
		return nil, Refuse(CodeSaleReturned, "Returns of this sale have begun; no more points can be spent on it.")
	case n > MaxPoints-sum(r.Spent):
		return nil, Refuse(CodeRedemptionTooLarge, "The receipt cannot be paid with that many points.")
	}
	return r, nil
}

// spendOn remembers on a sale's receipt which lots paid for it, so that a return can give the
// points back: refusals of payable, too_many_lots. Without a receipt there is nothing to remember.
func (w *work) spendOn(id ReceiptID, draws []Lot) error {
	r, err := w.payable(id, sum(draws))
	if r == nil || err != nil {
		return err
	}
	r.Spent = append(r.Spent, draws...)
	if len(r.Spent) > MaxLots {
		return Refuse(CodeTooManyLots, "The receipt was paid with points of too many kinds.")
	}
	w.putReceipt(id, r)
	return nil
}

func (w *work) putReceipt(id ReceiptID, r *Receipt) {
	w.write(func() error { return w.ledger.PutReceipt(w.env.Caller.MSP, id, r) })
}

func (w *work) putOpening(id ReceiptID, o *Opening) {
	w.write(func() error {
		text, err := OpeningBytes(o)
		if err != nil {
			return err
		}
		return w.ledger.PutOpening(w.env.Caller.MSP, id, text)
	})
}
