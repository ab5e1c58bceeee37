package server

import "net/http"

// account is GET /v1/members/{id}/account: a member's points, lot by lot, as the ledger has them now.
func (s *Server) account(c *call) error {
	member, err := c.memberParam()
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	account, err := s.teller.Account(ctx, c.desk, member)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, account)
}
