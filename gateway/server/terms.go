package server

import (
	"net/http"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// terms is GET /v1/terms: every version of what a chain promises for a purchase; ?issuer= names
// another chain of the consortium by its MSP ID.
func (s *Server) terms(c *call) error {
	issuer := c.Query("issuer")
	if len(issuer) > loyalty.MaxTextSize {
		return badParameter("issuer", "must be an MSP ID")
	}
	ctx, cancel := c.reading()
	defer cancel()
	book, err := s.teller.Terms(ctx, issuer)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, book)
}

// programme is GET /v1/programme: what all chains agreed on.
func (s *Server) programme(c *call) error {
	ctx, cancel := c.reading()
	defer cancel()
	programme, err := s.teller.Programme(ctx)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, programme)
}
