package loyalty

import "fmt"

// View is an account as it is at an instant, what time has ended let go of.
type View struct {
	Account   Account `json:"account"`
	Balance   Points  `json:"balance"`
	Spendable Points  `json:"spendable"`
	Held      Points  `json:"held"`
}

// View is a as the next command would find it at now. a itself stays as it is. If now lies before
// the last entry, nothing more is let go: what that entry ended stays ended.
func (a *Account) View(now Instant) View {
	b := a.Clone()
	b.letGo(now, new([]Posting))
	return View{Account: *b, Balance: b.Balance(), Spendable: b.Spendable(), Held: b.Held()}
}

// HoldStatus is where a hold is in its life.
type HoldStatus struct {
	ID       HoldID    `json:"id"`
	State    HoldState `json:"state"`
	Redeemer MSPID     `json:"redeemer,omitempty"`
	Points   Points    `json:"points,omitempty"`
	Captured Points    `json:"captured,omitempty"`
	Expires  Instant   `json:"expires,omitempty"`
}

// FindHold says where a hold is in its life at now. A hold that has lapsed is expired even if no
// command has let it go yet. It is nil if there never was such a hold.
func FindHold(l Ledger, id HoldID, now Instant) (*HoldStatus, error) {
	end, err := l.HoldEnd(id)
	if err != nil {
		return nil, fmt.Errorf("end of hold %s: %w", id, err)
	}
	if end != nil {
		return &HoldStatus{ID: id, State: end.State, Captured: end.Captured}, nil
	}
	a, err := l.Account(id.Member())
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", id.Member(), err)
	}
	if a == nil {
		return nil, nil
	}
	i, pending := a.findHold(id)
	if !pending {
		return nil, nil
	}
	h := a.Holds[i]
	status := &HoldStatus{ID: id, State: HoldPending, Redeemer: h.Redeemer, Points: h.Points, Expires: h.Expires}
	if h.lapsed(now) {
		status.State = HoldExpired
	}
	return status, nil
}
