package teller

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// Find finds a member by reference, telephone number or e-mail address, exactly one of them. By
// number and address it finds the own chain's members only: no other chain's peer has theirs.
func (t *Teller) Find(ctx context.Context, desk Desk, r Lookup) (Member, error) {
	member, err := t.lookUp(ctx, desk, r)
	if err != nil {
		return Member{}, err
	}
	view, err := t.view(ctx, member)
	if err != nil {
		return Member{}, err
	}
	found := Member{
		Member: string(member), Balance: int64(view.Balance), Spendable: int64(view.Spendable), Held: int64(view.Held),
	}
	if view.Account.Enroller == t.config.MSP {
		// Without a profile, or without the right to see it, there still is a member.
		if who, err := t.person(ctx, desk.Role, member); err == nil {
			found.Initial = who.initial()
		} else if refusal(err) == nil {
			return Member{}, err
		}
	}
	return found, nil
}

func (t *Teller) lookUp(ctx context.Context, desk Desk, r Lookup) (loyalty.MemberID, error) {
	given := 0
	for _, s := range []string{r.Member, r.Phone, r.Email} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		return "", malformed("a look-up names a member, a phone number or an e-mail address, exactly one")
	}
	if r.Member != "" {
		return memberID(r.Member)
	}
	key, err := t.lookupKey(r)
	if err != nil {
		return "", err
	}
	member, err := t.findMember(ctx, desk.Role, key)
	if refusedWith(err, loyalty.CodeProfileUnknown) {
		return "", loyalty.Refuse(loyalty.CodeMemberUnknown, "The chain has no member with this phone number or e-mail address.")
	}
	return member, err
}

func (t *Teller) lookupKey(r Lookup) (string, error) {
	if r.Phone != "" {
		phone, err := vault.ParsePhone(r.Phone)
		if err != nil {
			return "", malformed("%s", err)
		}
		return t.secret.LookupPhone(phone), nil
	}
	email, err := vault.ParseEmail(r.Email)
	if err != nil {
		return "", malformed("%s", err)
	}
	return t.secret.LookupEmail(email), nil
}
