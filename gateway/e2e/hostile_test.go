package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/teller"
)

// TestHostileRequests sends what no till should, and looks afterwards that nothing has changed.
func TestHostileRequests(t *testing.T) {
	d, other := tillOf(t, 0), tillOf(t, 1)
	member := d.enrol()
	bought := sale()
	d.earn(member, bought, 10_000)
	held := d.post("/v1/holds", teller.HoldRequest{Member: member, Points: 10}).answer(t)
	d.post("/v1/holds/"+held.Hold+"/capture", teller.CaptureRequest{}).answer(t)
	before := d.account(member)

	const stranger = "0123456789abcdef0123456789abcdef"
	earn := func(change func(*teller.EarnRequest)) teller.EarnRequest {
		r := teller.EarnRequest{Member: member, Sale: sale(), Basket: basket(1_000)}
		change(&r)
		return r
	}
	at := func(offset time.Duration) teller.EarnRequest {
		return earn(func(r *teller.EarnRequest) { r.BusinessTime = time.Now().Add(offset) })
	}
	raw := func(basket string) string {
		return `{"member":"` + member + `","receipt":"` + fresh("raw") + `","businessTime":"` + time.Now().UTC().Format(time.RFC3339) + `","basket":` + basket + `}`
	}
	whole := teller.ReturnRequest{Sale: sale(), Original: bought, Amount: 10_001}
	for _, c := range []struct {
		name, path string
		body       any
		status     int
		code       string
	}{
		{"a negative total", "/v1/earns", raw(`{"currency":"EUR","total":-100}`), 400, ""},
		{"a total beyond every integer", "/v1/earns", raw(`{"currency":"EUR","total":99999999999999999999}`), 400, ""},
		{"a total beyond the limit", "/v1/earns", raw(`{"currency":"EUR","total":9007199254740991}`), 400, ""},
		{"a fraction of a cent", "/v1/earns", raw(`{"currency":"EUR","total":10.5}`), 400, "invalid_request"},
		{"an exponent", "/v1/earns", raw(`{"currency":"EUR","total":1e3}`), 400, "invalid_request"},
		{"points from the till", "/v1/earns", raw(`{"currency":"EUR","total":100,"points":9999}`), 400, "invalid_request"},
		{"the same field twice", "/v1/earns", raw(`{"currency":"EUR","total":100,"total":99999}`), 400, "invalid_request"},
		{"half a body", "/v1/earns", raw(`{"currency":"EUR"`), 400, "invalid_request"},
		{"lines that do not add up", "/v1/earns", raw(`{"currency":"EUR","total":100,"lines":[{"sku":"a","quantity":1,"amount":99}]}`), 400, "lines_must_sum_to_total"},
		{"another currency", "/v1/earns", raw(`{"currency":"USD","total":100}`), 422, "currency_mismatch"},
		{"a member that nobody enrolled", "/v1/earns", earn(func(r *teller.EarnRequest) { r.Member = stranger }), 404, "member_unknown"},
		{"a sale in an hour", "/v1/earns", at(time.Hour), 422, "business_time_in_future"},
		{"a sale of thirty days ago", "/v1/earns", at(-30 * 24 * time.Hour), 422, "business_time_too_old"},
		{"another till's sale", "/v1/earns", earn(func(r *teller.EarnRequest) { r.Store, r.Terminal = "s99", "t9" }), 403, "not_permitted"},
		{"redeeming -100", "/v1/redemptions", teller.RedeemRequest{Member: member, Points: -100}, 400, ""},
		{"redeeming nothing", "/v1/redemptions", teller.RedeemRequest{Member: member}, 400, ""},
		{"redeeming too much", "/v1/redemptions", teller.RedeemRequest{Member: member, Points: 1_000_000}, 422, "insufficient_points"},
		{"transferring -100", "/v1/transfers", teller.TransferRequest{From: member, To: stranger, Points: -100}, 400, ""},
		{"a hold captured twice", "/v1/holds/" + held.Hold + "/capture", teller.CaptureRequest{}, 409, "hold_already_captured"},
		{"a captured hold voided", "/v1/holds/" + held.Hold + "/void", struct{}{}, 409, "hold_already_captured"},
		{"more back than was sold", "/v1/returns", whole, 422, "return_exceeds_sale"},
		{"a sale that never was, back", "/v1/returns", teller.ReturnRequest{Sale: sale(), Original: sale(), Amount: 1}, 404, "receipt_unknown"},
		{"a megabyte", "/v1/earns", `{"member":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "body_too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			agent := d
			agent.t = t
			if strings.HasPrefix(c.path, "/v1/transfers") {
				agent = agent.as(d.chain.Keys.Agent)
			}
			r := agent.post(c.path, c.body)
			if r.Status != c.status || (c.code != "" && r.code() != c.code) {
				t.Errorf("HTTP %d %s, want %d %s: %s", r.Status, r.code(), c.status, c.code, r.Body)
			}
			if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
				t.Errorf("a refusal of type %q", kind)
			}
		})
	}
	if r := other.post("/v1/returns", teller.ReturnRequest{Sale: sale(), Original: bought, Amount: 100}); r.Status != 404 {
		t.Errorf("another chain takes the sale back: %d %s", r.Status, r.Body)
	}
	after := d.account(member)
	if after.Balance != before.Balance || len(after.Lots) != len(before.Lots) || after.Issuers[0] != before.Issuers[0] {
		t.Errorf("something changed: before %+v, after %+v", before, after)
	}
}

// TestKeysAndRoles uses the wrong keys.
func TestKeysAndRoles(t *testing.T) {
	d := tillOf(t, 0)
	member := d.enrol()
	earn := teller.EarnRequest{Member: member, Sale: sale(), Basket: basket(1_000)}
	for _, c := range []struct {
		name string
		desk till
		code string
	}{
		{"no key", d.as(""), "unauthenticated"},
		{"another chain's key", d.as(tillOf(t, 1).key), "unauthenticated"},
		{"the auditor's key", d.as(d.chain.Keys.Auditor), "not_permitted"},
	} {
		if r := c.desk.post("/v1/earns", earn); r.code() != c.code {
			t.Errorf("%s: HTTP %d %s, want %s", c.name, r.Status, r.code(), c.code)
		}
	}
	if got := d.account(member).Balance; got != 0 {
		t.Fatalf("a wrong key earned %d points", got)
	}
}

// TestTheSameKeyTwice repeats requests with the same and with other content.
func TestTheSameKeyTwice(t *testing.T) {
	d := tillOf(t, 0)
	member := d.enrol()
	earn := teller.EarnRequest{Member: member, Sale: sale(), Basket: basket(1_000)}
	key := fresh("same-key-twice")
	first := d.send(http.MethodPost, "/v1/earns", key, earn)
	again := d.send(http.MethodPost, "/v1/earns", key, earn)
	if first.Status >= 300 || again.Status != 200 || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("%d, then %d: %s", first.Status, again.Status, again.Body)
	}
	earn.Basket = basket(2_000)
	if r := d.send(http.MethodPost, "/v1/earns", key, earn); r.code() != "operation_reused" {
		t.Fatalf("the same key with other content: %d %s", r.Status, r.Body)
	}
	if r := d.post("/v1/earns", earn); r.code() != "receipt_already_used" {
		t.Fatalf("the same receipt with other content: %d %s", r.Status, r.Body)
	}
	earn.Basket = basket(1_000)
	if r := d.post("/v1/earns", earn); r.Status != 200 {
		t.Fatalf("the same receipt under a new key: %d %s", r.Status, r.Body)
	}
	if got := d.account(member).Balance; got != 10 {
		t.Fatalf("one sale of 10.00 gave %d points", got)
	}
}

// TestCancelBeforeArrival: what is cancelled before it arrives never happens.
func TestCancelBeforeArrival(t *testing.T) {
	d := tillOf(t, 0)
	member := d.enrol()
	earn := teller.EarnRequest{Member: member, Sale: sale(), Basket: basket(1_000)}
	first := d.send(http.MethodPost, "/v1/earns", fresh("cancel-of-another"), earn).answer(t)
	if r := d.post("/v1/operations/"+first.Operation+"/cancel", struct{}{}); r.Status != 200 || r.answer(t).Status != "applied" {
		t.Fatalf("cancelling what has happened: %d %s", r.Status, r.Body)
	}
	unknown := strings.Repeat("ab", 16)
	if r := d.post("/v1/operations/"+unknown+"/cancel", struct{}{}); r.Status >= 300 || r.answer(t).Status != "cancelled" {
		t.Fatalf("cancelling what has not arrived: %d %s", r.Status, r.Body)
	}
	r := d.send(http.MethodGet, "/v1/operations/"+unknown, "", "")
	if r.answer(t).Status != "cancelled" {
		t.Fatalf("the tombstone is not found: %d %s", r.Status, r.Body)
	}
}
