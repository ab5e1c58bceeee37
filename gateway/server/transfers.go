package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// transfer is POST /v1/transfers: one member gives points to another.
func (s *Server) transfer(c *call) error {
	var r teller.TransferRequest
	err := c.read(&r, func(f *form) {
		f.member("/from", r.From)
		f.member("/to", r.To)
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindTransfer, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Transfer(ctx, c.desk, c.key, r)
	})
}
