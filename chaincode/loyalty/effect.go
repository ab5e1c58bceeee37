package loyalty

// Effect says what a posting of n points does to its account: which sums grow (+1) or shrink (−1)
// by n. Lots and Held are per lot, Debt is per issuer.
type Effect struct {
	Lots, Held, Debt int
	counter          func(*Counter) *Points
}

// effects is the whole of bookkeeping. balance = lots − debts.
var effects = map[Reason]Effect{
	Earned:   {Lots: +1, counter: func(c *Counter) *Points { return &c.Earned }},
	Redeemed: {Lots: -1, counter: func(c *Counter) *Points { return &c.Redeemed }},
	Held:     {Lots: -1, Held: +1},
	Released: {Lots: +1, Held: -1},
	Captured: {Held: -1, counter: func(c *Counter) *Points { return &c.Redeemed }},
	Clawed:   {Lots: -1, counter: func(c *Counter) *Points { return &c.Clawed }},
	Owed:     {Debt: +1, counter: func(c *Counter) *Points { return &c.Clawed }},
	Repaid:   {Lots: -1, Debt: -1},
	Restored: {Lots: +1, counter: func(c *Counter) *Points { return &c.Restored }},
	Sent:     {Lots: -1, counter: func(c *Counter) *Points { return &c.Sent }},
	Received: {Lots: +1, counter: func(c *Counter) *Points { return &c.Received }},
	Expired:  {Lots: -1, counter: func(c *Counter) *Points { return &c.Expired }},
}

// EffectOf is the effect of a posting with reason r; false if there is no such reason.
func EffectOf(r Reason) (Effect, bool) {
	e, ok := effects[r]
	return e, ok
}

// Add counts n points posted for reason r; reasons that no counter counts change nothing.
func (c *Counter) Add(r Reason, n Points) {
	if counter := effects[r].counter; counter != nil {
		*counter(c) += n
	}
}

// Net is what the account still has, holds or owes of one issuer's points, by the counters alone:
// lots + held − debt.
func (c Counter) Net() Points {
	return c.Earned + c.Received + c.Restored - c.Redeemed - c.Clawed - c.Sent - c.Expired
}

// inflow is all that ever came in. What went out exceeds it by no more than what is owed.
func (c Counter) inflow() Points { return c.Earned + c.Received + c.Restored }

// post moves lot.Points points for a reason: the one way in which points of an account move. Held
// points are kept by the hold itself, which the caller adds or removes.
func (a *Account) post(to *[]Posting, r Reason, lot Lot, redeemer MSPID) {
	n := lot.Points
	if n == 0 {
		return
	}
	e := effects[r]
	if e.Lots != 0 {
		a.change(lot, Points(e.Lots)*n)
	}
	if e.Debt != 0 {
		a.owe(lot.Issuer, Points(e.Debt)*n)
	}
	a.counter(lot.Issuer).Add(r, n)
	*to = append(*to, Posting{
		Member: a.Member, Reason: r, Issuer: lot.Issuer, Terms: lot.Terms, Expiry: lot.Expiry, Points: n, Redeemer: redeemer,
	})
}
