package loyalty_test

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// model is the programme done naively and differently: every point is a coin of its own in one
// long list, every point owed is a slip of paper, and time is looked at at every lapse. It shares
// no code with the rules but their types.
type model struct {
	p     *loyalty.Programme
	now   loyalty.Instant
	coins []*coin
	owed  []iou
	holds []*modelHold
	sales map[string]*modelSale
	// tally counts what ever happened: owner, issuer, what.
	tally map[[3]string]int64
}

type coin struct {
	owner, issuer string
	expiry        loyalty.Month
	label         loyalty.Day // when the pile it lies on was begun
	free          bool
}

type iou struct{ owner, issuer string }

type modelHold struct {
	name, owner, chain, receipt string
	expires                     loyalty.Instant
	coins                       []*coin
	state                       loyalty.HoldState
}

type modelSale struct {
	owner, chain     string
	rung, begun      bool // rung up; taken back in part
	points, total    int64
	lines, back      []int64 // amount and quantity of each line, quantity returned
	quantities       []int64
	amount           int64
	spent            []*coin
	restored, clawed int64
	forgiven         int64
	expiry           loyalty.Month
}

func newModel(p *loyalty.Programme, now loyalty.Instant) *model {
	return &model{p: p, now: now, sales: map[string]*modelSale{}, tally: map[[3]string]int64{}}
}

func (m *model) count(owner, issuer, what string) { m.tally[[3]string{owner, issuer, what}]++ }

// free are the coins that owner could spend.
func (m *model) free(owner string) []*coin {
	var found []*coin
	for _, c := range m.coins {
		if c.owner == owner && c.free {
			found = append(found, c)
		}
	}
	return found
}

func (m *model) debts(owner string) int64 {
	n := int64(0)
	for _, d := range m.owed {
		if d.owner == owner {
			n++
		}
	}
	return n
}

func (m *model) balance(owner string) int64 { return int64(len(m.free(owner))) - m.debts(owner) }

func (m *model) held(owner string) int64 {
	n := int64(0)
	for _, h := range m.holds {
		if h.owner == owner && h.state == loyalty.HoldPending {
			n += int64(len(h.coins))
		}
	}
	return n
}

// put lays a coin on its pile; all coins of a pile bear the earliest label.
func (m *model) put(c *coin) {
	pile := []*coin{c}
	for _, other := range m.free(c.owner) {
		if other.issuer == c.issuer && other.expiry == c.expiry {
			pile = append(pile, other)
		}
	}
	label := slices.MinFunc(pile, func(a, b *coin) int { return cmp.Compare(a.label, b.label) }).label
	for _, other := range pile {
		other.label = label
	}
	c.free = true
	m.coins = append(m.coins, c)
}

// remove takes a coin off the table for good or for now.
func (m *model) remove(c *coin) {
	m.coins = slices.DeleteFunc(m.coins, func(other *coin) bool { return other == c })
	c.free = false
}

// advance lets time pass, stopping at every lapse.
func (m *model) advance(to loyalty.Instant) {
	for {
		var next *modelHold
		for _, h := range m.holds {
			if h.state == loyalty.HoldPending && h.expires <= to && (next == nil || h.expires < next.expires) {
				next = h
			}
		}
		if next == nil {
			break
		}
		next.state = loyalty.HoldExpired
		for _, c := range next.coins {
			m.put(c)
		}
		m.settle(next.expires)
	}
	m.now = to
	m.settle(to)
}

// settle throws away coins whose month is over and pays slips with coins of the same issuer.
func (m *model) settle(now loyalty.Instant) {
	for _, c := range slices.Clone(m.coins) {
		over := time.Date(int(c.expiry)/12, time.Month(int(c.expiry)%12+2), 1, 0, 0, 0, 0, time.UTC)
		if !now.Time().Before(over) {
			m.remove(c)
			m.count(c.owner, c.issuer, "expired")
		}
	}
	m.owed = slices.DeleteFunc(m.owed, func(d iou) bool {
		mine := slices.DeleteFunc(m.free(d.owner), func(c *coin) bool { return c.issuer != d.issuer })
		if len(mine) == 0 {
			return false
		}
		m.remove(slices.MinFunc(mine, burn(loyalty.BurnEarliestExpiry, "")))
		return true
	})
}

func burn(order loyalty.BurnOrder, chain string) func(a, b *coin) int {
	return func(a, b *coin) int {
		own := 0
		if order == loyalty.BurnOwnFirst && (a.issuer == chain) != (b.issuer == chain) {
			own = 1
			if a.issuer == chain {
				own = -1
			}
		}
		first, second := cmp.Compare(a.expiry, b.expiry), cmp.Compare(a.label, b.label)
		if order == loyalty.BurnOldest {
			first, second = second, first
		}
		return cmp.Or(own, first, second, cmp.Compare(msp(a.issuer), msp(b.issuer)))
	}
}

// take picks n coins in burn order; the pile order does not matter, coins of a pile are alike.
func (m *model) take(owner, chain string, n int64) []*coin {
	coins := m.free(owner)
	slices.SortStableFunc(coins, burn(m.p.BurnOrder, chain))
	coins = coins[:n]
	for _, c := range coins {
		m.remove(c)
	}
	return coins
}

func (m *model) sale(owner, chain, receipt string) *modelSale {
	s := m.sales[chain+receipt]
	if s == nil {
		s = &modelSale{owner: owner, chain: chain}
		m.sales[chain+receipt] = s
	}
	return s
}

func (m *model) wrongMember(owner, chain, receipt string) bool {
	s := m.sales[chain+receipt]
	return receipt != "" && s != nil && s.owner != owner
}

func (m *model) begun(chain, receipt string) bool {
	s := m.sales[chain+receipt]
	return receipt != "" && s != nil && s.begun
}

func (m *model) earn(owner, chain, receipt string, at loyalty.Instant, b *loyalty.Basket, valid int) loyalty.Code {
	if m.wrongMember(owner, chain, receipt) {
		return loyalty.CodeWrongMember
	}
	s := m.sale(owner, chain, receipt)
	paid := max(b.ByPoints, int64(len(s.spent))) // a point is worth a cent
	if paid > b.Total {
		return loyalty.CodePaidMoreThanTotal
	}
	t := at.Time()
	s.rung, s.total, s.points = true, b.Total, (b.Total-paid)/100
	s.expiry = loyalty.Month(t.Year()*12 + int(t.Month()) - 1 + valid)
	for _, l := range b.Lines {
		s.lines, s.quantities, s.back = append(s.lines, l.Amount), append(s.quantities, l.Quantity), append(s.back, 0)
	}
	for range s.points {
		m.put(&coin{owner: owner, issuer: chain, expiry: s.expiry, label: at.Day()})
		m.count(owner, chain, "earned")
	}
	m.settle(m.now)
	return ""
}

// spend does redeem, and the taking part of hold and transfer.
func (m *model) spend(owner, chain, receipt string, n int64) ([]*coin, loyalty.Code) {
	switch {
	case m.wrongMember(owner, chain, receipt):
		return nil, loyalty.CodeWrongMember
	case m.begun(chain, receipt):
		return nil, loyalty.CodeSaleReturned
	case m.balance(owner) < n:
		return nil, loyalty.CodeInsufficientPoints
	}
	return m.take(owner, chain, n), ""
}

func (m *model) redeem(owner, chain, receipt string, n int64) loyalty.Code {
	coins, code := m.spend(owner, chain, receipt, n)
	m.gone(owner, chain, receipt, coins)
	return code
}

// gone counts coins as redeemed and remembers what they paid for.
func (m *model) gone(owner, chain, receipt string, coins []*coin) {
	for _, c := range coins {
		m.count(owner, c.issuer, "redeemed")
		if receipt != "" {
			s := m.sale(owner, chain, receipt)
			s.spent = append(s.spent, c)
		}
	}
}

func (m *model) hold(name, owner, chain, receipt string, n int64, seconds int64) loyalty.Code {
	coins, code := m.spend(owner, chain, receipt, n)
	if code == "" {
		expires := loyalty.InstantOf(m.now.Time().Add(time.Duration(seconds) * time.Second))
		m.holds = append(m.holds, &modelHold{name, owner, chain, receipt, expires, coins, loyalty.HoldPending})
	}
	return code
}

// end captures the first n coins of a hold (0: all; -1: none, a void) and gives the rest back.
func (m *model) end(h *modelHold, chain string, n int64) loyalty.Code {
	switch {
	case h.state == loyalty.HoldCaptured:
		return loyalty.CodeHoldCaptured
	case h.state == loyalty.HoldVoided:
		return loyalty.CodeHoldVoided
	case h.state == loyalty.HoldExpired:
		return loyalty.CodeHoldExpired
	case h.chain != chain:
		return loyalty.CodeNotHoldingChain
	case n > int64(len(h.coins)):
		return loyalty.CodeExceedsHold
	case n == 0:
		n = int64(len(h.coins))
	}
	if n > 0 && m.wrongMember(h.owner, chain, h.receipt) {
		return loyalty.CodeWrongMember
	}
	if n > 0 && m.begun(chain, h.receipt) {
		return loyalty.CodeSaleReturned
	}
	h.state = loyalty.HoldCaptured
	if n < 0 {
		h.state, n = loyalty.HoldVoided, 0
	}
	m.gone(h.owner, chain, h.receipt, h.coins[:n])
	for _, c := range h.coins[n:] {
		m.put(c)
	}
	m.settle(m.now)
	return ""
}

func (m *model) transfer(from, to, chain string, n int64) loyalty.Code {
	coins, code := m.spend(from, chain, "", n)
	for _, c := range coins {
		m.count(from, c.issuer, "sent")
		m.count(to, c.issuer, "received")
		c.owner = to
		m.put(c)
	}
	m.settle(m.now)
	return code
}

// giveBack returns amount and quantities of lines: clawed, restored, forgiven, or why not.
func (m *model) giveBack(owner, chain, receipt string, amount int64, lines []loyalty.TakenLine) (got [3]int64, code loyalty.Code) {
	s := m.sales[chain+receipt]
	switch {
	case s == nil || !s.rung:
		return got, loyalty.CodeReceiptUnknown
	case s.owner != owner:
		return got, loyalty.CodeWrongMember
	}
	tooMuch := loyalty.CodeReturnExceedsSale
	if s.returned(s.amount, s.back) == s.total {
		tooMuch = loyalty.CodeNothingToReturn
	}
	back := slices.Clone(s.back)
	for _, l := range lines {
		if l.Line < 1 || l.Line > len(back) {
			return got, loyalty.CodeLineUnknown
		}
	}
	for _, l := range lines {
		if back[l.Line-1] += l.Quantity; back[l.Line-1] > s.quantities[l.Line-1] {
			return got, tooMuch
		}
	}
	if s.returned(s.amount+amount, back) > s.total {
		return got, tooMuch
	}
	s.amount, s.back, s.begun = s.amount+amount, back, true
	return m.undo(s), ""
}

// returned is the value of what came back, by rational arithmetic.
func (s *modelSale) returned(amount int64, back []int64) int64 {
	for i, q := range back {
		amount += floor(s.lines[i], q, s.quantities[i])
	}
	return amount
}

func floor(a, b, c int64) int64 {
	r := new(big.Rat).Mul(big.NewRat(a, 1), big.NewRat(b, c))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

func (m *model) undo(s *modelSale) [3]int64 {
	value := s.returned(s.amount, s.back)
	restore := floor(int64(len(s.spent))+s.restored, value, s.total) - s.restored
	due := floor(s.points, value, s.total) - s.clawed
	s.restored, s.clawed = s.restored+restore, s.clawed+due
	own := int64(0)
	for range restore {
		c := s.spent[len(s.spent)-1]
		s.spent = s.spent[:len(s.spent)-1]
		t := m.now.Time()
		if month := loyalty.Month(t.Year()*12 + int(t.Month()) - 1); c.expiry < month {
			c.expiry = month + loyalty.Month(m.p.GraceMonths)
		}
		if c.issuer == s.chain {
			own++
		}
		m.put(c)
		m.count(s.owner, c.issuer, "restored")
	}
	again := min(s.forgiven, own)
	s.forgiven -= again
	clawed, forgiven := m.clawBack(s, due+again)
	s.forgiven += forgiven
	m.settle(m.now)
	return [3]int64{clawed, restore, forgiven}
}

func (m *model) clawBack(s *modelSale, due int64) (clawed, forgiven int64) {
	for range due {
		mine := slices.DeleteFunc(m.free(s.owner), func(c *coin) bool { return c.issuer != s.chain })
		switch {
		case len(mine) > 0:
			m.remove(slices.MaxFunc(mine, func(a, b *coin) int {
				if (a.expiry == s.expiry) != (b.expiry == s.expiry) {
					if a.expiry == s.expiry {
						return 1
					}
					return -1
				}
				return cmp.Compare(a.expiry, b.expiry)
			}))
		case m.p.Returns == loyalty.ReturnsWithinBalance:
			forgiven++
			continue
		default:
			m.owed = append(m.owed, iou{s.owner, s.chain})
		}
		clawed++
		m.count(s.owner, s.chain, "clawed")
	}
	return clawed, forgiven
}
