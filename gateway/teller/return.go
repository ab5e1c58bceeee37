package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// Return takes a sale back, wholly or partly. The slip is of this desk; the sale may have been rung
// up at any till of the chain. Where it was is as the desk's own place, unless the request says.
func (t *Teller) Return(ctx context.Context, desk Desk, key string, r ReturnRequest) (Answer, error) {
	slip, err := desk.at(r.Sale)
	if err != nil {
		return Answer{}, err
	}
	taken, err := takenBack(r, slip)
	if err != nil {
		return Answer{}, err
	}
	slipID, err := t.receipt(slip, vault.Return)
	if err != nil {
		return Answer{}, err
	}
	saleID, err := t.receipt(original(r.Original, slip), vault.Sale)
	if err != nil {
		return Answer{}, err
	}
	sale, err := t.soldTo(ctx, saleID)
	if err != nil {
		return Answer{}, err
	}
	in, err := t.named(desk, key, intent{
		command: loyalty.Command{Kind: loyalty.KindReturn, Member: sale.Member, Receipt: slipID, Sale: saleID},
		details: loyalty.Details{Return: taken},
		keys:    []string{lockMember(sale.Member), lockReceipt(slipID), lockReceipt(saleID)},
		refresh: func(ctx context.Context, d *loyalty.Details) error { return t.reopen(ctx, desk.Role, saleID, d) },
	})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}

func original(sale, slip Sale) Sale {
	if sale.Store == "" {
		sale.Store = slip.Store
	}
	if sale.Terminal == "" {
		sale.Terminal = slip.Terminal
	}
	return sale
}

// soldTo is the public record of a sale of the own chain: it knows whose sale it is, which a paper
// receipt does not.
func (t *Teller) soldTo(ctx context.Context, sale loyalty.ReceiptID) (loyalty.Receipt, error) {
	var r loyalty.Receipt
	err := t.public(ctx, &r, api.GetReceipt, string(t.config.MSP), string(sale))
	if err == nil && !r.Member.Valid() {
		err = loyalty.Refuse(loyalty.CodeReceiptUnknown, "The chain has no such sale on the ledger.")
	}
	return r, err
}

// reopen reads the sale's current opening: two returns of one sale at two tills each change it, and
// the second is then made again from the first one's result.
func (t *Teller) reopen(ctx context.Context, role string, sale loyalty.ReceiptID, d *loyalty.Details) error {
	opening, err := t.config.Evaluate(ctx, role, api.GetOpening, []string{string(sale)}, nil)
	if err != nil {
		return err
	}
	taken := *d.Return
	taken.Opening = opening
	d.Return = &taken
	return nil
}
