package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// Earn books the points of a sale. The same sale under another key is the same sale: its natural
// key is store, till, business date and receipt number.
func (t *Teller) Earn(ctx context.Context, desk Desk, key string, r EarnRequest) (Answer, error) {
	member, err := memberID(r.Member)
	if err != nil {
		return Answer{}, err
	}
	sale, err := desk.at(r.Sale)
	if err != nil {
		return Answer{}, err
	}
	receipt, err := t.receipt(sale, vault.Sale)
	if err != nil {
		return Answer{}, err
	}
	in, err := t.named(desk, key, intent{
		command: loyalty.Command{Kind: loyalty.KindEarn, Member: member, Receipt: receipt},
		details: loyalty.Details{Basket: ledgerBasket(r.Basket, sale)},
		keys:    []string{lockMember(member), lockReceipt(receipt)},
	})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}
