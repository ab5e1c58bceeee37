package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// earn is POST /v1/earns: a sale of a member. It carries the basket and never points: what a sale
// earns is decided by the rules.
func (s *Server) earn(c *call) error {
	var r teller.EarnRequest
	err := c.read(&r, func(f *form) {
		f.member("/member", r.Member)
		f.sale("", &r.Sale)
		f.basket("/basket", r.Basket)
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindEarn, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Earn(ctx, c.desk, c.key, r)
	})
}
