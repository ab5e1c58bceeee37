package loyalty

import (
	"cmp"
	"slices"
)

// Account is everything a member has: one document, read once and written once by an operation.
// Lots, Holds, Debts and Counters are sorted and merged at every change, so that equal accounts
// have equal bytes.
type Account struct {
	Member   MemberID  `json:"member"`
	Enroller MSPID     `json:"enroller"` // the chain that holds the member's personal data
	Opened   Instant   `json:"opened"`
	LastAt   Instant   `json:"lastAt"`  // the account's clock: never goes back
	Entries  int64     `json:"entries"` // operations that changed this account so far
	Lots     []Lot     `json:"lots,omitempty"`
	Holds    []Hold    `json:"holds,omitempty"`
	Debts    []Debt    `json:"debts,omitempty"`
	Counters []Counter `json:"counters,omitempty"`
}

// Lot is points that were earned together as far as anybody can tell later: the same issuer owes
// for them, under the same terms, until the same month. Points is always positive.
type Lot struct {
	Issuer MSPID  `json:"issuer"`
	Terms  int    `json:"terms"`  // version of the issuer's terms
	Expiry Month  `json:"expiry"` // last month in which the points can be spent
	Earned Day    `json:"earned"` // earliest day on which points of this lot were earned
	Points Points `json:"points"`
}

// Hold reserves points for one redeeming organisation until it captures or voids them, or until
// Expires passes: then the points are back without anybody doing anything.
type Hold struct {
	ID       HoldID    `json:"id"`
	Redeemer MSPID     `json:"redeemer"`
	Points   Points    `json:"points"`
	Draws    []Lot     `json:"draws"` // what was taken from which lot, in burn order
	Receipt  ReceiptID `json:"receipt,omitempty"`
	Expires  Instant   `json:"expires"`
}

// Debt is what a member owes one issuer: points clawed back that were already spent. The next
// points of the same issuer repay it.
type Debt struct {
	Issuer MSPID  `json:"issuer"`
	Points Points `json:"points"`
}

// Counter is what ever happened to points of one issuer on one account. Counters only grow; they
// are sums of postings and are checked against them by the auditor.
type Counter struct {
	Issuer   MSPID  `json:"issuer"`
	Earned   Points `json:"earned"`
	Clawed   Points `json:"clawed"` // taken back by returns, from lots or as a debt
	Redeemed Points `json:"redeemed"`
	Restored Points `json:"restored"`
	Sent     Points `json:"sent"`
	Received Points `json:"received"`
	Expired  Points `json:"expired"`
}

// Held is what pending holds reserve.
func (a *Account) Held() Points {
	var held Points
	for _, h := range a.Holds {
		held += h.Points
	}
	return held
}

// Balance is lots minus debts; a return may have made it negative. Held points are not in it.
func (a *Account) Balance() Points {
	balance := sum(a.Lots)
	for _, d := range a.Debts {
		balance -= d.Points
	}
	return balance
}

// Spendable is what can be redeemed, held or transferred: the balance if it is positive.
func (a *Account) Spendable() Points { return max(0, a.Balance()) }

// Clone is a copy that shares nothing with a.
func (a *Account) Clone() *Account {
	b := *a
	b.Lots, b.Debts, b.Counters = slices.Clone(a.Lots), slices.Clone(a.Debts), slices.Clone(a.Counters)
	b.Holds = slices.Clone(a.Holds)
	for i := range b.Holds {
		b.Holds[i].Draws = slices.Clone(b.Holds[i].Draws)
	}
	return &b
}

// owe adds delta, which may be negative, to what the member owes issuer.
func (a *Account) owe(issuer MSPID, delta Points) {
	i, found := slices.BinarySearchFunc(a.Debts, issuer, func(d Debt, m MSPID) int { return cmp.Compare(d.Issuer, m) })
	if !found {
		a.Debts = slices.Insert(a.Debts, i, Debt{Issuer: issuer, Points: delta})
		return
	}
	a.Debts[i].Points += delta
	if a.Debts[i].Points == 0 {
		a.Debts = slices.Delete(a.Debts, i, i+1)
	}
}

// counter is issuer's counter, made if it was not there. It stays valid until the next call.
func (a *Account) counter(issuer MSPID) *Counter {
	i, found := slices.BinarySearchFunc(a.Counters, issuer, func(c Counter, m MSPID) int { return cmp.Compare(c.Issuer, m) })
	if !found {
		a.Counters = slices.Insert(a.Counters, i, Counter{Issuer: issuer})
	}
	return &a.Counters[i]
}

// findHold is the index of a pending hold, or where it would stand.
func (a *Account) findHold(id HoldID) (int, bool) {
	return slices.BinarySearchFunc(a.Holds, id, func(h Hold, id HoldID) int { return cmp.Compare(h.ID, id) })
}

// withinLimits refuses what would make the account too large to be exact or to be one document:
// balance_limit, too_many_lots. What is there and what is owed is bounded, not what has come and
// gone: or a till that fills an account once would keep every chain from it for ever.
func (a *Account) withinLimits() *Error {
	there, owed := sum(a.Lots)+a.Held(), sum(a.Lots)-a.Balance()
	if there > MaxPoints || owed > MaxPoints || a.counted(owed) > maxCounted {
		return Refuse(CodeBalanceLimit, "The account cannot take that many points.")
	}
	lots := len(a.Lots)
	for _, h := range a.Holds {
		lots += len(h.Draws)
	}
	if lots > MaxLots {
		return Refuse(CodeTooManyLots, "The account has points of too many kinds; it takes no more until some are spent.")
	}
	return nil
}

// counted is the most that any counter of the account can say, when so many points are owed.
func (a *Account) counted(owed Points) Points {
	var most Points
	for _, c := range a.Counters {
		most = max(most, c.inflow()+owed)
	}
	return most
}
