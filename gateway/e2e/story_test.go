package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/zegel/zegel/gateway/teller"
)

// TestOnePurchaseFromBeltToReturn is docs/life-of-a-point.md: earn at one chain, hold and capture
// at another, return at the first, and the statement tells it all.
func TestOnePurchaseFromBeltToReturn(t *testing.T) {
	korenaar, duinmarkt := tillOf(t, 0), tillOf(t, 1)
	member := korenaar.enrol()

	bought := sale()
	earned := korenaar.earn(member, bought, 4_000, 2_050)
	if earned.Points != 60 || earned.Balance != 60 || earned.Transaction == "" || earned.Block == 0 || len(earned.Text) == 0 {
		t.Fatalf("an earn of 60.50 answered %+v", earned)
	}

	held := duinmarkt.post("/v1/holds", teller.HoldRequest{Member: member, Points: 40}).answer(t)
	if held.Hold == "" || held.Spendable != 20 || held.Value != 40 {
		t.Fatalf("a hold of 40 answered %+v", held)
	}
	if r := korenaar.post("/v1/redemptions", teller.RedeemRequest{Member: member, Points: 21}); r.code() != "insufficient_points" {
		t.Fatalf("held points were spent a second time: %d %s", r.Status, r.Body)
	}
	paid := sale()
	captured := duinmarkt.post("/v1/holds/"+held.Hold+"/capture", teller.CaptureRequest{Points: 30, Sale: &paid}).answer(t)
	if captured.Points != 30 || captured.Balance != 30 {
		t.Fatalf("a capture of 30 of 40 answered %+v", captured)
	}
	request := teller.EarnRequest{Member: member, Sale: paid, Basket: basket(1_030)}
	request.Basket.PaidWithPoints = 30
	second := duinmarkt.post("/v1/earns", request).answer(t)
	if second.Points != 10 {
		t.Fatalf("what is paid with points earned too: %+v", second)
	}

	back := korenaar.post("/v1/returns", teller.ReturnRequest{Sale: sale(), Original: bought, Lines: []teller.ReturnLine{{Line: 1, Quantity: 1}}}).answer(t)
	if back.Points != 19 { // floor(60 · 2000 / 6050)
		t.Fatalf("half of line 1 back answered %+v", back)
	}
	whole := duinmarkt.post("/v1/returns", teller.ReturnRequest{Sale: sale(), Original: paid, Amount: 1_030}).answer(t)
	if whole.Points != 10 || whole.Restored != 30 {
		t.Fatalf("the whole of a sale paid with points, back, answered %+v", whole)
	}

	var account teller.Account
	await(t, "the member's own chain sees the return", func() bool { account = korenaar.account(member); return len(account.Lots) == 1 })
	if account.Balance != 41 || account.Held != 0 || len(account.Lots) != 1 || account.Lots[0].Issuer != korenaar.chain.MSP {
		t.Fatalf("the account at the end: %+v", account)
	}
	await(t, "the other chain's peer says the same", func() bool {
		same := duinmarkt.account(member)
		return same.Balance == account.Balance && same.Spendable == account.Spendable
	})
	checkStatement(t, korenaar, member, account.Balance)
}

// checkStatement waits for the projection and adds it up.
func checkStatement(t *testing.T, d till, member string, balance int64) {
	t.Helper()
	var sum int64
	await(t, "a statement that adds up to the balance", func() bool {
		r := d.send(http.MethodGet, "/v1/members/"+member+"/entries?limit=200", "", "")
		var page teller.Entries
		if r.Status != http.StatusOK || json.Unmarshal(r.Body, &page) != nil {
			t.Fatalf("entries: HTTP %d: %s", r.Status, r.Body)
		}
		sum = 0
		for _, e := range page.Entries {
			sum += e.Points
		}
		return sum == balance
	})
}

func TestAVoidedHoldAndATransfer(t *testing.T) {
	korenaar, lindeboom := tillOf(t, 0), tillOf(t, 2)
	giver, taker := korenaar.enrol(), lindeboom.enrol()
	korenaar.earn(giver, sale(), 10_000)

	held := lindeboom.post("/v1/holds", teller.HoldRequest{Member: giver, Points: 100}).answer(t)
	voided := lindeboom.post("/v1/holds/"+held.Hold+"/void", struct{}{}).answer(t)
	if voided.Balance != 100 || voided.Spendable != 100 {
		t.Fatalf("a void answered %+v", voided)
	}
	agent := korenaar.as(korenaar.chain.Keys.Agent)
	agent.post("/v1/transfers", teller.TransferRequest{From: giver, To: taker, Points: 70}).answer(t)
	var got teller.Account
	await(t, "the taker's own chain sees the points", func() bool { got = lindeboom.account(taker); return len(got.Lots) > 0 })
	if got.Balance != 70 || got.Lots[0].Issuer != korenaar.chain.MSP {
		t.Fatalf("points changed their issuer on the way: %+v", got)
	}
	if left := korenaar.account(giver); left.Balance != 30 {
		t.Fatalf("the giver has %d left", left.Balance)
	}
}

func TestLookupsAndQuotes(t *testing.T) {
	korenaar, duinmarkt := tillOf(t, 0), tillOf(t, 1)
	email := fresh("find") + "@mail.example"
	member := korenaar.post("/v1/members", teller.Enrolment{Name: "Bram Smit", Email: email, Phone: "+3161" + fresh("")[12:19]}).answer(t).Member

	r := korenaar.send(http.MethodPost, "/v1/lookups", "", teller.Lookup{Email: email})
	var found teller.Member
	if json.Unmarshal(r.Body, &found) != nil || found.Member != member || found.Initial != "B" {
		t.Fatalf("the member is not found by e-mail: %d %s", r.Status, r.Body)
	}
	if r := duinmarkt.send(http.MethodPost, "/v1/lookups", "", teller.Lookup{Email: email}); r.code() != "member_unknown" {
		t.Fatalf("another chain finds the member by e-mail: %d %s", r.Status, r.Body)
	}
	await(t, "the other chain's peer has the block with the member", func() bool {
		r = duinmarkt.send(http.MethodPost, "/v1/lookups", "", teller.Lookup{Member: member})
		return r.code() != "member_unknown"
	})
	var elsewhere teller.Member
	if json.Unmarshal(r.Body, &elsewhere) != nil || elsewhere.Member != member || elsewhere.Initial != "" {
		t.Fatalf("another chain sees more than the reference: %d %s", r.Status, r.Body)
	}

	asked := teller.QuoteRequest{Member: member, Basket: basket(1_999)}
	first := duinmarkt.send(http.MethodPost, "/v1/quotes", "", asked)
	second := duinmarkt.send(http.MethodPost, "/v1/quotes", "", asked)
	var quote teller.Quote
	if json.Unmarshal(first.Body, &quote) != nil || quote.Points != 19 || quote.NextPointIn != 1 {
		t.Fatalf("a quote of 19.99 answered %d %s", first.Status, first.Body)
	}
	if string(first.Body) != string(second.Body) {
		t.Fatalf("the same basket was quoted differently:\n%s\n%s", first.Body, second.Body)
	}
}

func TestErasure(t *testing.T) {
	korenaar := tillOf(t, 0)
	email := fresh("erase") + "@mail.example"
	member := korenaar.post("/v1/members", teller.Enrolment{Name: "Anna Bos", Email: email}).answer(t).Member
	korenaar.earn(member, sale(), 5_000)
	agent := korenaar.as(korenaar.chain.Keys.Agent)
	if r := agent.send(http.MethodDelete, "/v1/members/"+member+"/profile", fresh("erase-profile"), ""); r.Status >= 300 {
		t.Fatalf("erasure: HTTP %d %s", r.Status, r.Body)
	}
	if r := korenaar.send(http.MethodPost, "/v1/lookups", "", teller.Lookup{Email: email}); r.code() != "member_unknown" {
		t.Fatalf("an erased member is found by e-mail: %d %s", r.Status, r.Body)
	}
	if got := korenaar.account(member).Balance; got != 50 {
		t.Fatalf("erasure changed the points: %d", got)
	}
}
