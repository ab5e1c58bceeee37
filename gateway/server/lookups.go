package server

import (
	"net/http"

	"github.com/zegel/zegel/gateway/teller"
)

// lookup is POST /v1/lookups: who is this? It is a POST so that a phone number never stands in a
// URL, where every proxy on the way would log it.
func (s *Server) lookup(c *call) error {
	var r teller.Lookup
	err := c.read(&r, func(f *form) {
		if count(r.Member, r.Phone, r.Email) != 1 {
			f.faults.add("", "must have exactly one of member, phone and email")
			return
		}
		if r.Member != "" {
			f.member("/member", r.Member)
		}
		f.phone("/phone", r.Phone)
		f.email("/email", r.Email)
	})
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	member, err := s.teller.Find(ctx, c.desk, r)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, member)
}
