package teller_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

func TestADeskSpeaksForItselfOnly(t *testing.T) {
	storeOnly := teller.Desk{Key: "k3", Role: "agent", Store: "0042"}
	for name, c := range map[string]struct {
		desk            teller.Desk
		store, terminal string
		code            loyalty.Code
	}{
		"a till says nothing":            {till, "", "", ""},
		"a till says where it is":        {till, "0042", "3", ""},
		"a till says another till":       {till, "0042", "4", loyalty.CodeNotAuthorised},
		"a till says another store":      {till, "0043", "3", loyalty.CodeNotAuthorised},
		"a store says one of its tills":  {storeOnly, "", "8", ""},
		"a store says no till":           {storeOnly, "", "", loyalty.CodeMalformedCommand},
		"a store says another store":     {storeOnly, "0043", "8", loyalty.CodeNotAuthorised},
		"an office says any till":        {office, "0099", "1", ""},
		"an office says nothing":         {office, "", "", loyalty.CodeMalformedCommand},
		"an office says half of a place": {office, "0099", "", loyalty.CodeMalformedCommand},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			ada := s.member(t, "Ada", "+31201234567")
			r := earn(ada, "1", 10_00)
			r.Store, r.Terminal = c.store, c.terminal
			_, err := s.Earn(ctx, c.desk, s.key(), r)
			wantCode(t, err, c.code)
			redeem := teller.RedeemRequest{Member: ada, Points: 1, Sale: &r.Sale}
			if c.code != "" {
				_, err = s.Redeem(ctx, c.desk, s.key(), redeem)
				wantCode(t, err, c.code)
			}
		})
	}
}

// amsterdam is an hour ahead of UTC in November, whatever the machine knows of time zones.
var amsterdam = time.FixedZone("Europe/Amsterdam", 3600)

func inAmsterdam(c *teller.Config) { c.Zone = amsterdam }

func TestTheBusinessDateIsTheChainsOwn(t *testing.T) {
	s := newShop(t, inAmsterdam)
	ada := s.member(t, "Ada", "+31201234567")
	late := time.Date(2026, 11, 22, 0, 30, 0, 0, amsterdam) // the 21st in UTC
	r := earn(ada, "1", 10_00)
	r.BusinessTime = late
	must[teller.Answer](t)(s.Earn(ctx, till, s.key(), r))
	for name, original := range map[string]teller.Sale{
		"the date on the receipt":      {Receipt: "1", BusinessDate: "2026-11-22"},
		"another time of the same day": {Receipt: "1", BusinessTime: late.Add(20 * time.Hour)},
		"the time in another offset":   {Receipt: "1", BusinessTime: late.UTC()},
		"both":                         {Receipt: "1", BusinessTime: late.UTC(), BusinessDate: "2026-11-22"},
	} {
		_, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r " + name), Original: original, Amount: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r"), Original: teller.Sale{Receipt: "1", BusinessTime: late.Add(-time.Hour)}, Amount: 1})
	wantCode(t, err, loyalty.CodeReceiptUnknown)
}

func TestAReceiptEarnsOnceInWhateverOffsetItsTimeIsWritten(t *testing.T) {
	for name, zone := range map[string]*time.Location{"UTC, unless said": nil, "Amsterdam": amsterdam} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(c *teller.Config) { c.Zone = zone })
			ada := s.member(t, "Ada", "+31201234567")
			first := must[teller.Answer](t)(s.Earn(ctx, till, s.key(), earn(ada, "1", 10_00)))
			for hours := -12; hours <= 14; hours++ {
				r := earn(ada, "1", 10_00)
				r.BusinessTime = r.BusinessTime.In(time.FixedZone("", hours*3600))
				a := must[teller.Answer](t)(s.Earn(ctx, till, s.key(), r))
				if !a.Replayed || a.Transaction != first.Transaction {
					t.Errorf("at %+d hours it earned again: %+v", hours, a)
				}
			}
			if got := s.book.balance(t, ada); got != first.Balance {
				t.Errorf("balance %d", got)
			}
		})
	}
}

func TestABusinessDateIsNearItsTime(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	for date, code := range map[string]loyalty.Code{
		"2026-11-20": loyalty.CodeMalformedCommand, "2026-11-21": "", "2026-11-22": "", "2026-11-23": "",
		"2026-11-24": loyalty.CodeMalformedCommand, "2025-11-22": loyalty.CodeMalformedCommand, "2026-12-22": loyalty.CodeMalformedCommand,
	} {
		r := earn(ada, "on "+date, 10_00)
		r.BusinessDate = date
		_, err := s.Earn(ctx, till, s.key(), r)
		if codeOf(err) != code {
			t.Errorf("%s: %v", date, err)
		}
	}
	newYear := earn(ada, "new year", 10_00)
	newYear.BusinessTime, newYear.BusinessDate = noon.AddDate(0, 1, 10), "2027-01-01"
	s.book.now = newYear.BusinessTime
	if _, err := s.Earn(ctx, till, s.key(), newYear); err != nil {
		t.Errorf("over the new year, %s: %v", newYear.BusinessTime, err)
	}
}

func TestMalformedRequests(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	basket := func(change func(*teller.EarnRequest)) func() error {
		return func() error {
			r := earn(ada, "1", 10_00)
			change(&r)
			_, err := s.Earn(ctx, till, s.key(), r)
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func() error
		code loyalty.Code
	}{
		"no member":             {basket(func(r *teller.EarnRequest) { r.Member = "" }), loyalty.CodeMalformedCommand},
		"a member in capitals":  {basket(func(r *teller.EarnRequest) { r.Member = strings.ToUpper(ada) + "F" }), loyalty.CodeMalformedCommand},
		"no receipt":            {basket(func(r *teller.EarnRequest) { r.Receipt = "" }), loyalty.CodeMalformedCommand},
		"a receipt of 65 bytes": {basket(func(r *teller.EarnRequest) { r.Receipt = strings.Repeat("1", 65) }), loyalty.CodeMalformedCommand},
		"a receipt with a tab":  {basket(func(r *teller.EarnRequest) { r.Receipt = "1\t2" }), loyalty.CodeMalformedCommand},
		"a receipt with space":  {basket(func(r *teller.EarnRequest) { r.Receipt = "1 " }), loyalty.CodeMalformedCommand},
		"no business time":      {basket(func(r *teller.EarnRequest) { r.BusinessTime = time.Time{} }), loyalty.CodeMalformedCommand},
		"no such day":           {basket(func(r *teller.EarnRequest) { r.BusinessDate = "2026-02-30" }), loyalty.CodeMalformedCommand},
		"a day and a time only": {basket(func(r *teller.EarnRequest) {
			r.BusinessTime, r.BusinessDate = time.Time{}, "2026-11-22"
		}), loyalty.CodeBasketMalformed},
		"an amount below zero": {basket(func(r *teller.EarnRequest) { r.Basket.Total = -1 }), loyalty.CodeAmountNotPositive},
		"an amount too large":  {basket(func(r *teller.EarnRequest) { r.Basket.Total = loyalty.MaxMinor + 1 }), loyalty.CodeAmountTooLarge},
		"a currency in words":  {basket(func(r *teller.EarnRequest) { r.Basket.Currency = "euro" }), loyalty.CodeBasketMalformed},
		"lines beside a total": {basket(func(r *teller.EarnRequest) { r.Basket.Lines = []teller.Line{{SKU: "1", Quantity: 1, Amount: 1}} }), loyalty.CodeLinesTotal},
		"redeeming -100":       {func() error { return redeem(s, ada, -100) }, loyalty.CodePointsNotPositive},
		"redeeming nothing":    {func() error { return redeem(s, ada, 0) }, loyalty.CodePointsNotPositive},
		"redeeming too much":   {func() error { return redeem(s, ada, 1<<62) }, loyalty.CodePointsTooLarge},
		"a transfer to oneself": {func() error {
			_, err := s.Transfer(ctx, till, s.key(), teller.TransferRequest{From: ada, To: ada, Points: 1})
			return err
		}, loyalty.CodeTransferToSelf},
		"a hold of no account": {func() error { _, err := s.Void(ctx, till, s.key(), ada); return err }, loyalty.CodeMalformedCommand},
		"an empty return": {func() error {
			_, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r"), Original: sale("1")})
			return err
		}, loyalty.CodeAmountNotPositive},
		"a return of a negative amount": {func() error {
			_, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r"), Original: sale("1"), Amount: -5})
			return err
		}, loyalty.CodeAmountNotPositive},
		"an operation by a name": {func() error { _, err := s.Operation(ctx, till, "mine"); return err }, loyalty.CodeMalformedCommand},
		"a page of nothing":      {func() error { _, err := s.Entries(ctx, till, ada, "", 0); return err }, loyalty.CodeMalformedCommand},
		"two look-ups": {func() error {
			_, err := s.Find(ctx, till, teller.Lookup{Member: ada, Phone: "+31201234567"})
			return err
		}, loyalty.CodeMalformedCommand},
	} {
		before := s.book.blocks
		if err := c.do(); codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if s.book.blocks != before {
			t.Errorf("%s cost a transaction", name)
		}
	}
}

func redeem(s *shop, member string, n int64) error {
	_, err := s.Redeem(ctx, till, s.key(), teller.RedeemRequest{Member: member, Points: n})
	return err
}

// FuzzRequests sends whatever decodes as a request: the answer is an outcome or a refusal, and
// whatever comes of it the ledger's books are in balance.
func FuzzRequests(f *testing.F) {
	s := newShop(f)
	ada := s.member(f, "Ada", "+31201234567")
	f.Add("earn", `{"receipt":"1","businessTime":"2026-11-22T12:00:00+01:00","basket":{"currency":"EUR","total":1000}}`)
	f.Add("return", `{"receipt":"2","businessTime":"2026-11-22T12:00:00Z","original":{"receipt":"1","businessDate":"2026-11-22"},"amount":10}`)
	f.Add("redeem", `{"points":5,"sale":{"receipt":"3","businessTime":"2026-11-22T12:00:00Z"}}`)
	f.Add("hold", `{"points":5,"seconds":-1}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		err := send(s, kind, ada, []byte(body))
		if err != nil && codeOf(err) == "" {
			t.Errorf("%s %s: %v", kind, body, err)
		}
		a, err := s.book.memory.Account(loyalty.MemberID(ada))
		if err != nil {
			t.Fatal(err)
		}
		if err := loyalty.CheckAccount(a); err != nil {
			t.Errorf("%s %s: %v", kind, body, err)
		}
	})
}

func send(s *shop, kind, member string, body []byte) (err error) {
	switch kind {
	case "earn":
		r := teller.EarnRequest{}
		if json.Unmarshal(body, &r) == nil {
			r.Member = member
			_, err = s.Earn(ctx, till, s.key(), r)
		}
	case "return":
		r := teller.ReturnRequest{}
		if json.Unmarshal(body, &r) == nil {
			_, err = s.Return(ctx, till, s.key(), r)
		}
	case "redeem":
		r := teller.RedeemRequest{}
		if json.Unmarshal(body, &r) == nil {
			r.Member = member
			_, err = s.Redeem(ctx, till, s.key(), r)
		}
	case "hold":
		r := teller.HoldRequest{}
		if json.Unmarshal(body, &r) == nil {
			r.Member = member
			_, err = s.Hold(ctx, till, s.key(), r)
		}
	}
	return err
}
