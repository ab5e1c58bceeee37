package loyalty

import (
	"cmp"
	"slices"
)

// MaxLots bounds the lots of one account, those inside its holds included, and the draws that one
// receipt remembers: an account stays one small document.
const MaxLots = 512

// compareLots orders lots by what makes two of them the same: issuer, terms, expiry.
func compareLots(a, b Lot) int {
	return cmp.Or(cmp.Compare(a.Issuer, b.Issuer), cmp.Compare(a.Terms, b.Terms), cmp.Compare(a.Expiry, b.Expiry))
}

// sum is the points of all lots together.
func sum(lots []Lot) Points {
	var total Points
	for _, l := range lots {
		total += l.Points
	}
	return total
}

// change adds delta points, which may be negative, to the lot like l. It keeps the lots sorted
// and merged and drops an empty one. A lot that goes below zero is left for CheckAccount to find.
func (a *Account) change(l Lot, delta Points) {
	i, found := slices.BinarySearchFunc(a.Lots, l, compareLots)
	if !found {
		l.Points = delta
		a.Lots = slices.Insert(a.Lots, i, l)
		return
	}
	lot := &a.Lots[i]
	lot.Points += delta
	if delta > 0 {
		lot.Earned = min(lot.Earned, l.Earned)
	}
	if lot.Points == 0 {
		a.Lots = slices.Delete(a.Lots, i, i+1)
	}
}

// lotsOf is a copy of the lots that one issuer owes for.
func (a *Account) lotsOf(issuer MSPID) []Lot {
	var lots []Lot
	for _, l := range a.Lots {
		if l.Issuer == issuer {
			lots = append(lots, l)
		}
	}
	return lots
}

// draw says what to take from which lot, in order, to come to n points or to the end of the lots.
func draw(lots []Lot, n Points, order func(a, b Lot) int) []Lot {
	var drawn []Lot
	for _, l := range slices.SortedFunc(slices.Values(lots), order) {
		if n == 0 {
			break
		}
		l.Points = min(l.Points, n)
		n -= l.Points
		drawn = append(drawn, l)
	}
	return drawn
}

// byExpiry puts the points that expire first in front; no two lots of an account tie.
func byExpiry(a, b Lot) int {
	return cmp.Or(cmp.Compare(a.Expiry, b.Expiry), cmp.Compare(a.Earned, b.Earned), compareLots(a, b))
}

// byAge puts the points that were earned first in front; no two lots of an account tie.
func byAge(a, b Lot) int { return cmp.Or(cmp.Compare(a.Earned, b.Earned), byExpiry(a, b)) }

// For is the order in which lots are drawn when redeemer gives goods for them.
func (o BurnOrder) For(redeemer MSPID) func(a, b Lot) int {
	switch o {
	case BurnOldest:
		return byAge
	case BurnOwnFirst:
		return func(a, b Lot) int {
			own, other := a.Issuer == redeemer, b.Issuer == redeemer
			if own != other {
				if own {
					return -1
				}
				return 1
			}
			return byExpiry(a, b)
		}
	default:
		return byExpiry
	}
}
