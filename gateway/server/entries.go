package server

import (
	"net/http"
	"net/url"
	"strconv"
)

// The sizes of a page of entries.
const (
	defaultPage = 50
	maxPage     = 200
	maxCursor   = 256 // bytes
)

// entries is GET /v1/members/{id}/entries: a member's statement, newest first, page by page.
func (s *Server) entries(c *call) error {
	member, err := c.memberParam()
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	if len(cursor) > maxCursor {
		return badParameter("cursor", "must be the next of an earlier page")
	}
	limit, err := pageSize(c.Query("limit"))
	if err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	page, err := s.teller.Entries(ctx, c.desk, member, cursor, limit)
	if err != nil {
		return err
	}
	if page.Next != "" {
		next := url.Values{"cursor": {page.Next}, "limit": {strconv.Itoa(limit)}}
		c.Header("Link", "<"+c.Request.URL.Path+"?"+next.Encode()+`>; rel="next"`)
	}
	return c.json(http.StatusOK, page)
}

func pageSize(text string) (int, error) {
	if text == "" {
		return defaultPage, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxPage {
		return 0, badParameter("limit", "must be 1 to %d", maxPage)
	}
	return limit, nil
}
