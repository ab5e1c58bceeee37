package server

import (
	"context"
	"net/http"

	"github.com/zegel/zegel/gateway/teller"
)

// profile is GET /v1/members/{id}/profile: what the chain knows of one of its own members.
func (s *Server) profile(c *call) error {
	member, err := c.memberParam()
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	profile, err := s.teller.Profile(ctx, c.desk, member)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, profile)
}

// erase is DELETE /v1/members/{id}/profile: destroy the personal data of a member who asked for
// it. It needs no Idempotency-Key: a person is erased once, and the second time is not found.
func (s *Server) erase(c *call) error {
	member, err := c.memberParam()
	if err != nil {
		return err
	}
	var certificate teller.Erasure
	err = c.patiently(func(ctx context.Context) error {
		certificate, err = s.teller.Erase(ctx, c.desk, member)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, certificate)
}
