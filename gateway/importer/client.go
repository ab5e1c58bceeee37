package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zegel/zegel/gateway/teller"
)

// Chain is one chain's gateway: where it answers and the key to use there.
type Chain struct {
	Name string
	MSP  string
	URL  string // http://host:port, without a trailing slash
	Key  string // an API key that may speak for every store of the chain
}

// Refusal is an answer that no repetition will change.
type Refusal struct {
	Status int    // HTTP
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error is the code and the sentence that came with it.
func (r *Refusal) Error() string { return fmt.Sprintf("%s (%d): %s", r.Code, r.Status, r.Detail) }

const (
	maxAnswer   = 1 << 20
	firstPause  = 50 * time.Millisecond
	longestWait = 2 * time.Second
)

// client sends one request until it is answered for good or patience runs out.
type client struct {
	http     *http.Client
	patience time.Duration // how long one request is repeated while its gateway is away
}

// post sends body to path under key and returns the final answer. A lost line, a busy gateway and an
// answer that is still pending are all met with the same request again: the key makes that safe.
func (c *client) post(ctx context.Context, chain Chain, path, key string, body any) (teller.Answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return teller.Answer{}, err
	}
	var answer teller.Answer
	err = c.repeat(ctx, func() (bool, error) {
		answer = teller.Answer{}
		status, err := c.call(ctx, chain, http.MethodPost, path, key, text, &answer)
		return status == http.StatusAccepted, err
	})
	return answer, err
}

// get reads path into answer.
func (c *client) get(ctx context.Context, chain Chain, path string, answer any) error {
	return c.repeat(ctx, func() (bool, error) {
		_, err := c.call(ctx, chain, http.MethodGet, path, "", nil, answer)
		return false, err
	})
}

// repeat calls do until it neither fails in a way that may heal nor asks to be called again.
func (c *client) repeat(ctx context.Context, do func() (again bool, err error)) error {
	deadline := time.Now().Add(c.patience)
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		again, err := do()
		var refusal *Refusal
		switch {
		case err == nil && !again:
			return nil
		case errors.As(err, &refusal) && !mayHeal(refusal):
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("no final answer within %s: %w", c.patience, orPending(err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

var errPending = errors.New("the outcome is still pending")

func orPending(err error) error {
	if err == nil {
		return errPending
	}
	return err
}

func mayHeal(r *Refusal) bool {
	return r.Status >= 500 || r.Status == http.StatusTooManyRequests || r.Code == "idempotency_key_in_use"
}

func (c *client) call(ctx context.Context, chain Chain, method, path, key string, body []byte, answer any) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, chain.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+chain.Key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, err
	}
	if response.StatusCode >= 300 {
		return response.StatusCode, refusalOf(response.StatusCode, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return 0, fmt.Errorf("%s answered something that is not JSON: %w", chain.Name, err)
	}
	return response.StatusCode, nil
}

func refusalOf(status int, text []byte) error {
	refusal := Refusal{}
	if json.Unmarshal(text, &refusal) != nil || refusal.Code == "" {
		refusal.Code, refusal.Detail = "http_"+strconv.Itoa(status), strings.TrimSpace(string(text))
	}
	refusal.Status = status
	return &refusal
}
