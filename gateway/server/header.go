package server

import (
	"strings"

	"github.com/gin-gonic/gin"
)

// What a browser may do with an answer. The API is never a page; the page loads nothing from
// elsewhere, runs no inline script, and is framed by nobody.
const (
	apiPolicy  = "default-src 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

// harden sets the security headers of every answer.
func (s *Server) harden(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Content-Security-Policy", apiPolicy)
	h.Set("Cache-Control", "no-store")
	if c.Request.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	if path := c.FullPath(); path == "/" || strings.HasPrefix(path, "/assets/") {
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Cache-Control", "no-cache") // kept, but asked for again: see page.go
	}
	c.Next()
}
