package projection_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/zegel/zegel/chaincode/loyalty"
)

const chain = loyalty.MSPID("KorenaarMSP")

// rules is a small ledger on which random commands are carried out by the real rules.
type rules struct {
	memory *loyalty.Memory
	now    loyalty.Instant
	ops    int
	holds  []loyalty.HoldID
}

func newRules() *rules {
	m := loyalty.NewMemory()
	m.SetProgramme(&loyalty.Programme{
		Version: 1, Quorum: 1, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		Organisations: []loyalty.Organisation{{MSP: chain, Name: "Korenaar", Kind: loyalty.OrgChain}},
		RedeemPoints:  1, RedeemMinor: 1, HoldSeconds: 60, HoldSecondsMax: 3600, LateHours: 72, EarlySeconds: 60, Transfers: true,
	})
	m.SetTerms(&loyalty.TermsBook{Issuer: chain, Versions: []loyalty.Terms{
		{Version: 1, From: 20200101, EarnPoints: 1, EarnMinor: 3, ValidMonths: 1, Prose: "One point for three cents."},
	}})
	return &rules{memory: m, now: 1_795_000_000_000}
}

func (r *rules) apply(c loyalty.Command, d loyalty.Details) (loyalty.Outcome, error) {
	r.ops++
	c.Op, c.Print = loyalty.OpID(fmt.Sprintf("%032x", r.ops)), loyalty.Fingerprint(fmt.Sprintf("%032x", r.ops))
	env := loyalty.Env{Caller: loyalty.Caller{MSP: chain, Role: loyalty.RolePOS}, Now: r.now}
	o, err := loyalty.Apply(r.memory, env, c, d)
	if o.Kind == loyalty.KindHold && o.Hold != "" {
		r.holds = append(r.holds, o.Hold)
	}
	return o, err
}

// step draws one command; most of them make sense.
func (r *rules) step(t *rapid.T) (loyalty.Outcome, error) {
	members := []loyalty.MemberID{ada, bob}
	c := loyalty.Command{
		Kind: rapid.SampledFrom([]loyalty.Kind{
			loyalty.KindEarn, loyalty.KindEarn, loyalty.KindRedeem, loyalty.KindHold, loyalty.KindCapture, loyalty.KindVoid,
			loyalty.KindTransfer, loyalty.KindReturn,
		}).Draw(t, "kind"),
		Member: rapid.SampledFrom(members).Draw(t, "member"),
	}
	r.now += loyalty.Instant(rapid.Int64Range(0, 20*24*3600_000).Draw(t, "later"))
	sale := loyalty.ReceiptID(fmt.Sprintf("%032x", rapid.IntRange(1, 5).Draw(t, "sale")))
	var d loyalty.Details
	switch c.Kind {
	case loyalty.KindEarn:
		c.Receipt = sale
		d.Basket = &loyalty.Basket{
			Salt: fmt.Sprintf("%032x", 1), Currency: "EUR", Total: rapid.Int64Range(1, 1000).Draw(t, "total"),
			Store: "1", Terminal: "1", Receipt: "1", At: r.now,
		}
	case loyalty.KindReturn:
		c.Sale, c.Receipt = sale, loyalty.ReceiptID(fmt.Sprintf("%032x", 1000+r.ops))
		d.Return = &loyalty.Taken{Opening: r.memory.Opening(chain, sale), Amount: rapid.Int64Range(1, 400).Draw(t, "amount"), At: r.now}
	case loyalty.KindCapture, loyalty.KindVoid:
		c.Member = ""
		c.Hold = loyalty.NewHoldID(ada, loyalty.OpID(fmt.Sprintf("%032x", 0)))
		if len(r.holds) > 0 {
			c.Hold = rapid.SampledFrom(r.holds).Draw(t, "hold")
		}
	case loyalty.KindTransfer:
		c.To, c.Points = rapid.SampledFrom(members).Draw(t, "to"), loyalty.Points(rapid.Int64Range(1, 200).Draw(t, "points"))
	default:
		c.Points = loyalty.Points(rapid.Int64Range(1, 300).Draw(t, "points"))
	}
	return r.apply(c, d)
}

// TestFoldedBalancesAreTheAccounts: whatever is done, the sum of a member's entries is the balance
// that the rules keep.
func TestFoldedBalancesAreTheAccounts(t *testing.T) {
	p := mustOpen(t)
	rapid.Check(t, func(rt *rapid.T) {
		r := newRules()
		if err := p.Rebuild(context.Background()); err != nil {
			rt.Fatal(err)
		}
		var blocks [][]tx
		add := func(o loyalty.Outcome, err error) {
			if err != nil {
				rt.Fatal(err)
			}
			blocks = append(blocks, []tx{{id: fmt.Sprint("t", r.ops), chain: string(chain), outcomes: []loyalty.Outcome{o}}})
		}
		for _, m := range []loyalty.MemberID{ada, bob} {
			add(r.apply(loyalty.Command{Kind: loyalty.KindEnrol, Member: m}, loyalty.Details{}))
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			add(r.step(rt))
		}
		mustApply(t, p, ledger(blocks...)...)
		for _, m := range []loyalty.MemberID{ada, bob} {
			a, err := r.memory.Account(m)
			if err != nil {
				rt.Fatal(err)
			}
			if got, err := p.Balance(context.Background(), m); err != nil || got != a.Balance() {
				rt.Fatalf("%s: the entries sum to %d, the account has %d; %v", m, got, a.Balance(), err)
			}
		}
	})
}
