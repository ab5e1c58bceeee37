package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever a caller sends, these must never be in a log or a metric.
var canaries = []string{"Canary", "31699999999", "canary@", "canary-receipt", "CANARYSKU", theMember, theOther, "canary-store", "secret-host-of-nobody"}

func TestNoPersonalDataReachesTheLogOrTheMetrics(t *testing.T) {
	w := newWorld(t)
	moods := []string{"applied", "pending", "refused member_unknown Canary", "refusal identifier_taken Canary canary@example.org", "error busy", "late", "panic"}
	sale := `"store":"canary-store","terminal":"1","receipt":"canary-receipt","businessTime":"2026-11-22T17:45:00Z"`
	requests := [][2]string{
		{"POST /v1/members", `{"name":"Canary","phone":"+31699999999","email":"canary@example.org"}`},
		{"POST /v1/members", `{"name":"Canary","phone":"31699999999","Canary":1}`},
		{"POST /v1/lookups", `{"phone":"+31699999999"}`},
		{"POST /v1/earns", `{"member":"` + theMember + `",` + sale + `,"basket":{"currency":"EUR","total":1,"lines":[{"sku":"CANARYSKU","quantity":1,"amount":1}]}}`},
		{"POST /v1/transfers", `{"from":"` + theMember + `","to":"` + theOther + `","points":1}`},
		{"GET /v1/members/" + theMember + "/account", ""},
		{"GET /v1/members/" + theMember + "/profile", ""},
		{"GET /v1/members/31699999999/account?email=canary@example.org", ""},
		{"GET /canary@example.org", ""},
		{"CANARY /v1/earns", ""},
		{"POST /v1/holds/" + theMember + theOperation + "/void", ""},
	}
	for _, mood := range moods {
		for _, r := range requests {
			w.teller.set(mood)
			method, path, _ := strings.Cut(r[0], " ")
			request := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(r[1]))
			request.Header.Set("Authorization", "Bearer "+w.tokens["import"])
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Idempotency-Key", "key-31699999999-Canary")
			request.Header.Set("X-Request-Id", "0000031699999999")
			request.Header.Set("User-Agent", "Canary")
			w.server.Handler().ServeHTTP(httptest.NewRecorder(), request)
		}
	}
	metrics := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	written := w.log.String() + metrics.Body.String()
	for _, canary := range append(canaries, w.tokens["import"]) {
		if strings.Contains(strings.ToLower(written), strings.ToLower(canary)) {
			t.Errorf("%q was written down", canary)
		}
	}
	for _, want := range []string{`"route":"/v1/members/:id/account"`, `"key":"key-import"`, `"route":"none"`, `"code":"member_unknown"`, `"msg":"panic"`} {
		if !strings.Contains(written, want) {
			t.Errorf("%s was not written down", want)
		}
	}
}

func TestWhatIsBehindAnInternalErrorIsInTheLogUnderItsInstance(t *testing.T) {
	w := newWorld(t)
	w.teller.set("broken")
	response := askAs(w, http.MethodGet, "/v1/terms", w.tokens["till"])
	var p struct {
		Instance string `json:"instance"`
	}
	mustJSON(t, response.Body.Bytes(), &p)
	for line := range strings.SplitSeq(w.log.String(), "\n") {
		if strings.Contains(line, "has no disk left") && strings.Contains(line, p.Instance) {
			return
		}
	}
	t.Errorf("the cause is not logged under %s", p.Instance)
}
