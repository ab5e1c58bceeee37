package teller

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
)

// Account is a member's points as they are now, lot by lot, from the own peer.
func (t *Teller) Account(ctx context.Context, _ Desk, member string) (Account, error) {
	m, err := memberID(member)
	if err != nil {
		return Account{}, err
	}
	view, err := t.view(ctx, m)
	if err != nil {
		return Account{}, err
	}
	a := Account{
		Member: member, Enroller: string(view.Account.Enroller),
		Balance: int64(view.Balance), Spendable: int64(view.Spendable), Held: int64(view.Held),
		Lots: []Lot{}, Holds: []Hold{}, Issuers: issuers(view.Account),
	}
	for _, l := range view.Account.Lots {
		a.Lots = append(a.Lots, Lot{
			Issuer: string(l.Issuer), Terms: l.Terms, Expiry: lastDay(l.Expiry), Earned: l.Earned.String(), Points: int64(l.Points),
		})
	}
	for _, h := range view.Account.Holds {
		a.Holds = append(a.Holds, Hold{
			Hold: string(h.ID), Redeemer: string(h.Redeemer), Points: int64(h.Points), Expires: h.Expires.Time(),
		})
	}
	return a, nil
}

func (t *Teller) view(ctx context.Context, member loyalty.MemberID) (api.AccountView, error) {
	var view api.AccountView
	err := t.public(ctx, &view, api.GetAccount, string(member))
	return view, err
}

// issuers joins counters and debts by issuer, in the order of their names.
func issuers(a loyalty.Account) []Issuer {
	by := make(map[loyalty.MSPID]Issuer)
	for _, c := range a.Counters {
		by[c.Issuer] = Issuer{
			Issuer: string(c.Issuer), Earned: int64(c.Earned), Clawed: int64(c.Clawed), Redeemed: int64(c.Redeemed),
			Restored: int64(c.Restored), Sent: int64(c.Sent), Received: int64(c.Received), Expired: int64(c.Expired),
			Net: int64(c.Earned - c.Clawed),
		}
	}
	for _, d := range a.Debts {
		i := by[d.Issuer]
		i.Issuer, i.Debt = string(d.Issuer), int64(d.Points)
		by[d.Issuer] = i
	}
	all := make([]Issuer, 0, len(by))
	for _, msp := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[msp])
	}
	return all
}

// Entries is a page of a member's statement, newest first, as far as the projection has come.
func (t *Teller) Entries(ctx context.Context, _ Desk, member, cursor string, limit int) (Entries, error) {
	m, err := memberID(member)
	if err != nil {
		return Entries{}, err
	}
	if limit < 1 || limit > projection.MaxPage {
		return Entries{}, malformed("a page has 1 to %d entries", projection.MaxPage)
	}
	page, err := t.config.Statement.Page(ctx, m, cursor, limit)
	if errors.Is(err, projection.ErrCursor) {
		return Entries{}, malformed("the cursor is not one of this statement")
	}
	if err != nil {
		return Entries{}, err
	}
	entries := Entries{Entries: []Entry{}, Next: page.Next, Height: page.Height}
	for _, e := range page.Entries {
		entries.Entries = append(entries.Entries, entryOf(e))
	}
	return entries, nil
}

func entryOf(e projection.Entry) Entry {
	entry := Entry{
		Cursor: e.Cursor, At: e.At.Time(), Block: e.Block, Transaction: e.Transaction, Operation: string(e.Operation),
		Chain: string(e.Chain), Kind: string(e.Kind), Reason: string(e.Reason), Issuer: string(e.Issuer), Points: int64(e.Points),
	}
	if e.Expiry != 0 {
		entry.Expiry = lastDay(e.Expiry)
	}
	return entry
}
