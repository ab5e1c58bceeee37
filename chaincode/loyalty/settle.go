package loyalty

// letGo ends what time has ended, in this order: lapsed holds go back to their lots, lots of past
// months expire, and debts are repaid from lots of the same issuer, earliest expiry first. It
// returns the holds that lapsed. Doing it twice at one instant changes nothing more.
func (a *Account) letGo(now Instant, to *[]Posting) []Hold {
	lapsed := a.releaseLapsed(now, to)
	a.expire(now.Month(), to)
	a.repay(to)
	return lapsed
}

func (a *Account) releaseLapsed(now Instant, to *[]Posting) []Hold {
	var lapsed, pending []Hold
	for _, h := range a.Holds {
		if h.lapsed(now) {
			lapsed = append(lapsed, h)
		} else {
			pending = append(pending, h)
		}
	}
	a.Holds = pending
	for _, h := range lapsed {
		a.release(h.Draws, to)
	}
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

// repay settles each debt as far as lots of its issuer go.
func (a *Account) repay(to *[]Posting) {
	debts := append([]Debt(nil), a.Debts...)
	for _, d := range debts {
		for _, l := range draw(a.lotsOf(d.Issuer), d.Points, byExpiry) {
			a.post(to, Repaid, l, "")
		}
	}
}
