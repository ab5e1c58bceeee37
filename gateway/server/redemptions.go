package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// redeem is POST /v1/redemptions: spend points in one step.
func (s *Server) redeem(c *call) error {
	var r teller.RedeemRequest
	err := c.read(&r, func(f *form) {
		f.member("/member", r.Member)
		f.optionalSale("/sale", r.Sale)
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindRedeem, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Redeem(ctx, c.desk, c.key, r)
	})
}
