package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Transfer moves points from one member to another. Both accounts are locked, so that it neither
// waits for itself nor meets a sale of the receiver.
func (t *Teller) Transfer(ctx context.Context, desk Desk, key string, r TransferRequest) (Answer, error) {
	from, err := memberID(r.From)
	if err != nil {
		return Answer{}, err
	}
	to, err := memberID(r.To)
	if err != nil {
		return Answer{}, err
	}
	if from == to {
		return Answer{}, loyalty.Refuse(loyalty.CodeTransferToSelf, "Both sides of the transfer are the same member.")
	}
	in, err := t.named(desk, key, intent{
		command: loyalty.Command{Kind: loyalty.KindTransfer, Member: from, To: to, Points: loyalty.Points(r.Points)},
		keys:    []string{lockMember(from), lockMember(to)},
	})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}
