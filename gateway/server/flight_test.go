package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/server"
)

const aRedemption = `{"member":"` + theMember + `","points":1}`

// redeem sends a redemption under key; ctx is the life of the line.
func redeem(ctx context.Context, w *world, key string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/redemptions", strings.NewReader(aRedemption))
	request.Header.Set("Authorization", "Bearer "+w.tokens["till"])
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(response, request)
	return response
}

// held makes the teller wait inside a call until release is called.
func held(w *world) (entered <-chan struct{}, release func()) {
	in, out := make(chan struct{}, 8), make(chan struct{})
	w.teller.during = func(ctx context.Context) {
		in <- struct{}{}
		select {
		case <-out:
		case <-ctx.Done():
		}
	}
	return in, func() { close(out) }
}

func wantProblem(t *testing.T, response *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var p answeredProblem
	mustJSON(t, response.Body.Bytes(), &p)
	if response.Code != status || p.Code != code {
		t.Errorf("answered %d %s and not %d %s", response.Code, p.Code, status, code)
	}
}

func TestASecondRequestUnderTheSameKeyIsToldToWait(t *testing.T) {
	w := newWorld(t)
	entered, release := held(w)
	first := make(chan *httptest.ResponseRecorder, 1)
	go func() { first <- redeem(t.Context(), w, "key-0000-0000-0000") }()
	<-entered
	second := redeem(t.Context(), w, "key-0000-0000-0000")
	wantProblem(t, second, http.StatusConflict, "idempotency_key_in_use")
	if second.Header().Get("Retry-After") != "1" {
		t.Error("it is not told how long")
	}
	other := make(chan *httptest.ResponseRecorder, 1)
	go func() { other <- redeem(t.Context(), w, "another-key-0000001") }()
	<-entered
	release()
	if got := (<-first).Code; got != http.StatusCreated {
		t.Errorf("the first was answered %d", got)
	}
	if got := (<-other).Code; got != http.StatusCreated {
		t.Errorf("another key was answered %d", got)
	}
	w.teller.during = nil
	if got := redeem(t.Context(), w, "key-0000-0000-0000").Code; got != http.StatusCreated {
		t.Errorf("the key was not let go: %d", got)
	}
}

func TestATillThatHangsUpDoesNotStopAWrite(t *testing.T) {
	w := newWorld(t)
	var ended error
	ctx, hangUp := context.WithCancel(t.Context())
	w.teller.during = func(inside context.Context) {
		hangUp()
		ended = inside.Err()
	}
	redeem(ctx, w, "key-0000-0000-0000")
	if ended != nil {
		t.Errorf("the work was stopped: %v", ended)
	}
}

func TestAWriteThatTakesTooLongIsPending(t *testing.T) {
	limits := server.DefaultLimits()
	limits.AnswerWithin = time.Millisecond
	w := newWorld(t, func(c *server.Config) { c.Limits = &limits })
	w.teller.mood = "late"
	w.teller.during = func(ctx context.Context) { <-ctx.Done() }
	response := redeem(t.Context(), w, "key-0000-0000-0000")
	if response.Code != http.StatusAccepted || response.Header().Get("Location") != "/v1/operations/"+theOperation {
		t.Errorf("answered %d: %s", response.Code, response.Body)
	}
}

// TestAWriteThatNeverBeganIsNotPending: a till that hears 202 must ask; one that hears 503 knows that
// nothing was done.
func TestAWriteThatNeverBeganIsNotPending(t *testing.T) {
	for class, code := range map[string]string{"unavailable": "ledger_unavailable", "busy": "busy"} {
		w := newWorld(t)
		w.teller.set("never " + class)
		wantProblem(t, redeem(t.Context(), w, "key-0000-0000-0000"), http.StatusServiceUnavailable, code)
	}
}

func TestMoreRequestsThanFitAreTurnedAway(t *testing.T) {
	limits := server.DefaultLimits()
	limits.AtOnce = 1
	w := newWorld(t, func(c *server.Config) { c.Limits = &limits })
	entered, release := held(w)
	first := make(chan *httptest.ResponseRecorder, 1)
	go func() { first <- redeem(t.Context(), w, "key-0000-0000-0000") }()
	<-entered
	wantProblem(t, redeem(t.Context(), w, "another-key-0000001"), http.StatusServiceUnavailable, "busy")
	health := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(health, httptest.NewRequest(http.MethodGet, "/livez", nil))
	if health.Code != http.StatusOK {
		t.Errorf("a full gateway says it is dead: %d", health.Code)
	}
	release()
	<-first
}

func TestLimitsThatCannotHoldAreRefused(t *testing.T) {
	for title, change := range map[string]func(*server.Limits){
		"no time":                          func(l *server.Limits) { l.HeaderWithin = 0 },
		"no room":                          func(l *server.Limits) { l.AtOnce = 0 },
		"an answer after the line is cut":  func(l *server.Limits) { l.AnswerWithin = l.WriteWithin },
		"a drain that ended before it was": func(l *server.Limits) { l.DrainFor = -1 },
	} {
		t.Run(title, func(t *testing.T) {
			limits := server.DefaultLimits()
			change(&limits)
			w := newWorld(t)
			if _, err := server.New(server.Config{Teller: w.teller, Keys: w.keys, Limits: &limits}); err == nil {
				t.Error("accepted")
			}
		})
	}
}
