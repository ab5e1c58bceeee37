package server

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
)

// What a request id and a W3C trace context look like. A request id goes into logs as it is, so it
// must not be able to carry a phone or card number: digits alone are not accepted.
var (
	requestForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
	digitsAlone = regexp.MustCompile(`^[0-9_-]*$`)
	traceForm   = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$`)
)

// The keys under which the gates leave things for each other on a request.
const (
	noteRequest = "zegel.request" // request id
	noteTrace   = "zegel.trace"   // trace id
	noteKey     = "zegel.key"     // public id of the API key
	noteCode    = "zegel.code"    // code of the problem answered
)

// trace takes the caller's request id and trace context, or makes them, and gives both back.
func trace(c *gin.Context) {
	request := c.GetHeader("X-Request-Id")
	if !requestForm.MatchString(request) || digitsAlone.MatchString(request) {
		request = randomHex(16)
	}
	traceID, flags := randomHex(16), "00"
	if m := traceForm.FindStringSubmatch(c.GetHeader("Traceparent")); m != nil && !zero(m[1]) && !zero(m[2]) {
		traceID, flags = m[1], m[3]
	}
	c.Set(noteRequest, request)
	c.Set(noteTrace, traceID)
	c.Header("X-Request-Id", request)
	c.Header("Traceparent", "00-"+traceID+"-"+randomHex(8)+"-"+flags)
	c.Next()
}

func zero(hexDigits string) bool { return strings.Trim(hexDigits, "0") == "" }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b)
}
