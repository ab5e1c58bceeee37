package loyalty_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// A ledger that cannot be read or written is no refusal: the transaction must fail as a whole.
func TestABrokenLedgerIsAnErrorAndNeverARefusal(t *testing.T) {
	breaks := map[string][]string{
		"K enrol carl":                      {"programme", "operation", "account", "put account", "put operation"},
		"K earn anna s2 1000":               {"account", "receipt", "terms", "put account", "put receipt", "put opening", "put operation"},
		"K redeem anna 1 receipt=s1":        {"account", "receipt", "put account", "put receipt", "put operation"},
		"K hold anna 1 receipt=s2 op=g":     {"account", "receipt", "hold", "put account", "put operation"},
		"K capture h":                       {"account", "receipt", "hold", "put hold", "put account", "put receipt"},
		"K void h":                          {"account", "hold", "put hold"},
		"K return anna s1 amount=100":       {"account", "receipt", "opening", "put receipt", "put opening"},
		"K transfer anna ben 1":             {"account", "put account"},
		"K cancel z":                        {"operation", "put operation"},
		"K quote anna 100":                  {"programme", "account", "terms"},
		"hold h":                            {"hold", "account"},
		"K earn anna s1 1000 op=other by=0": {"operation"},
	}
	for line, methods := range breaks {
		for _, method := range methods {
			t.Run(line+" when "+method+" fails", func(t *testing.T) {
				w := newWorld(t)
				w.play("K earn anna s1 1000 -> applied points 10 balance 10\nK hold anna 2 op=h receipt=s3 -> applied points 2 balance 8 held 2")
				w.ledger.broken = method
				if got := w.raw(line); !errors.Is(got, errBroken) {
					t.Errorf("got %v", got)
				}
			})
		}
	}
}

// raw does a line and gives its error.
func (w *world) raw(line string) error {
	a := words(line)
	switch {
	case a.word(0) == "hold":
		_, err := loyalty.FindHold(w.ledger, w.holds[a.word(1)], w.now)
		return err
	case a.word(1) == "quote":
		_, err := loyalty.QuoteBasket(w.ledger, loyalty.Env{Caller: caller("K"), Now: w.now}, loyalty.MemberID(id(a.word(2))), *w.basket(100, a))
		return err
	}
	cmd, details := w.build(a)
	_, err := loyalty.Apply(w.ledger, loyalty.Env{Caller: caller(a.word(0)), Now: w.now}, cmd, details)
	return err
}

func TestACorruptAccountIsFound(t *testing.T) {
	spoil := map[string]func(*loyalty.Account){
		"points from nowhere":     func(a *loyalty.Account) { a.Lots[0].Points++ },
		"a counter off":           func(a *loyalty.Account) { a.Counters[0].Sent++ },
		"a negative lot":          func(a *loyalty.Account) { a.Lots[0].Points = -5 },
		"lots out of order":       func(a *loyalty.Account) { a.Lots[0], a.Lots[1] = a.Lots[1], a.Lots[0] },
		"a hold of another":       func(a *loyalty.Account) { a.Holds[0].ID = loyalty.HoldID(id("x") + id("y")) },
		"a hold without redeemer": func(a *loyalty.Account) { a.Holds[0].Redeemer = "" },
		"a hold and its draws":    func(a *loyalty.Account) { a.Holds[0].Points++ },
		"an empty draw":           func(a *loyalty.Account) { a.Holds[0].Draws = append(a.Holds[0].Draws, loyalty.Lot{}) },
		"a debt of nothing":       func(a *loyalty.Account) { a.Debts = []loyalty.Debt{{Issuer: "ZMSP"}} },
		"a counter below zero":    func(a *loyalty.Account) { a.Counters[0].Clawed = -1 },
		"a malformed reference":   func(a *loyalty.Account) { a.Member = "anna" },
		"no entries":              func(a *loyalty.Account) { a.Entries = 0 },
		"a clock before opening":  func(a *loyalty.Account) { a.Opened = a.LastAt + 1 },
		"an expired lot":          func(a *loyalty.Account) { a.Lots[0].Expiry = a.LastAt.Month() - 1 },
		"a lapsed hold":           func(a *loyalty.Account) { a.Holds[0].Expires = a.LastAt },
		"the same hold twice":     func(a *loyalty.Account) { a.Holds = append(a.Holds, a.Holds[0]) },
		"too many holds":          func(a *loyalty.Account) { a.Holds = make([]loyalty.Hold, loyalty.MaxHolds+1) },
		"the same debt twice": func(a *loyalty.Account) {
			a.Debts = []loyalty.Debt{{Issuer: "ZMSP", Points: 1}, {Issuer: "ZMSP", Points: 1}}
		},
		"a debt beside points":  func(a *loyalty.Account) { owe(a, "KorenaarMSP") },
		"a debt from nowhere":   func(a *loyalty.Account) { owe(a, "ZMSP") },
		"counters out of order": func(a *loyalty.Account) { a.Counters[0], a.Counters[1] = a.Counters[1], a.Counters[0] },
	}
	for what, do := range spoil {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			w.play(`K earn anna s1 1000 -> applied points 10 balance 10
				D earn anna s1 1000 -> applied points 10 balance 20
				K hold anna 2 op=h -> applied points 2 balance 18 held 2`)
			a, _ := w.ledger.Account(loyalty.MemberID(id("anna")))
			do(a)
			if loyalty.CheckAccount(a) == nil {
				t.Error("not found")
			}
		})
	}
}

func owe(a *loyalty.Account, issuer loyalty.MSPID) {
	a.Debts = []loyalty.Debt{{Issuer: issuer, Points: 1}}
}

// Points that came from nowhere stop every command on the account, whatever it is.
func TestNothingIsWrittenOnACorruptAccount(t *testing.T) {
	for _, line := range everyKind[1:] {
		t.Run(line, func(t *testing.T) {
			w := newWorld(t)
			w.play(story)
			a, _ := w.ledger.Account(loyalty.MemberID(id("anna")))
			a.Lots[0].Points++
			_ = w.ledger.PutAccount(a)
			cmd, d := w.build(words(line))
			w.ledger.writes = nil
			if out, err := loyalty.Apply(w.ledger, loyalty.Env{Caller: caller("K"), Now: w.now}, cmd, d); err == nil {
				t.Errorf("it is %s", out.Status)
			}
			if len(w.ledger.writes) > 0 {
				t.Errorf("it wrote %v", w.ledger.writes)
			}
		})
	}
}

func TestPostingsThatDoNotExplainAnAccountAreFound(t *testing.T) {
	w := newWorld(t)
	before, _ := w.ledger.Account(loyalty.MemberID(id("anna")))
	cmd, d := w.build(words("K earn anna s1 1000"))
	out, err := w.apply(loyalty.Env{Caller: caller("K"), Now: w.now}, cmd, d)
	if err != nil {
		t.Fatal(err)
	}
	after, _ := w.ledger.Account(before.Member)
	tamper := map[string]func(*loyalty.Posting){
		"another number":  func(p *loyalty.Posting) { p.Points++ },
		"less than none":  func(p *loyalty.Posting) { p.Points = -p.Points },
		"another reason":  func(p *loyalty.Posting) { p.Reason = loyalty.Received },
		"no such reason":  func(p *loyalty.Posting) { p.Reason = "minted" },
		"another issuer":  func(p *loyalty.Posting) { p.Issuer = "DuinmarktMSP" },
		"another expiry":  func(p *loyalty.Posting) { p.Expiry++ },
		"another member":  func(p *loyalty.Posting) { p.Member = loyalty.MemberID(id("ben")) },
		"other terms":     func(p *loyalty.Posting) { p.Terms++ },
		"held, not owned": func(p *loyalty.Posting) { p.Reason = loyalty.Held },
	}
	if err := loyalty.CheckPostings(before, after, out.Postings); err != nil {
		t.Errorf("the true postings: %v", err)
	}
	for what, do := range tamper {
		t.Run(what, func(t *testing.T) {
			p := out.Postings[0]
			do(&p)
			if loyalty.CheckPostings(before, after, []loyalty.Posting{p}) == nil {
				t.Error("not found")
			}
		})
	}
	if err := loyalty.CheckPostings(before, nil, nil); err == nil || !strings.Contains(err.Error(), "disappear") {
		t.Errorf("an account that disappears: %v", err)
	}
}
