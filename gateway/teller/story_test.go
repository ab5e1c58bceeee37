package teller_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}

// TestReceiptsAreGolden tells one member's story and keeps what the till prints at each step.
func TestReceiptsAreGolden(t *testing.T) {
	s, answer := newShop(t), must[teller.Answer](t)
	var out bytes.Buffer
	show := func(step string, text []string) {
		fmt.Fprintf(&out, "== %s\n", step)
		for _, line := range text {
			if n := utf8.RuneCountInString(line); n > 42 {
				t.Errorf("%s: %q has %d columns", step, line, n)
			}
			fmt.Fprintln(&out, line)
		}
		if len(text) == 0 {
			t.Errorf("%s: nothing to print", step)
		}
	}
	enrolled := answer(s.Enrol(ctx, till, s.key(), teller.Enrolment{Name: "Ada", Phone: "+31201234567"}))
	ada := enrolled.Member
	show("enrol", enrolled.Text)
	bob := s.member(t, "Bob", "+31201234568")
	basket := teller.Basket{Currency: "EUR", Total: 1_234_567_89, Lines: []teller.Line{
		{SKU: "8710400000013", Category: "dairy", Quantity: 2, Amount: 1_000_000_00}, {SKU: "8710400000020", Quantity: 1, Amount: 234_567_89},
	}}
	show("quote", must[teller.Quote](t)(s.Quote(ctx, till, teller.QuoteRequest{Member: ada, Basket: basket})).Text)
	show("quote without a member", must[teller.Quote](t)(s.Quote(ctx, till, teller.QuoteRequest{Basket: basket})).Text)
	first := teller.EarnRequest{Member: ada, Sale: sale("10017"), Basket: basket}
	show("earn", answer(s.Earn(ctx, till, s.key(), first)).Text)
	show("earn nothing", answer(s.Earn(ctx, till, s.key(), earn(ada, "10018", 9))).Text)
	show("quote with points", must[teller.Quote](t)(s.Quote(ctx, till, teller.QuoteRequest{
		Member: ada, Basket: teller.Basket{Currency: "EUR", Total: 12_34, PaidWithPoints: 2_00},
	})).Text)
	second := sale("10019")
	held := answer(s.Hold(ctx, till, s.key(), teller.HoldRequest{Member: ada, Points: 500, Sale: &second}))
	show("hold", held.Text)
	show("capture", answer(s.Capture(ctx, till, s.key(), held.Hold, teller.CaptureRequest{Points: 300, Sale: &second})).Text)
	held = answer(s.Hold(ctx, till, s.key(), teller.HoldRequest{Member: ada, Points: 70}))
	show("void", answer(s.Void(ctx, till, s.key(), held.Hold)).Text)
	show("redeem", answer(s.Redeem(ctx, till, s.key(), teller.RedeemRequest{Member: ada, Points: 1250})).Text)
	show("transfer", answer(s.Transfer(ctx, till, s.key(), teller.TransferRequest{From: ada, To: bob, Points: 12_000_000})).Text)
	show("return", answer(s.Return(ctx, till, s.key(), teller.ReturnRequest{
		Sale: sale("90001"), Original: sale("10017"), Lines: []teller.ReturnLine{{Line: 1, Quantity: 1}},
	})).Text)
	show("refused", answer(s.Redeem(ctx, till, s.key(), teller.RedeemRequest{Member: ada, Points: 99_999_999})).Text)
	show("cancelled", answer(s.Cancel(ctx, till, s.OperationID(till, "never sent"))).Text)
	golden(t, "testdata/receipts.golden", out.Bytes())
	golden(t, "testdata/commands.golden", publicCommands(t, s.book))
}

// publicCommands is what the story put on the ledger, name by name. Were one of the names or
// fingerprints to change, a till that repeats a request after an upgrade would do it twice. The
// fingerprint of an enrolment is left out: it is keyed by the member's own random key.
func publicCommands(t *testing.T, b *book) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, c := range b.commands {
		if c.Kind == loyalty.KindEnrol {
			c.Print = ""
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n", text)
	}
	return out.Bytes()
}

func TestAnswersCarryWhatATillShows(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	a := must[teller.Answer](t)(s.Earn(ctx, till, s.key(), earn(ada, "1", 12_34)))
	if a.Points != 123 || a.Balance != 123 || a.Value != 123 || a.Currency != "EUR" || a.Expiry != "2027-12-31" ||
		a.Block == 0 || a.Transaction != txID(a.Block) || a.Member != ada || a.Replayed {
		t.Errorf("got %+v", a)
	}
	account := must[teller.Account](t)(s.Account(ctx, till, ada))
	if len(account.Lots) != 1 || account.Lots[0].Expiry != "2027-12-31" || account.Lots[0].Earned != "2026-11-22" ||
		len(account.Issuers) != 1 || account.Issuers[0].Net != 123 || account.Holds == nil || account.Enroller != string(own) {
		t.Errorf("got %+v", account)
	}
}

func TestReturnsDoNotDependOnHowTheyAreSplit(t *testing.T) {
	s, answer := newShop(t), must[teller.Answer](t)
	ada := s.member(t, "Ada", "+31201234567")
	answer(s.Earn(ctx, till, s.key(), earn(ada, "1", 9_99)))
	for i := range 9 {
		answer(s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale(fmt.Sprint("r", i)), Original: sale("1"), Amount: 1_11}))
	}
	if got := s.book.balance(t, ada); got != 0 {
		t.Errorf("%d points are left", got)
	}
	_, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r10"), Original: sale("1"), Amount: 1})
	if err != nil && codeOf(err) == "" {
		t.Error(err)
	}
}

func TestAReturnAtAnotherStore(t *testing.T) {
	s, answer := newShop(t), must[teller.Answer](t)
	ada := s.member(t, "Ada", "+31201234567")
	answer(s.Earn(ctx, till, s.key(), earn(ada, "1", 10_00)))
	elsewhere := teller.Desk{Key: "k9", Role: "pos", Store: "0007", Terminal: "1"}
	original := sale("1")
	_, err := s.Return(ctx, elsewhere, s.key(), teller.ReturnRequest{Sale: sale("1"), Original: original, Amount: 1_00})
	wantCode(t, err, "receipt_unknown")
	original.Store, original.Terminal = till.Store, till.Terminal
	a := answer(s.Return(ctx, elsewhere, s.key(), teller.ReturnRequest{Sale: sale("1"), Original: original, Amount: 1_00}))
	if a.Points != 10 || a.Balance != 90 {
		t.Errorf("got %+v", a)
	}
}

func TestLongNamesStayOnThePaper(t *testing.T) {
	s := newShop(t, func(c *teller.Config) { c.Chain = strings.Repeat("Korenaar & Zonen ", 8) + strings.Repeat("x", 60) })
	a := must[teller.Answer](t)(s.Enrol(ctx, till, s.key(), teller.Enrolment{Name: "Ada", Phone: "+31201234567"}))
	for _, line := range a.Text {
		if utf8.RuneCountInString(line) > 42 {
			t.Errorf("%q", line)
		}
	}
}
