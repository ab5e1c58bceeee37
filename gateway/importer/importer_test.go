package importer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/importer"
	"github.com/zegel/zegel/gateway/journal"
)

// shop is a gateway that remembers each key's answer and misbehaves in turn: it loses requests,
// loses answers it has given effect to, and is busy.
type shop struct {
	mu      sync.Mutex
	calls   int
	faulty  bool
	refuse  string // receipt number to refuse
	answers map[string]string
	order   map[string][]string // member -> receipts in the order they took effect
}

func newShop(t *testing.T, faulty bool) (*shop, importer.Chain) {
	s := &shop{faulty: faulty, answers: map[string]string{}, order: map[string][]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, importer.Chain{Name: "Shop", MSP: "ShopMSP", URL: server.URL, Key: "k"}
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	fault := 0
	if s.faulty {
		fault = s.calls % 7
	}
	if fault == 1 {
		panic(http.ErrAbortHandler)
	}
	if fault == 2 {
		problem(w, http.StatusServiceUnavailable, "busy")
		return
	}
	var body struct{ Member, Receipt, Email string }
	if json.NewDecoder(r.Body).Decode(&body) != nil && r.Method == http.MethodPost {
		problem(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if body.Receipt != "" && body.Receipt == s.refuse {
		problem(w, http.StatusUnprocessableEntity, "insufficient_points")
		return
	}
	key := r.Header.Get("Idempotency-Key")
	answer, again := s.answers[key]
	if !again {
		answer = s.take(body.Member, body.Receipt, body.Email)
		s.answers[key] = answer
	}
	if fault == 3 {
		panic(http.ErrAbortHandler) // it took effect, but the answer is lost
	}
	if fault == 4 {
		w.WriteHeader(http.StatusAccepted)
	}
	_, _ = fmt.Fprintf(w, answer, again)
}

func (s *shop) take(member, receipt, email string) string {
	if email != "" {
		return fmt.Sprintf(`{"member":"%032x","replayed":%%t}`, email[:5])
	}
	s.order[member] = append(s.order[member], receipt)
	return `{"status":"applied","replayed":%t}`
}

func problem(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"code":%q,"detail":"no"}`, code)
}

func options(t *testing.T, chain importer.Chain, events []journal.Event) importer.Options {
	return importer.Options{
		Chains: []importer.Chain{chain, chain, chain}, Events: events, StateDir: t.TempDir(), Concurrency: 16,
		Patience: 20 * time.Second, Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
}

func TestEveryEventTakesEffectOnceAndInOrder(t *testing.T) {
	events := journal.Generate(7, 200)
	shop, chain := newShop(t, true)
	o := options(t, chain, events)
	o.ShuffleSeed = 3
	result, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Refused != 0 || result.Done() != len(events) {
		t.Fatalf("not all events are done: %+v", result.Progress)
	}
	want := map[string][]string{}
	for _, e := range events {
		member := result.Members[e.Member]
		if e.Kind == journal.Redeem {
			continue // its receipt travels inside the sale
		}
		if e.Kind == journal.Return {
			member = ""
		}
		want[member] = append(want[member], e.Receipt)
	}
	for member, receipts := range want {
		if member == "" {
			continue
		}
		got := strings.Join(without(shop.order[member], ""), " ")
		if got != strings.Join(receipts, " ") {
			t.Fatalf("member %s: receipts took effect as %s, want %v", member, got, receipts)
		}
	}
	total := 0
	for _, receipts := range shop.order {
		total += len(receipts)
	}
	if total != len(events) {
		t.Fatalf("%d effects for %d events", total, len(events))
	}
}

func without(list []string, drop string) []string {
	var kept []string
	for _, s := range list {
		if s != drop {
			kept = append(kept, s)
		}
	}
	return kept
}

func TestAFinishedImportRepeatsEverythingAtTheSameBusinessTime(t *testing.T) {
	events := journal.Generate(7, 50)
	_, chain := newShop(t, false)
	o := options(t, chain, events)
	if _, err := importer.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Now = o.Now.Add(48 * time.Hour)
	again, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if again.Replayed != len(events) || again.Applied != 0 {
		t.Fatalf("the repetition was not all replays: %+v", again.Progress)
	}
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	events := journal.Generate(7, 100)
	_, chain := newShop(t, false)
	o := options(t, chain, events)
	ctx, stop := context.WithCancel(t.Context())
	o.Progress = func(p importer.Progress) {
		if p.Done() == 40 {
			stop()
		}
	}
	if _, err := importer.Run(ctx, o); err == nil {
		t.Fatal("an interrupted import reports success")
	}
	o.Progress = nil
	result, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Skipped < 40 || result.Done() != len(events) {
		t.Fatalf("the second run did not go on where the first stopped: %+v", result.Progress)
	}
}

func TestRefusalsAreCountedAndNamed(t *testing.T) {
	events := journal.Generate(7, 20)
	shop, chain := newShop(t, false)
	shop.refuse = events[4].Receipt
	result, err := importer.Run(t.Context(), options(t, chain, events))
	if err != nil {
		t.Fatal(err)
	}
	if result.Refused != 1 || !strings.Contains(result.Refusals[0].Error(), "insufficient_points") {
		t.Fatalf("the refusal is not reported: %+v %v", result.Progress, result.Refusals)
	}
}

func TestAGatewayThatStaysAwayEndsTheImport(t *testing.T) {
	o := options(t, importer.Chain{Name: "Gone", URL: "http://127.0.0.1:1"}, journal.Generate(7, 5))
	o.Patience = 100 * time.Millisecond
	if _, err := importer.Run(t.Context(), o); err == nil {
		t.Fatal("an import without a gateway reports success")
	}
}

func TestOptionsAreBounded(t *testing.T) {
	_, chain := newShop(t, false)
	o := options(t, chain, journal.Generate(7, 5))
	o.Concurrency = importer.MaxConcurrency + 1
	if _, err := importer.Run(t.Context(), o); err == nil {
		t.Fatal("a concurrency above the limit is accepted")
	}
	o.Concurrency, o.Chains = 1, o.Chains[:1]
	if _, err := importer.Run(t.Context(), o); err == nil {
		t.Fatal("events of a chain that is not there are accepted")
	}
}
