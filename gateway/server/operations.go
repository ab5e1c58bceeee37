package server

import (
	"context"
	"net/http"

	"github.com/zegel/zegel/gateway/teller"
)

// operation is GET /v1/operations/{id}: what became of it. A refusal is data here, not a problem:
// the question was answered.
func (s *Server) operation(c *call) error {
	id, err := c.operationParam()
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	answer, err := s.teller.Operation(ctx, c.desk, id)
	if err != nil {
		return about(problemOf(err), id)
	}
	return c.report(http.StatusOK, answer)
}

// cancel is POST /v1/operations/{id}/cancel: whatever was sent under that key shall not happen. The
// answer says whether it came in time: cancelled, or the outcome that was there first.
func (s *Server) cancel(c *call) error {
	id, err := c.operationParam()
	if err != nil {
		return err
	}
	if err := c.readOptional(new(struct{}), unchecked); err != nil {
		return err
	}
	var answer teller.Answer
	err = c.patiently(func(ctx context.Context) (err error) {
		answer, err = s.teller.Cancel(ctx, c.desk, id)
		return err
	})
	switch {
	case err != nil && outOfTime(err):
		return c.pending(teller.Answer{Operation: id, Kind: "cancel"})
	case err != nil:
		return about(problemOf(err), id)
	}
	return c.report(http.StatusOK, answer)
}

// report answers with an operation as it stands.
func (c *call) report(status int, answer teller.Answer) error {
	if answer.Status != statusPending {
		return c.json(status, answer)
	}
	if c.Request.Method == http.MethodGet {
		c.Header("Retry-After", "1")
		return c.json(status, pending{answer.Operation, answer.Kind, statusPending})
	}
	return c.pending(answer)
}
