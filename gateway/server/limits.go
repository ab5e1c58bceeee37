package server

import (
	"errors"
	"time"
)

// Limits is every bound that a caller can run into, apart from the rate of an API key, which stands
// in the keys file.
type Limits struct {
	HeaderWithin time.Duration // to send the header
	BodyWithin   time.Duration // to send the whole request
	WriteWithin  time.Duration // from the end of the header to the end of the answer
	IdleFor      time.Duration // between two requests on one line
	HeaderBytes  int
	BodyBytes    int64
	AtOnce       int           // API requests in at once
	AnswerWithin time.Duration // for the teller; then a write is pending and a read is unavailable
	DrainFor     time.Duration // from "not ready" to refusing new lines, for load balancers to notice
	FinishWithin time.Duration // for requests under way when the server stops
}

// DefaultLimits suits tills on a shop's line behind a load balancer. A body has room for the largest
// basket that the rules take: 1,000 lines of some 200 bytes.
func DefaultLimits() Limits {
	return Limits{
		HeaderWithin: 5 * time.Second, BodyWithin: 15 * time.Second, WriteWithin: 30 * time.Second, IdleFor: 2 * time.Minute,
		HeaderBytes: 16 << 10, BodyBytes: 256 << 10, AtOnce: 256,
		AnswerWithin: 10 * time.Second, DrainFor: 5 * time.Second, FinishWithin: 15 * time.Second,
	}
}

// check refuses limits under which the server could not keep its word. DrainFor may be 0.
func (l Limits) check() error {
	for _, d := range []time.Duration{l.HeaderWithin, l.BodyWithin, l.WriteWithin, l.IdleFor, l.AnswerWithin, l.FinishWithin} {
		if d <= 0 {
			return errors.New("every limit of time must be positive")
		}
	}
	if l.HeaderBytes <= 0 || l.BodyBytes <= 0 || l.AtOnce <= 0 || l.DrainFor < 0 {
		return errors.New("every limit of size must be positive")
	}
	if l.AnswerWithin >= l.WriteWithin {
		return errors.New("the teller must answer before the line is cut: AnswerWithin must be less than WriteWithin")
	}
	return nil
}
