package server

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/zegel/zegel/gateway/teller"
)

// admit lets a bounded number of requests in at once. Whoever comes after that is told at once
// rather than kept in a queue that only grows.
func (s *Server) admit(c *gin.Context) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		c.Next()
	default:
		s.fail(c, problem(codeBusy, "Too many requests at once. Nothing was done; send the same again."))
	}
}

// guard is the way to an endpoint of the API: who is asking, may they, and is the request addressed
// properly. What it refuses, the endpoint never sees.
func (s *Server) guard(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		call, err := s.identify(c, r)
		if err == nil {
			err = r.serve(s, call)
		}
		if err != nil {
			s.fail(c, err)
		}
	}
}

func (s *Server) identify(c *gin.Context, r route) (*call, error) {
	holder, err := s.authenticate(c.Request.Header)
	if err != nil {
		return nil, err
	}
	c.Set(noteKey, holder.key.ID)
	if err := within(holder); err != nil {
		return nil, err
	}
	if !slices.Contains(r.roles, holder.key.Role) {
		return nil, problem(codeNotPermitted, "The role %s of this API key may not do this.", holder.key.Role)
	}
	if err := checkQuery(c.Request.URL.Query(), r.query); err != nil {
		return nil, err
	}
	k := holder.key
	made := &call{Context: c, server: s, holder: k, desk: teller.Desk{Key: k.ID, Role: string(k.Role), Store: k.Store, Terminal: k.Terminal}}
	if r.keyed {
		made.key, err = idempotencyKey(c.Request.Header)
	}
	return made, err
}

// authenticate finds the key that the request carries. The answer is the same for a key that is
// missing, malformed, unknown, wrong or disabled: it must not help to guess.
func (s *Server) authenticate(h http.Header) (*entry, error) {
	values := h.Values("Authorization")
	if len(values) == 1 {
		scheme, token, _ := strings.Cut(values[0], " ")
		if holder, ok := s.keys.find(token); ok && strings.EqualFold(scheme, "Bearer") {
			return holder, nil
		}
	}
	return nil, problem(codeUnauthenticated, "This needs an API key that is in force: Authorization: Bearer zegel_….")
}

// within takes one request from the key's bucket.
func within(holder *entry) error {
	reservation := holder.bucket.Reserve()
	wait := reservation.Delay()
	if wait == 0 {
		return nil
	}
	reservation.Cancel()
	p := problem(codeRateLimited, "This API key sends more than %v requests a second. Nothing was done; send the same again later.", float64(holder.bucket.Limit()))
	p.retryAfter = time.Duration(math.Max(float64(wait), float64(time.Second)))
	return p
}
