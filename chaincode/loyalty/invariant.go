package loyalty

import (
	"cmp"
	"fmt"
)

// CheckAccount proves an account consistent by itself: everything sorted, merged, positive and
// bounded, and for each issuer lots + held − debt equal to what its counters say. Apply refuses to
// write an account that fails, and the auditor runs it on every account found on the ledger.
func CheckAccount(a *Account) error {
	if !a.Member.Valid() {
		return fmt.Errorf("member reference %q is malformed", a.Member)
	}
	if a.Entries < 1 || a.LastAt < a.Opened {
		return fmt.Errorf("%d entries, the last at %d, opened at %d", a.Entries, a.LastAt, a.Opened)
	}
	return cmp.Or(checkLots(a), checkHolds(a), checkDebts(a), checkCounters(a))
}

func checkLots(a *Account) error {
	for i, l := range a.Lots {
		switch {
		case l.Points <= 0 || l.Points > MaxPoints:
			return fmt.Errorf("lot %d has %d points", i, l.Points)
		case i > 0 && compareLots(a.Lots[i-1], l) >= 0:
			return fmt.Errorf("lot %d is not after lot %d", i, i-1)
		case l.Expiry < a.LastAt.Month():
			return fmt.Errorf("lot %d expired in %s, before the last entry", i, l.Expiry)
		}
	}
	return nil
}

func checkHolds(a *Account) error {
	if len(a.Holds) > MaxHolds {
		return fmt.Errorf("%d holds", len(a.Holds))
	}
	for i, h := range a.Holds {
		switch {
		case i > 0 && a.Holds[i-1].ID >= h.ID:
			return fmt.Errorf("hold %d is not after hold %d", i, i-1)
		case h.ID.Member() != a.Member || h.Redeemer == "" || h.lapsed(a.LastAt):
			return fmt.Errorf("hold %d is not a pending hold of this account", i)
		case h.Points <= 0 || h.Points > MaxPoints || sum(h.Draws) != h.Points:
			return fmt.Errorf("hold %d has %d points and draws of %d", i, h.Points, sum(h.Draws))
		}
		for _, l := range h.Draws {
			if l.Points <= 0 {
				return fmt.Errorf("hold %d has an empty draw", i)
			}
		}
	}
	return nil
}

func checkDebts(a *Account) error {
	for i, d := range a.Debts {
		switch {
		case d.Points <= 0 || d.Points > MaxPoints:
			return fmt.Errorf("debt to %s is %d", d.Issuer, d.Points)
		case i > 0 && a.Debts[i-1].Issuer >= d.Issuer:
			return fmt.Errorf("debt %d is not after debt %d", i, i-1)
		case len(a.lotsOf(d.Issuer)) > 0:
			return fmt.Errorf("debt to %s in spite of its points", d.Issuer)
		}
	}
	return nil
}

func checkCounters(a *Account) error {
	for i, c := range a.Counters {
		if i > 0 && a.Counters[i-1].Issuer >= c.Issuer {
			return fmt.Errorf("counter %d is not after counter %d", i, i-1)
		}
		for _, n := range []Points{c.Earned, c.Clawed, c.Redeemed, c.Restored, c.Sent, c.Received, c.Expired} {
			if n < 0 || n > maxCounted {
				return fmt.Errorf("a counter of %s is %d", c.Issuer, n)
			}
		}
	}
	return conserved(a)
}

// conserved compares what is there with what the counters say, issuer by issuer.
func conserved(a *Account) error {
	net := a.Clone() // what the counters say, less what is found: must come to nothing
	find := func(issuer MSPID, n Points) { net.counter(issuer).Expired += n }
	for _, l := range a.Lots {
		find(l.Issuer, l.Points)
	}
	for _, h := range a.Holds {
		for _, l := range h.Draws {
			find(l.Issuer, l.Points)
		}
	}
	for _, d := range a.Debts {
		find(d.Issuer, -d.Points)
	}
	for _, c := range net.Counters {
		if c.Net() != 0 {
			return fmt.Errorf("points of %s are %d off their counters", c.Issuer, c.Net())
		}
	}
	return nil
}
