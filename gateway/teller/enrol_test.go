package teller_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

var adaLovelace = teller.Enrolment{Name: "Ada Lovelace", Phone: "+31201234567", Email: "Ada@Example.NL"}

func TestEnrolFindAndRead(t *testing.T) {
	s := newShop(t)
	a := must[teller.Answer](t)(s.Enrol(ctx, till, s.key(), adaLovelace))
	for name, by := range map[string]teller.Lookup{
		"phone": {Phone: "+31201234567"}, "e-mail in other case": {Email: "aDA@example.nl"}, "reference": {Member: a.Member},
	} {
		if m, err := s.Find(ctx, till, by); err != nil || m.Member != a.Member || m.Initial != "A" {
			t.Errorf("by %s: %+v, %v", name, m, err)
		}
	}
	_, err := s.Find(ctx, till, teller.Lookup{Phone: "+31201234568"})
	wantCode(t, err, loyalty.CodeMemberUnknown)
	p := must[teller.Profile](t)(s.Profile(ctx, till, a.Member))
	if p != (teller.Profile{Member: a.Member, Name: "Ada Lovelace", Phone: "+31201234567", Email: "Ada@example.nl"}) {
		t.Errorf("got %+v", p)
	}
}

func TestEnrolmentIsRepeatSafe(t *testing.T) {
	s := newShop(t)
	first := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	again := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	if !again.Replayed || again.Member != first.Member || again.Transaction != first.Transaction {
		t.Errorf("got %+v", again)
	}
	if n := s.book.asked(api.PutProfile); n != 1 {
		t.Errorf("the profile was stored %d times", n)
	}
	if n := s.book.asked(api.GetOperation); n != 1 {
		t.Errorf("the ledger was asked %d times, want once, by the repeat", n)
	}
	other := adaLovelace
	other.Phone = "+31201234568"
	_, err := s.Enrol(ctx, till, "k", other)
	wantCode(t, err, loyalty.CodeOperationReused)
	if p := must[teller.Profile](t)(s.Profile(ctx, till, first.Member)); p.Phone != "+31201234567" {
		t.Error("the repeat with other content has overwritten the profile")
	}
	_, err = s.Enrol(ctx, till, "k2", adaLovelace)
	wantCode(t, err, loyalty.CodeIdentifierTaken)
}

// TestOneKeyForTwoPeople sends two people under one key at the same moment, many times over: one is
// enrolled, and the profile is that one's.
func TestOneKeyForTwoPeople(t *testing.T) {
	s := newShop(t)
	for i := range 50 {
		people := [2]teller.Enrolment{
			{Name: "First", Phone: fmt.Sprintf("+3120100%04d", i)}, {Name: "Second", Phone: fmt.Sprintf("+3120200%04d", i)},
		}
		var answers [2]teller.Answer
		var errs [2]error
		var both sync.WaitGroup
		for j, who := range people {
			both.Go(func() { answers[j], errs[j] = s.Enrol(ctx, till, fmt.Sprint("k", i), who) })
		}
		both.Wait()
		won, lost := 0, 1
		if errs[won] != nil {
			won, lost = lost, won
		}
		wantCode(t, errs[lost], loyalty.CodeOperationReused)
		p, err := s.Profile(ctx, office, answers[won].Member)
		if errs[won] != nil || err != nil || p.Name != people[won].Name {
			t.Fatalf("%v and %v; stored is %+v, %v", errs[0], errs[1], p, err)
		}
	}
}

func TestAnEnrolmentCutInTwoIsFinishedByItsRepeat(t *testing.T) {
	s := newShop(t)
	s.book.do = func(context.Context, loyalty.Command, func() (teller.Applied, error)) (teller.Applied, error) {
		return teller.Applied{}, teller.Unavailable(errors.New("no orderer"))
	}
	if _, err := s.Enrol(ctx, till, "k", adaLovelace); classOf(err) != "unavailable" {
		t.Fatal(err)
	}
	s.book.do = nil
	a := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	if m := must[teller.Member](t)(s.Find(ctx, till, teller.Lookup{Phone: adaLovelace.Phone})); m.Member != a.Member {
		t.Errorf("got %+v", m)
	}
}

func TestErasureIsComplete(t *testing.T) {
	s := newShop(t)
	ada := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace)).Member
	sealed := s.book.profiles[loyalty.MemberID(ada)]
	done := must[teller.Erasure](t)(s.Erase(ctx, office, ada))
	if done.Member != ada || done.Transaction == "" || done.Block == 0 || done.At.IsZero() {
		t.Errorf("certificate %+v", done)
	}
	_, err := s.Erase(ctx, office, ada)
	wantCode(t, err, loyalty.CodeProfileUnknown)
	_, err = s.Profile(ctx, office, ada)
	wantCode(t, err, loyalty.CodeProfileUnknown)
	_, err = s.Find(ctx, till, teller.Lookup{Phone: adaLovelace.Phone})
	wantCode(t, err, loyalty.CodeMemberUnknown)
	if m := must[teller.Member](t)(s.Find(ctx, till, teller.Lookup{Member: ada})); m.Initial != "" {
		t.Errorf("got %+v", m)
	}
	s.book.profiles[loyalty.MemberID(ada)] = sealed // a peer's backup is put back
	_, err = s.Profile(ctx, office, ada)
	wantCode(t, err, loyalty.CodeProfileUnknown)
	delete(s.book.profiles, loyalty.MemberID(ada))

	late := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	if late.Member != ada || len(s.book.profiles) != 0 {
		t.Errorf("a late repeat brings the person back: %+v", late)
	}
	if again := must[teller.Answer](t)(s.Enrol(ctx, till, "k2", adaLovelace)); again.Member == ada {
		t.Error("enrolling anew gives the old reference")
	}
}

func TestAnErasureThatWasCutIsFinished(t *testing.T) {
	s := newShop(t)
	ada := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace)).Member
	s.book.submit = func(_ string, carryOut func() error) error {
		if err := carryOut(); err != nil {
			return err
		}
		return teller.ErrUnknown // purged, and the answer lost
	}
	if _, err := s.Erase(ctx, office, ada); classOf(err) != "unavailable" {
		t.Fatal(err)
	}
	s.book.submit = nil
	if done := must[teller.Erasure](t)(s.Erase(ctx, office, ada)); done.Member != ada {
		t.Errorf("certificate %+v", done)
	}
	_, err := s.Erase(ctx, office, ada)
	wantCode(t, err, loyalty.CodeProfileUnknown)
}

func TestARefusedErasureDestroysNothing(t *testing.T) {
	s := newShop(t)
	ada := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace)).Member
	for _, role := range []string{"pos", "auditor"} {
		_, err := s.Erase(ctx, teller.Desk{Key: "a", Role: role}, ada)
		wantCode(t, err, loyalty.CodeNotAuthorised)
	}
	if p := must[teller.Profile](t)(s.Profile(ctx, till, ada)); p.Name != adaLovelace.Name {
		t.Errorf("got %+v", p)
	}
}

func TestMalformedEnrolments(t *testing.T) {
	s := newShop(t)
	for name, r := range map[string]teller.Enrolment{
		"no name":         {Phone: "+31201234567"},
		"a name of space": {Name: " \t ", Phone: "+31201234567"},
		"a long name":     {Name: strings.Repeat("é", 101), Phone: "+31201234567"},
		"a control sign":  {Name: "Ada\x1b[2J", Phone: "+31201234567"},
		"broken UTF-8":    {Name: "Ada\xff", Phone: "+31201234567"},
		"no contact":      {Name: "Ada"},
		"a local number":  {Name: "Ada", Phone: "0201234567"},
		"no address":      {Name: "Ada", Email: "ada"},
	} {
		_, err := s.Enrol(ctx, till, s.key(), r)
		if codeOf(err) != loyalty.CodeMalformedProfile {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (r.Phone != "" && strings.Contains(err.Error(), r.Phone) || r.Email == "ada" && strings.Contains(err.Error(), "ada")) {
			t.Errorf("%s: the refusal repeats it: %v", name, err)
		}
	}
	if _, err := s.Enrol(ctx, till, "", adaLovelace); codeOf(err) != loyalty.CodeMalformedCommand {
		t.Errorf("no key: %v", err)
	}
}

// TestNothingPersonalIsPublic runs a life and looks for its person, store, till and amounts in all
// that a block, a log or an error would show.
func TestNothingPersonalIsPublic(t *testing.T) {
	var log bytes.Buffer
	s := newShop(t, func(c *teller.Config) {
		c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	who := teller.Enrolment{Name: "Zebulon Quackenbush", Phone: "+31209876543", Email: "zq.canary@example.nl"}
	desk := teller.Desk{Key: "k", Role: "pos", Store: "STORE-CANARY", Terminal: "TILL-CANARY"}
	a := must[teller.Answer](t)(s.Enrol(ctx, desk, s.key(), who))
	request := earn(a.Member, "RECEIPT-CANARY", 87_654_321)
	request.Basket.Lines = []teller.Line{{SKU: "SKU-CANARY", Category: "CAT-CANARY", Quantity: 1, Amount: 87_654_321}}
	must[teller.Answer](t)(s.Earn(ctx, desk, s.key(), request))
	must[teller.Answer](t)(s.Return(ctx, desk, s.key(), teller.ReturnRequest{Sale: sale("SLIP-CANARY"), Original: sale("RECEIPT-CANARY"), Amount: 7_654_321}))
	_, lost := s.Find(ctx, desk, teller.Lookup{Phone: "+31209876544"})
	_, wrong := s.Enrol(ctx, desk, s.key(), teller.Enrolment{Name: who.Name, Phone: "0209876543"})
	must[teller.Erasure](t)(s.Erase(ctx, office, a.Member))
	public := s.book.public.String() + log.String() + lost.Error() + wrong.Error()
	for _, canary := range []string{
		"Zebulon", "Quackenbush", "209876543", "209876544", "zq.canary", "STORE-CANARY", "TILL-CANARY", "RECEIPT-CANARY", "SLIP-CANARY",
		"SKU-CANARY", "CAT-CANARY", "87654321", "7654321",
	} {
		for form, text := range map[string]string{
			"plain": canary, "hex": hex.EncodeToString([]byte(canary)), "base64": base64.StdEncoding.EncodeToString([]byte(canary))[:4*(len(canary)/3)],
		} {
			if strings.Contains(strings.ToLower(public), strings.ToLower(text)) {
				t.Errorf("%s can be read (%s)", canary, form)
			}
		}
	}
	for _, d := range []any{a} {
		text, _ := json.Marshal(d)
		if strings.Contains(string(text), "Zebulon") {
			t.Error("the answer names the person")
		}
	}
}
