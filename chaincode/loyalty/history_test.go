package loyalty_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"pgregory.net/rapid"
)

// history drives the rules and the model through the same random life.
type history struct {
	t     *rapid.T
	w     *world
	m     *model
	valid int
	n     int
	said  []said
	rung  []string
}

// said is one answer, to be asked for again later.
type said struct {
	env     loyalty.Env
	cmd     loyalty.Command
	details loyalty.Details
	out     loyalty.Outcome
}

var names = []string{"anna", "ben", "carl"}

func TestRandomHistoriesEndAsInTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		t.Repeat(map[string]func(*rapid.T){
			"": h.compare, "earn": h.earn, "redeem": h.redeem, "hold": h.hold, "capture": h.capture, "void": h.void,
			"return": h.giveBack, "return again": h.giveBack, "transfer": h.transfer, "cancel": h.cancel,
			"repeat": h.repeat, "wait": h.wait,
		})
	})
}

func newHistory(t *rapid.T) *history {
	w := newWorld(t)
	w.play("K enrol carl -> applied")
	p := sampleProgramme()
	p.BurnOrder = rapid.SampledFrom([]loyalty.BurnOrder{loyalty.BurnEarliestExpiry, loyalty.BurnOldest, loyalty.BurnOwnFirst}).Draw(t, "burn")
	p.Returns = rapid.SampledFrom([]loyalty.ReturnPolicy{loyalty.ReturnsUnlimited, loyalty.ReturnsWithinBalance}).Draw(t, "returns")
	p.GraceMonths = rapid.IntRange(0, 2).Draw(t, "grace")
	w.ledger.SetProgramme(p)
	h := &history{t: t, w: w, m: newModel(p, w.now), valid: rapid.IntRange(0, 3).Draw(t, "valid")}
	for _, chain := range []string{"K", "D", "L"} {
		terms := sampleTerms()
		terms.ValidMonths = h.valid
		w.ledger.SetTerms(&loyalty.TermsBook{Issuer: msp(chain), Versions: []loyalty.Terms{terms}})
	}
	return h
}

func (h *history) chain(t *rapid.T) string {
	return rapid.SampledFrom([]string{"K", "D", "L"}).Draw(t, "chain")
}
func (h *history) member(t *rapid.T) string { return rapid.SampledFrom(names).Draw(t, "member") }
func (h *history) points(t *rapid.T) int64  { return rapid.Int64Range(1, 40).Draw(t, "points") }

// receipt is mostly none; else one that exists or a new one.
func (h *history) receipt(t *rapid.T) string {
	switch rapid.IntRange(0, 3).Draw(t, "receipt") {
	case 0:
		h.n++
		h.rung = append(h.rung, fmt.Sprint("r", h.n))
		return h.rung[len(h.rung)-1]
	case 1:
		if len(h.rung) > 0 {
			return rapid.SampledFrom(h.rung).Draw(t, "which")
		}
	}
	return ""
}

func (h *history) name(kind string) string {
	h.n++
	return fmt.Sprint(kind, h.n)
}

// apply sends a command and compares the answer with the model's.
func (h *history) apply(chain string, cmd loyalty.Command, d loyalty.Details, code loyalty.Code) loyalty.Outcome {
	h.t.Helper()
	if cmd.Op == "" {
		cmd.Op = loyalty.OpID(id(h.name("op")))
	}
	cmd.Print = loyalty.Fingerprint(id(fmt.Sprint(cmd, h.n)))
	env := loyalty.Env{Caller: caller(chain), Now: h.w.now}
	out, err := h.w.apply(env, cmd, d)
	if err != nil {
		h.t.Fatal(err)
	}
	if out.Code != code {
		h.t.Fatalf("%s %s: got %q, the model says %q (%s)", chain, cmd.Kind, out.Code, code, out.Message)
	}
	h.said = append(h.said, said{env, cmd, d, out})
	return out
}

func (h *history) check(what string, got loyalty.Points, want int64) {
	h.t.Helper()
	if int64(got) != want {
		h.t.Fatalf("%s: got %d, the model has %d", what, got, want)
	}
}

func (h *history) earn(t *rapid.T) {
	who, chain := h.member(t), h.chain(t)
	receipt := h.receipt(t)
	if receipt == "" || h.m.sales[chain+receipt] != nil && h.m.sales[chain+receipt].rung {
		receipt = h.name("s")
		h.rung = append(h.rung, receipt)
	}
	b := h.w.basket(0, words("K earn anna s"))
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		l := loyalty.Line{SKU: "sku", Quantity: rapid.Int64Range(1, 4).Draw(t, "quantity"), Amount: rapid.Int64Range(0, 1200).Draw(t, "amount")}
		b.Lines, b.Total = append(b.Lines, l), b.Total+l.Amount
	}
	if b.Total == 0 {
		b.Lines, b.Total = nil, rapid.Int64Range(1, 3000).Draw(t, "total")
	}
	b.ByPoints = rapid.Int64Range(0, b.Total).Draw(t, "by") / 2
	b.At = h.w.now - loyalty.Instant(rapid.Int64Range(0, 72*3600*1000).Draw(t, "late"))
	code := h.m.earn(who, chain, receipt, b.At, b, h.valid)
	h.apply(chain, loyalty.Command{
		Kind: loyalty.KindEarn, Member: loyalty.MemberID(id(who)), Receipt: loyalty.ReceiptID(id(receipt)),
	}, loyalty.Details{Basket: b}, code)
}

func (h *history) redeem(t *rapid.T) {
	who, chain, receipt, n := h.member(t), h.chain(t), h.receipt(t), h.points(t)
	h.apply(chain, command(loyalty.KindRedeem, who, receipt, n), loyalty.Details{}, h.m.redeem(who, chain, receipt, n))
}

func command(kind loyalty.Kind, who, receipt string, n int64) loyalty.Command {
	cmd := loyalty.Command{Kind: kind, Member: loyalty.MemberID(id(who)), Points: loyalty.Points(n)}
	if receipt != "" {
		cmd.Receipt = loyalty.ReceiptID(id(receipt))
	}
	return cmd
}

func (h *history) hold(t *rapid.T) {
	who, chain, receipt, n := h.member(t), h.chain(t), h.receipt(t), h.points(t)
	cmd := command(loyalty.KindHold, who, receipt, n)
	cmd.Seconds = rapid.Int64Range(1, 3600).Draw(t, "seconds")
	name := h.name("h")
	cmd.Op = loyalty.OpID(id(name))
	h.w.holds[name] = loyalty.NewHoldID(cmd.Member, cmd.Op)
	h.apply(chain, cmd, loyalty.Details{}, h.m.hold(name, who, chain, receipt, n, cmd.Seconds))
}

// anyHold prefers pending holds and their own chain, but not always.
func (h *history) anyHold(t *rapid.T) (*modelHold, string) {
	holds := h.m.holds
	pending := slices.DeleteFunc(slices.Clone(holds), func(x *modelHold) bool { return x.state != loyalty.HoldPending })
	if len(pending) > 0 && rapid.IntRange(0, 3).Draw(t, "pending") > 0 {
		holds = pending
	}
	if len(holds) == 0 {
		t.Skip("no hold")
	}
	hold := rapid.SampledFrom(holds).Draw(t, "hold")
	if rapid.IntRange(0, 9).Draw(t, "foreign") == 0 {
		return hold, h.chain(t)
	}
	return hold, hold.chain
}

func (h *history) capture(t *rapid.T) {
	hold, chain := h.anyHold(t)
	n := rapid.Int64Range(0, int64(len(hold.coins))+1).Draw(t, "points")
	cmd := loyalty.Command{Kind: loyalty.KindCapture, Hold: h.w.holds[hold.name], Points: loyalty.Points(n)}
	h.apply(chain, cmd, loyalty.Details{}, h.m.end(hold, chain, n))
}

func (h *history) void(t *rapid.T) {
	hold, chain := h.anyHold(t)
	h.apply(chain, loyalty.Command{Kind: loyalty.KindVoid, Hold: h.w.holds[hold.name]}, loyalty.Details{}, h.m.end(hold, chain, -1))
}

func (h *history) transfer(t *rapid.T) {
	from, to, chain, n := h.member(t), h.member(t), h.chain(t), h.points(t)
	if from == to {
		t.Skip("to self")
	}
	cmd := command(loyalty.KindTransfer, from, "", n)
	cmd.To = loyalty.MemberID(id(to))
	h.apply(chain, cmd, loyalty.Details{}, h.m.transfer(from, to, chain, n))
}

func (h *history) giveBack(t *rapid.T) {
	if len(h.rung) == 0 {
		t.Skip("no sale")
	}
	receipt, chain := rapid.SampledFrom(h.rung).Draw(t, "sale"), h.chain(t)
	who := h.member(t)
	var lines []loyalty.TakenLine
	most := int64(100)
	if s := h.m.sales[chain+receipt]; s != nil && rapid.IntRange(0, 9).Draw(t, "other") > 0 {
		who, most = s.owner, max(1, s.total-s.returned(s.amount, s.back))
		for range rapid.IntRange(0, 2*min(1, len(s.lines))).Draw(t, "lines") {
			lines = append(lines, loyalty.TakenLine{
				Line: rapid.IntRange(1, len(s.lines)).Draw(t, "line"), Quantity: rapid.Int64Range(1, 3).Draw(t, "quantity"),
			})
		}
	}
	amount := rapid.Int64Range(0, most+1).Draw(t, "amount")
	if lines != nil && rapid.Bool().Draw(t, "lines only") {
		amount = 0
	}
	if amount == 0 && lines == nil {
		amount = most
	}
	cmd := command(loyalty.KindReturn, who, h.name("slip"), 0)
	cmd.Sale = loyalty.ReceiptID(id(receipt))
	taken := h.w.taken(words(fmt.Sprintf("%s return %s %s", chain, who, receipt)))
	taken.Amount, taken.Lines = amount, lines
	want, code := h.m.giveBack(who, chain, receipt, amount, lines)
	out := h.apply(chain, cmd, loyalty.Details{Return: taken}, code)
	h.check("clawed", out.Points, want[0])
	h.check("restored", out.Restored, want[1])
	h.check("forgiven", out.Forgiven, want[2])
}

// cancel either stops a key nobody used or hears what became of one.
func (h *history) cancel(t *rapid.T) {
	chain := h.chain(t)
	cmd := loyalty.Command{Kind: loyalty.KindCancel, Op: loyalty.OpID(id(h.name("unused")))}
	out, err := h.w.apply(loyalty.Env{Caller: caller(chain), Now: h.w.now}, cmd, loyalty.Details{})
	if err != nil || out.Status != loyalty.StatusCancelled {
		t.Fatalf("%v %v", out, err)
	}
	late := command(loyalty.KindRedeem, h.member(t), "", 1)
	late.Op, late.Print = cmd.Op, loyalty.Fingerprint(id("late"))
	out, err = h.w.apply(loyalty.Env{Caller: caller(chain), Now: h.w.now}, late, loyalty.Details{})
	if err != nil || out.Status != loyalty.StatusCancelled {
		t.Fatalf("%v %v", out, err)
	}
}

// repeat sends any earlier command again, or cancels it: the answer stays what it was.
func (h *history) repeat(t *rapid.T) {
	if len(h.said) == 0 {
		t.Skip("nothing said")
	}
	s := rapid.SampledFrom(h.said).Draw(t, "again")
	cmd, d := s.cmd, s.details
	if rapid.Bool().Draw(t, "as a cancel") {
		cmd, d = loyalty.Command{Kind: loyalty.KindCancel, Op: cmd.Op}, loyalty.Details{}
	}
	want := s.out
	want.Replayed = true
	got, err := h.w.apply(loyalty.Env{Caller: s.env.Caller, Now: h.w.now}, cmd, d)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s again\n got %+v (%v)\nwant %+v", cmd.Kind, got, err, want)
	}
}

// wait lets seconds, hours or weeks pass.
func (h *history) wait(t *rapid.T) {
	unit := rapid.SampledFrom([]int64{1, 60, 3600, 86400}).Draw(t, "unit")
	h.w.now += loyalty.Instant(unit * 1000 * rapid.Int64Range(1, 40).Draw(t, "units"))
	h.m.advance(h.w.now)
}

// compare looks at everything both sides know.
func (h *history) compare(t *rapid.T) {
	for _, who := range names {
		a, _ := h.w.ledger.Account(loyalty.MemberID(id(who)))
		v := a.View(h.w.now)
		h.check(who+"'s balance", v.Balance, h.m.balance(who))
		h.check(who+"'s held points", v.Held, h.m.held(who))
		piles := map[string]int64{}
		for _, c := range h.m.free(who) {
			piles[fmt.Sprint(msp(c.issuer), c.expiry, c.label)]++
		}
		for _, l := range v.Account.Lots {
			key := fmt.Sprint(l.Issuer, l.Expiry, l.Earned)
			h.check(who+"'s lot "+key, l.Points, piles[key])
			delete(piles, key)
		}
		if len(piles) > 0 {
			t.Fatalf("%s: the model has more piles: %v", who, piles)
		}
		h.compareCounters(who, v.Account)
	}
	for _, m := range h.m.holds {
		s, err := loyalty.FindHold(h.w.ledger, h.w.holds[m.name], h.w.now)
		if err != nil || s == nil || s.State != m.state {
			t.Fatalf("hold %s: %v, %v; the model says %s", m.name, s, err, m.state)
		}
	}
}

func (h *history) compareCounters(who string, a loyalty.Account) {
	for _, chain := range []string{"K", "D", "L"} {
		var c loyalty.Counter
		for _, counter := range a.Counters {
			if counter.Issuer == msp(chain) {
				c = counter
			}
		}
		for what, got := range map[string]loyalty.Points{
			"earned": c.Earned, "clawed": c.Clawed, "redeemed": c.Redeemed, "restored": c.Restored,
			"sent": c.Sent, "received": c.Received, "expired": c.Expired,
		} {
			h.check(who+" "+chain+" "+what, got, h.m.tally[[3]string{who, chain, what}])
		}
	}
}
