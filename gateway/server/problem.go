package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// problemTypes is where a problem's type leads: one anchor per code.
const problemTypes = "https://github.com/zegel/zegel/blob/main/docs/errors.md#"

// Problem is an RFC 9457 problem: the body of every answer that is not what was asked for. Code is
// stable and for programs, Detail is a sentence for people and may change.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	Code      loyalty.Code `json:"code"`
	Retryable bool         `json:"retryable"`
	// Instance names this occurrence: the operation if there is one, otherwise the request.
	Instance  string  `json:"instance"`
	Operation string  `json:"operation,omitempty"`
	Errors    []Fault `json:"errors,omitempty"`

	retryAfter time.Duration // sent as Retry-After, in whole seconds rounded up
	cause      error         // for the log alone: never rendered
}

// Fault is one thing wrong with a request: Pointer (RFC 6901) says where in the body, Parameter
// which part of the path or query.
type Fault struct {
	Pointer   *string `json:"pointer,omitempty"`
	Parameter string  `json:"parameter,omitempty"`
	Detail    string  `json:"detail"`
}

// problem makes a Problem of a code that the server or the rules declare. An undeclared code is a
// mistake of ours and becomes internal.
func problem(code loyalty.Code, format string, args ...any) *Problem {
	detail := fmt.Sprintf(format, args...)
	v, ok := verdictOf(code)
	if !ok {
		return internal(fmt.Errorf("undeclared code %q: %s", code, detail))
	}
	p := &Problem{
		Type: problemTypes + string(code), Title: titleOf(code), Status: v.status,
		Detail: detail, Code: code, Retryable: v.retryable,
	}
	if p.Retryable {
		p.retryAfter = time.Second
	}
	return p
}

// internal hides cause from the caller and keeps it for the log.
func internal(cause error) *Problem {
	p := problem(codeInternal, "Something went wrong inside the gateway. The log has the details under this instance.")
	p.cause = cause
	return p
}

// Error makes a Problem something that an endpoint can return.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// Unwrap is what went wrong behind the problem, if anything did.
func (p *Problem) Unwrap() error { return p.cause }

// retryHeader is the value of Retry-After, or empty.
func (p *Problem) retryHeader() string {
	if p.retryAfter <= 0 {
		return ""
	}
	return strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds())))
}

// problemOf sorts every error that an endpoint can return. Nothing else maps errors.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var refusal *loyalty.Error
	if errors.As(err, &refusal) {
		return refused(refusal.Code, refusal.Message)
	}
	var classed interface{ Class() string }
	if errors.As(err, &classed) && classed.Class() == "busy" {
		return problem(codeBusy, "The gateway has more work than it can take. Nothing was done; send the same again.")
	}
	if classed != nil && classed.Class() == "unavailable" {
		return problem(codeUnavailable, "The ledger cannot be reached. Nothing was done; send the same again.")
	}
	if outOfTime(err) {
		return problem(codeUnavailable, "The ledger did not answer in time. Send the same again.")
	}
	return internal(err)
}

// refused is the problem of a refusal by the rules.
func refused(code loyalty.Code, message string) *Problem {
	if message == "" {
		message = titleOf(code) + "."
	}
	return problem(code, "%s", message)
}

// undecided reports whether err leaves open what became of a write. An error that has a class or a
// code says that nothing was done, even if it was a deadline that kept it from being done.
func undecided(err error) bool {
	var refusal *loyalty.Error
	var classed interface{ Class() string }
	return outOfTime(err) && !errors.As(err, &refusal) && !errors.As(err, &classed)
}

func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
