package server

import (
	"net/http"

	"github.com/zegel/zegel/gateway/teller"
)

// quote is POST /v1/quotes: what would this basket earn, and how much of it could points pay?
func (s *Server) quote(c *call) error {
	var r teller.QuoteRequest
	err := c.read(&r, func(f *form) {
		if r.Member != "" {
			f.member("/member", r.Member)
		}
		f.basket("/basket", r.Basket)
	})
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	quote, err := s.teller.Quote(ctx, c.desk, r)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, quote)
}
