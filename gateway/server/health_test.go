package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/zegel/zegel/gateway/server"
)

func TestReadinessExplains(t *testing.T) {
	away := errors.New("no peer answers")
	for _, c := range []struct {
		title  string
		probe  server.Probe
		status int
		has    string
	}{
		{"all is well", server.Probe{Name: "ledger", Vital: true, Check: func(context.Context) error { return nil }},
			http.StatusOK, `{"name":"ledger","status":"pass"}`},
		{"what can wait is a warning", server.Probe{Name: "ledger", Check: func(context.Context) error { return away }},
			http.StatusOK, `{"name":"ledger","status":"warn","detail":"no peer answers"}`},
		{"what cannot wait is a failure", server.Probe{Name: "ledger", Vital: true, Check: func(context.Context) error { return away }},
			http.StatusServiceUnavailable, `{"name":"ledger","status":"fail","detail":"no peer answers"}`},
	} {
		t.Run(c.title, func(t *testing.T) {
			w := newWorld(t, func(config *server.Config) { config.Probes = []server.Probe{c.probe} })
			response := ask(t, w, "/readyz")
			if response.Code != c.status || !strings.Contains(response.Body.String(), c.has) {
				t.Errorf("answered %d %s", response.Code, response.Body)
			}
		})
	}
}

func TestAskingOftenDoesNotProbeOften(t *testing.T) {
	var probed atomic.Int64
	w := newWorld(t, func(config *server.Config) {
		config.Probes = []server.Probe{{Name: "ledger", Check: func(context.Context) error { probed.Add(1); return nil }}}
	})
	for range 50 {
		ask(t, w, "/readyz")
	}
	if n := probed.Load(); n > 5 {
		t.Errorf("probed %d times", n)
	}
}

func TestThePageIsNotSentTwice(t *testing.T) {
	w := newWorld(t)
	first := ask(t, w, "/")
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(second, request)
	if second.Code != http.StatusNotModified || second.Body.Len() != 0 {
		t.Errorf("answered %d with %d bytes", second.Code, second.Body.Len())
	}
}

func TestAServerWithoutAPageHasNothingAtTheRoot(t *testing.T) {
	w := newWorld(t, func(config *server.Config) { config.Web = nil })
	wantProblem(t, ask(t, w, "/"), http.StatusNotFound, "no_such_route")
}

// ask sends a GET without a key and checks the answer against the contract.
func ask(t *testing.T, w *world, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	response := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(response, request)
	conform(t, request, nil, response)
	return response
}
