package loyalty_test

import (
	"math/big"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"pgregory.net/rapid"
)

func TestMulDivIsExactOrSaysSo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, 1<<62).Draw(t, "a")
		b := rapid.Int64Range(0, 1<<62).Draw(t, "b")
		c := rapid.Int64Range(1, 1<<62).Draw(t, "c")
		quotient, rest := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c), new(big.Int))
		fits := quotient.Cmp(big.NewInt(int64(loyalty.MaxPoints))) <= 0
		got, ok := loyalty.MulDiv(a, b, c)
		if ok != fits || ok && got != quotient.Int64() {
			t.Fatalf("floor of %d·%d/%d: got %d %v, want %s %v", a, b, c, got, ok, quotient, fits)
		}
		if rest.Sign() > 0 {
			quotient.Add(quotient, big.NewInt(1))
		}
		got, ok = loyalty.CeilDiv(a, b, c)
		if ok != fits || ok && got != quotient.Int64() {
			t.Fatalf("ceiling of %d·%d/%d: got %d %v, want %s %v", a, b, c, got, ok, quotient, fits)
		}
	})
}

// The high half of a product may equal the divisor: dividing then would stop the endorser.
func TestMulDivAtItsEdges(t *testing.T) {
	const top = int64(loyalty.MaxPoints)
	for _, row := range []struct {
		a, b, c, want int64
		ok            bool
	}{
		{1 << 62, 8, 2, 0, false}, {1 << 62, 4, 1, 0, false}, {1 << 62, 1 << 62, 1 << 62, 0, false},
		{top, 1, 1, top, true}, {top, top, top, top, true}, {top + 1, 1, 1, 0, false}, {0, 0, 1, 0, true}, {top, 1, top + 1, 0, true},
	} {
		if got, ok := loyalty.MulDiv(row.a, row.b, row.c); got != row.want || ok != row.ok {
			t.Errorf("%d·%d/%d: got %d %v", row.a, row.b, row.c, got, ok)
		}
	}
}

// A till may offer what the quote says: the worth of the points never exceeds what is due, and
// paying one point more would.
func TestATenderIsTheMostThatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		p := sampleProgramme()
		p.RedeemPoints, p.RedeemMinor = rapid.Int64Range(1, 9).Draw(t, "points"), rapid.Int64Range(1, 9).Draw(t, "minor")
		w.ledger.SetProgramme(p)
		w.step(words("K earn anna s1 2000"))
		due := rapid.Int64Range(1, 60).Draw(t, "due")
		q, err := loyalty.QuoteBasket(w.ledger, loyalty.Env{Caller: caller("K"), Now: w.now}, loyalty.MemberID(id("anna")),
			loyalty.Basket{Currency: "EUR", Total: due})
		if err != nil {
			t.Fatal(err)
		}
		best, least := int64(0), loyalty.Points(0)
		for n := loyalty.Points(0); n <= 20; n++ {
			if worth := p.Worth(n); worth <= due && worth > best {
				best, least = worth, n
			}
		}
		if q.MaxMinor != best || q.MaxPoints != least {
			t.Fatalf("due %d: got %d with %d points, want %d with %d", due, q.MaxMinor, q.MaxPoints, best, least)
		}
	})
}

// FuzzWhateverTheNumbers sends one redemption, hold or transfer of any number of points: none
// mints, and the account stays consistent.
func FuzzWhateverTheNumbers(f *testing.F) {
	for _, n := range []int64{0, 1, -1, -100, 99, 100, 101, int64(loyalty.MaxPoints), 1 << 62, -1 << 63} {
		f.Add(n, int64(0), uint8(0))
		f.Add(n, n, uint8(1))
	}
	f.Fuzz(func(t *testing.T, points, seconds int64, kind uint8) {
		w := newWorld(t)
		w.play("K earn anna s1 10000 -> applied points 100 balance 100")
		cmd := command([]loyalty.Kind{loyalty.KindRedeem, loyalty.KindHold, loyalty.KindTransfer}[kind%3], "anna", "", points)
		cmd.Op, cmd.Print, cmd.Seconds = loyalty.OpID(id("op")), loyalty.Fingerprint(id("print")), seconds
		if cmd.Kind == loyalty.KindTransfer {
			cmd.To = loyalty.MemberID(id("ben"))
		}
		out, err := w.apply(loyalty.Env{Caller: caller("K"), Now: w.now}, cmd, loyalty.Details{})
		if err != nil {
			t.Fatal(err)
		}
		if applied := out.Status == loyalty.StatusApplied; applied && (points < 1 || points > 100 || out.Balance != 100-loyalty.Points(points)) {
			t.Errorf("%d points: %+v", points, out)
		}
	})
}

func TestEveryReasonBalances(t *testing.T) {
	for _, r := range []loyalty.Reason{
		loyalty.Earned, loyalty.Redeemed, loyalty.Held, loyalty.Released, loyalty.Captured, loyalty.Clawed,
		loyalty.Owed, loyalty.Repaid, loyalty.Restored, loyalty.Sent, loyalty.Received, loyalty.Expired,
	} {
		t.Run(string(r), func(t *testing.T) {
			e, known := loyalty.EffectOf(r)
			var c loyalty.Counter
			c.Add(r, 7)
			if got := loyalty.Points(7 * (e.Lots + e.Held - e.Debt)); !known || got != c.Net() {
				t.Errorf("lots + held − debt change by %d, the counters by %d", got, c.Net())
			}
		})
	}
	if _, known := loyalty.EffectOf("minted"); known {
		t.Error("there is an effect of a reason that does not exist")
	}
}
