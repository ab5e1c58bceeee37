package loyalty

import "fmt"

// Quote is what a basket would earn now, and what of it could be paid with points.
type Quote struct {
	Member       MemberID `json:"member,omitempty"`
	Points       Points   `json:"points"`
	Terms        int      `json:"terms"`
	Expiry       Month    `json:"expiry"`
	Balance      Points   `json:"balance"`
	Spendable    Points   `json:"spendable"`
	MaxPoints    Points   `json:"maxPoints"`   // most that can be redeemed on this basket
	MaxMinor     int64    `json:"maxMinor"`    // and its value
	NextPointAt  int64    `json:"nextPointAt"` // minor units still missing for one more point; 0 at the largest basket
	RedeemPoints int64    `json:"redeemPoints"`
	RedeemMinor  int64    `json:"redeemMinor"`
}

// QuoteBasket says what the calling chain would give for a basket: the arithmetic of an earn,
// changing nothing. member may be empty, and so may everything in the basket but its money; a
// basket without a business time is of now. A refusal is an error of type *Error: those of the
// basket's money, then programme_unknown, member_unknown, and those of earn.
func QuoteBasket(l Ledger, env Env, member MemberID, b Basket) (Quote, error) {
	if refusal := b.checkMoney(); refusal != nil {
		return Quote{}, refusal
	}
	p, err := l.Programme()
	if err != nil {
		return Quote{}, fmt.Errorf("programme: %w", err)
	}
	if p == nil {
		return Quote{}, Refuse(CodeProgrammeUnknown, "There is no programme yet.")
	}
	q := Quote{Member: member, RedeemPoints: p.RedeemPoints, RedeemMinor: p.RedeemMinor}
	if err := q.addAccount(l, env.Now, p, &b); err != nil {
		return Quote{}, err
	}
	if err := q.addGain(l, env, p, &b); err != nil {
		return Quote{}, err
	}
	return q, nil
}

// addAccount fills in what the member could pay with.
func (q *Quote) addAccount(l Ledger, now Instant, p *Programme, b *Basket) error {
	if q.Member == "" {
		return nil
	}
	a, err := l.Account(q.Member)
	if err != nil {
		return fmt.Errorf("account %s: %w", q.Member, err)
	}
	if a == nil {
		return Refuse(CodeMemberUnknown, "There is no member with this reference.")
	}
	v := a.View(now)
	q.Balance, q.Spendable = v.Balance, v.Spendable
	q.MaxPoints, q.MaxMinor = p.tender(p.redeemable(v.Spendable), b.Total-b.ByPoints)
	return nil
}

// addGain fills in what the basket would earn.
func (q *Quote) addGain(l Ledger, env Env, p *Programme, b *Basket) error {
	if b.At == 0 {
		b.At = env.Now
	}
	if refusal := p.accepts(b, env.Now); refusal != nil {
		return refusal
	}
	book, err := l.Terms(env.Caller.MSP)
	if err != nil {
		return fmt.Errorf("terms of %s: %w", env.Caller.MSP, err)
	}
	gain, refusal := p.gain(book, b, 0)
	if refusal != nil {
		return refusal
	}
	q.Points, q.Terms, q.Expiry = gain.points, gain.terms.Version, gain.expiry
	if next, ok := ceilDiv(int64(q.Points)+1, gain.terms.EarnMinor, gain.terms.EarnPoints); ok {
		q.NextPointAt = next - (b.Total - b.ByPoints)
	}
	return nil
}

// Worth is the value of n points at every till, in minor units, rounded down. It is at most
// MaxMinor, which no basket exceeds.
func (p *Programme) Worth(n Points) int64 {
	minor, ok := mulDiv(int64(max(0, n)), p.RedeemMinor, p.RedeemPoints)
	if !ok {
		return MaxMinor
	}
	return minor
}

// redeemable is how many of n points one redemption may take.
func (p *Programme) redeemable(n Points) Points {
	if p.RedeemMax > 0 {
		return min(n, p.RedeemMax)
	}
	return n
}

// tender is the most that spendable points can pay of due minor units, and what they are worth:
// never more than due, and no point more than that value needs.
func (p *Programme) tender(spendable Points, due int64) (Points, int64) {
	minor := min(due, p.Worth(spendable))
	n, ok := ceilDiv(minor, p.RedeemPoints, p.RedeemMinor)
	if !ok {
		return 0, 0
	}
	if p.Worth(Points(n)) > due { // one point is worth several minor units: the last would overpay
		n--
	}
	return Points(n), p.Worth(Points(n))
}
