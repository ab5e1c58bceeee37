package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// hold is POST /v1/holds: reserve points while the member pays.
func (s *Server) hold(c *call) error {
	var r teller.HoldRequest
	err := c.read(&r, func(f *form) {
		f.member("/member", r.Member)
		f.optionalSale("/sale", r.Sale)
	})
	if err != nil {
		return err
	}
	return c.write(loyalty.KindHold, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Hold(ctx, c.desk, c.key, r)
	})
}

// capture is POST /v1/holds/{id}/capture: take the held points, or some of them; the rest goes
// back. Without a body it takes all.
func (s *Server) capture(c *call) error {
	id, err := c.holdParam()
	if err != nil {
		return err
	}
	var r teller.CaptureRequest
	if err := c.readOptional(&r, func(f *form) { f.optionalSale("/sale", r.Sale) }); err != nil {
		return err
	}
	return c.write(loyalty.KindCapture, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Capture(ctx, c.desk, c.key, id, r)
	})
}

// void is POST /v1/holds/{id}/void: give all held points back.
func (s *Server) void(c *call) error {
	id, err := c.holdParam()
	if err != nil {
		return err
	}
	if err := c.readOptional(new(struct{}), unchecked); err != nil {
		return err
	}
	return c.write(loyalty.KindVoid, func(ctx context.Context) (teller.Answer, error) {
		return s.teller.Void(ctx, c.desk, c.key, id)
	})
}

func (c *call) holdParam() (string, error) {
	id := c.Param("id")
	if !loyalty.HoldID(id).Valid() {
		return "", badParameter("id", "must be the id of a hold: 64 lower-case hex digits")
	}
	return id, nil
}
