package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// observe writes one log line and one measurement per request. The line says which route, how it
// ended, how long it took and whose API key it was; it never holds the path as sent, the query, a
// body, a member reference or anything else that could lead to a person.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	s.metrics.inFlight.Inc()
	defer func() {
		s.metrics.inFlight.Dec()
		took := time.Since(start)
		route, code := routeOf(c), c.GetString(noteCode)
		s.metrics.saw(c.Request.Method, route, c.Writer.Status(), code, took)
		s.log.LogAttrs(c.Request.Context(), level(route), "request",
			slog.String("method", methodOf(c.Request.Method)), slog.String("route", route),
			slog.Int("status", c.Writer.Status()), slog.String("code", code),
			slog.Int64("ms", took.Milliseconds()), slog.String("key", c.GetString(noteKey)),
			slog.String("request", c.GetString(noteRequest)), slog.String("trace", c.GetString(noteTrace)))
	}()
	c.Next()
}

// routeOf is the template of the route, so that ids stay out of logs and metrics.
func routeOf(c *gin.Context) string {
	if route := c.FullPath(); route != "" {
		return route
	}
	return "none"
}

// methodOf bounds what a caller can make us write down: a method is any word.
func methodOf(method string) string {
	switch method {
	case "GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS":
		return method
	}
	return "other"
}

// level keeps what a machine asks every few seconds out of the ordinary log.
func level(route string) slog.Level {
	if strings.HasPrefix(route, "/v1/") || route == "none" {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// recovered answers a panic with a 500. What was panicked with may hold anything, personal data
// too, so only an error of the runtime is logged in words; of everything else the type.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler {
			panic(cause) // not an accident: somebody wants the line cut
		}
		s.log.Error("panic", "cause", describe(cause), "route", routeOf(c),
			"request", c.GetString(noteRequest), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		s.fail(c, internal(nil))
	}()
	c.Next()
}

func describe(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}

// fail answers with the problem that err is, and keeps what is behind an internal one in the log.
func (s *Server) fail(c *gin.Context, err error) {
	p := *problemOf(err)
	if p.Instance == "" {
		p.Instance = "urn:zegel:request:" + c.GetString(noteRequest)
	}
	if cause := errors.Unwrap(&p); cause != nil {
		s.log.Error("internal", "cause", cause, "route", routeOf(c),
			"request", c.GetString(noteRequest), "instance", p.Instance)
	}
	if after := p.retryHeader(); after != "" {
		c.Header("Retry-After", after)
	}
	if p.Code == codeUnauthenticated {
		c.Header("WWW-Authenticate", `Bearer realm="zegel"`)
	}
	c.Set(noteCode, string(p.Code))
	if err := writeJSON(c, p.Status, "application/problem+json", p); err != nil {
		s.log.Error("a problem cannot be written", "cause", err)
	}
	c.Abort()
}
