package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"
)

// readBody is the body, at most limit bytes. A body that announces more is refused before a byte
// of it is read, one that turns out longer as soon as the limit is passed.
func readBody(c *gin.Context, limit int64) ([]byte, error) {
	if c.Request.ContentLength > limit {
		return nil, tooLarge(c, limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var beyond *http.MaxBytesError
	if errors.As(err, &beyond) {
		return nil, tooLarge(c, limit)
	}
	if err != nil {
		c.Header("Connection", "close")
		return nil, problem(codeInvalidRequest, "The body did not arrive whole.")
	}
	return body, nil
}

func tooLarge(c *gin.Context, limit int64) *Problem {
	c.Header("Connection", "close") // what is still under way is not worth reading
	return problem(codeBodyTooLarge, "A body has at most %d bytes.", limit)
}

// checkMedia accepts application/json in UTF-8, uncompressed: a compressed body could unfold to
// more than the limit.
func checkMedia(h http.Header) error {
	media, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	if err != nil || media != "application/json" || (charset != "" && charset != "utf-8") || len(h.Values("Content-Type")) != 1 {
		return problem(codeUnsupportedMedia, "The body must be application/json in UTF-8.")
	}
	if coding := h.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return problem(codeUnsupportedMedia, "The body must not be compressed.")
	}
	return nil
}

// decode reads body strictly into the request that into points to.
func decode(body []byte, into any) faults {
	n, fault := parse(body)
	if fault != nil {
		return faults{*fault}
	}
	var found faults
	found.bind(n, reflect.ValueOf(into).Elem(), "")
	return found
}

// invalid is the problem of a request whose form is wrong.
func invalid(found faults) *Problem {
	p := problem(codeInvalidRequest, "The request is not formed as it should be; errors says where.")
	p.Errors = found
	return p
}
