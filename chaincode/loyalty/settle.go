package loyalty

import (
	"cmp"
	"slices"
)

// letGo ends what time has ended and returns the holds that lapsed. It walks through time as if
// somebody had looked at every moment: at each lapse, in order, the held points go back to their
// lots, lots of past months expire, and debts are repaid. So it does not matter how often, or by
// whom, an account is touched.
func (a *Account) letGo(now Instant, to *[]Posting) []Hold {
	lapsed := a.takeLapsed(now)
	for _, h := range lapsed {
		a.release(h.Draws, to)
		a.expire(h.Expires.Month(), to)
		a.repay(to)
	}
	a.expire(now.Month(), to)
	a.repay(to)
	return lapsed
}

// takeLapsed removes the holds that have lapsed by now, first to lapse first.
func (a *Account) takeLapsed(now Instant) []Hold {
	var lapsed, pending []Hold
	for _, h := range a.Holds {
		if h.lapsed(now) {
			lapsed = append(lapsed, h)
		} else {
			pending = append(pending, h)
		}
	}
	a.Holds = pending
	slices.SortStableFunc(lapsed, func(a, b Hold) int { return cmp.Compare(a.Expires, b.Expires) })
	return lapsed
}

// release puts held points back where they came from.
func (a *Account) release(draws []Lot, to *[]Posting) {
	for _, l := range draws {
		a.post(to, Released, l, "")
	}
}

// expire takes away the lots whose last month is before month.
func (a *Account) expire(month Month, to *[]Posting) {
	var past []Lot
	for _, l := range a.Lots {
		if l.Expiry < month {
			past = append(past, l)
		}
	}
	for _, l := range past {
		a.post(to, Expired, l, "")
	}
}

// repay settles each debt as far as lots of its issuer go, earliest expiry first.
func (a *Account) repay(to *[]Posting) {
	for _, d := range slices.Clone(a.Debts) {
		for _, l := range draw(a.lotsOf(d.Issuer), d.Points, byExpiry) {
			a.post(to, Repaid, l, "")
		}
	}
}
