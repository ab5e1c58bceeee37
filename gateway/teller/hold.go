package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Hold reserves points until they are captured or voided, or the hold lapses.
func (t *Teller) Hold(ctx context.Context, desk Desk, key string, r HoldRequest) (Answer, error) {
	command := loyalty.Command{Kind: loyalty.KindHold, Points: loyalty.Points(r.Points), Seconds: r.Seconds}
	return t.spend(ctx, desk, key, command, r.Member, r.Sale)
}

// Redeem takes points in one step.
func (t *Teller) Redeem(ctx context.Context, desk Desk, key string, r RedeemRequest) (Answer, error) {
	command := loyalty.Command{Kind: loyalty.KindRedeem, Points: loyalty.Points(r.Points)}
	return t.spend(ctx, desk, key, command, r.Member, r.Sale)
}

// spend completes a hold or a redemption. A sale, if one is named, gets the points back when it is
// returned.
func (t *Teller) spend(ctx context.Context, desk Desk, key string, c loyalty.Command, member string, s *Sale) (Answer, error) {
	var err error
	if c.Member, err = memberID(member); err != nil {
		return Answer{}, err
	}
	receipt, keys, err := t.tie(desk, s)
	if err != nil {
		return Answer{}, err
	}
	c.Receipt = receipt
	in, err := t.named(desk, key, intent{command: c, keys: append(keys, lockMember(c.Member))})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}

// Capture takes held points, all of them if the request says 0; what is left goes back.
func (t *Teller) Capture(ctx context.Context, desk Desk, key, hold string, r CaptureRequest) (Answer, error) {
	id, err := holdID(hold)
	if err != nil {
		return Answer{}, err
	}
	receipt, keys, err := t.tie(desk, r.Sale)
	if err != nil {
		return Answer{}, err
	}
	command := loyalty.Command{Kind: loyalty.KindCapture, Hold: id, Points: loyalty.Points(r.Points), Receipt: receipt}
	in, err := t.named(desk, key, intent{command: command, keys: append(keys, lockMember(id.Member()))})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}

// Void lets a hold go: the points are back in the lots they came from.
func (t *Teller) Void(ctx context.Context, desk Desk, key, hold string) (Answer, error) {
	id, err := holdID(hold)
	if err != nil {
		return Answer{}, err
	}
	in, err := t.named(desk, key, intent{
		command: loyalty.Command{Kind: loyalty.KindVoid, Hold: id},
		keys:    []string{lockMember(id.Member())},
	})
	if err != nil {
		return Answer{}, err
	}
	return t.write(ctx, in)
}
