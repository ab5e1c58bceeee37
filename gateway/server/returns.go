package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// takeBack is POST /v1/returns: a sale comes back, wholly or partly, by amount or by line.
func (s *Server) takeBack(c *call) error {
	var r teller.ReturnRequest
	err := c.read(&r, func(f *form) {
		f.sale("", &r.Sale)
		f.original("/original", &r.Original, r.Sale)
		if len(r.Lines) > loyalty.MaxLines {
			f.faults.add("/lines", "must be at most %d lines", loyalty.MaxLines)
		}
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindReturn, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Return(ctx, c.desk, c.key, r)
	})
}
