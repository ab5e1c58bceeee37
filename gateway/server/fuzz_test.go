package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
)

// FuzzDecode holds the strict decoder to the standard one: what it accepts, the standard one
// accepts with the same meaning, and what it makes of it reads back the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"member":"` + theMember + `","receipt":"1","businessTime":"2026-11-22T17:45:00+01:00","basket":{"currency":"EUR","total":1250,"lines":[{"sku":"a","quantity":1,"amount":1250}]}}`,
		`{"member":"","receipt":"","basket":{"currency":"","total":-1,"paidWithPoints":9007199254740991}}`,
		`{"member":1e3}`, `{"member":"a","member":"b"}`, `{"Member":"a"}`, `[`, ``, `null`, "\xff", `"\ud800"`, `{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}`,
		`{"basket":{"lines":[null]}}`, `{"receipt":"a\u0000b"}`, `{} {}`, `{"businessTime":"9999-12-31T23:59:59Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var strict teller.EarnRequest
		if faults := server.Decode(body, &strict); faults != "" {
			if !json.Valid([]byte(faults)) {
				t.Fatalf("faults that are not JSON: %s", faults)
			}
			return
		}
		var standard teller.EarnRequest
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&standard); err != nil {
			t.Fatalf("accepted what is not JSON of this shape: %v", err)
		}
		have, _ := json.Marshal(strict)
		want, _ := json.Marshal(standard)
		if !bytes.Equal(have, want) {
			t.Fatalf("understood %s and not %s", have, want)
		}
		var again teller.EarnRequest
		if faults := server.Decode(have, &again); faults != "" {
			t.Fatalf("does not understand its own words: %s in %s", faults, have)
		}
	})
}

// FuzzToken: whatever is sent as a key is taken apart into exactly what it was put together from,
// and only the one key opens the door.
func FuzzToken(f *testing.F) {
	w := newWorld(f)
	right := w.tokens["till"]
	for _, seed := range []string{right, right + " ", "zegel_", "zegel__", "zegel_key-till_", "zegel_key-till_AAAAAAAAAAAAAAAAAAAAAAAAAA", "Bearer", "\x00", strings.Repeat("a", 5000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if id, secret, ok := server.SplitToken(token); ok && "zegel_"+id+"_"+secret != token {
			t.Fatalf("%q was taken apart into %q and %q", token, id, secret)
		}
		if _, known := w.keys.Find(token); known != (token == right) && !isOneOf(w.tokens, token) {
			t.Fatalf("%q is known: %v", token, known)
		}
	})
}

func isOneOf(tokens map[string]string, token string) bool {
	for _, t := range tokens {
		if t == token {
			return true
		}
	}
	return false
}

// FuzzRequest: no header and no body makes the server panic or answer with something that is not
// in the contract.
func FuzzRequest(f *testing.F) {
	w := newWorld(f)
	f.Add("/v1/redemptions", "key-0000-0000-0000", "application/json", []byte(aRedemption))
	f.Add("/v1/operations/key:key-0000-0000-0000/cancel", "\"\"", "", []byte("{}"))
	f.Add("/v1/members", "key-0000-0000-0000", "application/json; charset=\"utf-8\"", []byte(`{"name":"Ada","email":"a@b.c"}`))
	f.Add("/v1/holds/%00/void", "", "a/b;c", []byte{0})
	f.Fuzz(func(t *testing.T, path, key, media string, body []byte) {
		if !strings.HasPrefix(path, "/") {
			return
		}
		request, err := http.NewRequest(http.MethodPost, "http://gateway.example"+path, bytes.NewReader(body))
		if err != nil {
			return
		}
		request.RemoteAddr = "192.0.2.1:1234"
		request.Header.Set("Authorization", "Bearer "+w.tokens["import"])
		request.Header.Set("Idempotency-Key", key)
		request.Header.Set("Content-Type", media)
		response := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(response, request)
		if response.Code >= http.StatusInternalServerError {
			t.Fatalf("answered %d: %s", response.Code, response.Body)
		}
		if response.Code >= http.StatusBadRequest {
			conformProblem(t, mustContract(t), response)
		}
	})
}
