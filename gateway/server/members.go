package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// enrol is POST /v1/members: a new member of the programme.
func (s *Server) enrol(c *call) error {
	var r teller.Enrolment
	err := c.read(&r, func(f *form) {
		f.name("/name", r.Name)
		f.phone("/phone", r.Phone)
		f.email("/email", r.Email)
		if count(r.Phone, r.Email) == 0 {
			f.faults.add("", "must have a phone or an email")
		}
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindEnrol, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Enrol(ctx, c.desk, c.key, r)
	})
}
