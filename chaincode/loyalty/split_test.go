package loyalty_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"pgregory.net/rapid"
)

// life is what happened before a return: the same for the whole return and for its parts.
type life struct {
	script string
	prices []int64 // of the lines of sale s
	counts []int64
	spent  bool
}

func drawLife(t *rapid.T) life {
	l := life{script: fmt.Sprintf("programme returns=%s grace=%d", rapid.SampledFrom([]string{"unlimited", "within_balance"}).Draw(t, "returns"),
		rapid.IntRange(0, 3).Draw(t, "grace"))}
	number := func(what string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, what) }
	add := func(format string, a ...any) { l.script += "\n" + fmt.Sprintf(format, a...) }
	for i, chain := range []string{"D", "K", "L"} {
		add("now 2026-11-%02dT10:00", 23+i)
		add("%s earn anna before%d %d", chain, i, 1+number("earned before", 8000))
	}
	add("now 2026-12-05")
	add("K earn anna december %d", 1+number("earned in December", 4000))
	total := int64(0)
	lines := ""
	for range rapid.IntRange(0, 4).Draw(t, "lines") {
		price, count := number("price", 5000), 1+number("count", 6)
		l.prices, l.counts = append(l.prices, price), append(l.counts, count)
		lines += fmt.Sprintf(",%dx%d", count, price)
		total += price
	}
	if total == 0 {
		l.prices, l.counts, lines = nil, nil, ""
		total = 1 + number("total", 20000)
	} else {
		lines = "lines=" + lines[1:]
	}
	if l.spent = rapid.Bool().Draw(t, "pay with points"); l.spent {
		add("K redeem anna %d receipt=s", 1+number("paid", min(150, total-1)))
	}
	add("K earn anna s %d %s by=%d", total, lines, number("by points", total))
	add("D redeem anna %d", 1+number("spent since", 300))
	add("K hold anna %d seconds=3600", 1+number("held", 50))
	if rapid.IntRange(0, 3).Draw(t, "later") == 0 {
		add("now 2027-12-15") // the lots are past their month; the sale's as well
		add("K earn anna lately %d", 1+number("earned lately", 3000))
	}
	return l
}

// live plays a life; some of its lines may be refused, the same ones every time.
func (l life) live(t *rapid.T) *world {
	w := newWorld(t)
	for _, line := range bytes.Split([]byte(l.script), []byte("\n")) {
		w.line++
		w.step(words(string(line)))
	}
	return w
}

func (w *world) takeBack(t *rapid.T, amount int64, lines []loyalty.TakenLine) {
	w.line++
	a := words("K return anna s")
	cmd, d := w.build(a)
	d.Return.Amount, d.Return.Lines = amount, lines
	out, err := w.apply(loyalty.Env{Caller: caller("K"), Now: w.now}, cmd, d)
	if err != nil || out.Status != loyalty.StatusApplied {
		t.Fatalf("return of %d and %v: %s %v", amount, lines, out.Code, err)
	}
}

func TestHoweverAReturnIsSplitItEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLife(t)
		whole, parts := l.live(t), l.live(t)
		amount, lines := drawTaken(t, l, whole)
		if amount == 0 && lines == nil {
			t.Skip("nothing to return")
		}
		whole.takeBack(t, amount, lines)
		for _, part := range drawSplit(t, amount, lines) {
			parts.takeBack(t, part.amount, part.lines)
		}
		compareReturns(t, whole, parts, l.spent)
	})
}

// drawTaken chooses what comes back: never more than was sold.
func drawTaken(t *rapid.T, l life, w *world) (int64, []loyalty.TakenLine) {
	opening, err := loyalty.ParseOpening(w.ledger.Opening(msp("K"), loyalty.ReceiptID(id("s"))))
	if err != nil {
		t.Fatal(err)
	}
	left := opening.Basket.Total
	var lines []loyalty.TakenLine
	for i, count := range l.counts {
		if q := rapid.Int64Range(0, count).Draw(t, "quantity back"); q > 0 {
			lines = append(lines, loyalty.TakenLine{Line: i + 1, Quantity: q})
			left -= floor(l.prices[i], q, count)
		}
	}
	if rapid.Bool().Draw(t, "all of the rest") {
		return left, lines
	}
	return rapid.Int64Range(0, left).Draw(t, "amount back"), lines
}

type part struct {
	amount int64
	lines  []loyalty.TakenLine
}

// drawSplit cuts a return into pieces of its own, in any order.
func drawSplit(t *rapid.T, amount int64, lines []loyalty.TakenLine) []part {
	var amounts, pieces []part
	for amount > 0 {
		n := amount
		if len(amounts) < 6 {
			n = rapid.Int64Range(1, amount).Draw(t, "part")
		}
		amounts, amount = append(amounts, part{amount: n}), amount-n
	}
	for _, l := range lines {
		for l.Quantity > 0 {
			n := rapid.Int64Range(1, l.Quantity).Draw(t, "pieces")
			pieces = append(pieces, part{lines: []loyalty.TakenLine{{Line: l.Line, Quantity: n}}})
			l.Quantity -= n
		}
	}
	if len(amounts) > 0 && len(pieces) > 0 && rapid.Bool().Draw(t, "joined") {
		amounts[0].lines, pieces = pieces[0].lines, pieces[1:]
	}
	all := append(pieces, amounts...)
	return rapid.Permutation(all).Draw(t, "order")
}

func compareReturns(t *rapid.T, whole, parts *world, spent bool) {
	one, _ := whole.ledger.Account(loyalty.MemberID(id("anna")))
	two, _ := parts.ledger.Account(loyalty.MemberID(id("anna")))
	if !reflect.DeepEqual(one.Counters, two.Counters) {
		t.Fatalf("counters:\n whole %+v\n parts %+v", one.Counters, two.Counters)
	}
	if a, b := byIssuer(one), byIssuer(two); !reflect.DeepEqual(a, b) {
		t.Fatalf("balances by issuer: whole %v, parts %v", a, b)
	}
	sale := loyalty.ReceiptID(id("s"))
	if a, b := whole.ledger.Opening(msp("K"), sale), parts.ledger.Opening(msp("K"), sale); !bytes.Equal(a, b) {
		t.Fatalf("openings:\n whole %s\n parts %s", a, b)
	}
	a, _ := whole.ledger.Receipt(msp("K"), sale)
	b, _ := parts.ledger.Receipt(msp("K"), sale)
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("receipts:\n whole %+v\n parts %+v", a, b)
	}
	if !spent && !reflect.DeepEqual(one.Lots, two.Lots) {
		t.Fatalf("nothing was paid with points, and the lots differ:\n whole %+v\n parts %+v", one.Lots, two.Lots)
	}
}

func byIssuer(a *loyalty.Account) map[loyalty.MSPID]loyalty.Points {
	sums := map[loyalty.MSPID]loyalty.Points{}
	for _, l := range a.Lots {
		sums[l.Issuer] += l.Points
	}
	for _, d := range a.Debts {
		sums[d.Issuer] -= d.Points
	}
	return sums
}
