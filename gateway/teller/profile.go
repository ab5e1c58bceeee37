package teller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// Profile is the personal data of one of the chain's own members. It refuses profile_unknown where
// there is none, or where its key was destroyed.
func (t *Teller) Profile(ctx context.Context, desk Desk, member string) (Profile, error) {
	m, err := memberID(member)
	if err != nil {
		return Profile{}, err
	}
	who, err := t.person(ctx, desk.Role, m)
	if err != nil {
		return Profile{}, err
	}
	return Profile{Member: member, Name: who.Name, Phone: string(who.Phone), Email: string(who.Email)}, nil
}

// person reads a profile from the own chain's collection and opens it.
func (t *Teller) person(ctx context.Context, role string, member loyalty.MemberID) (person, error) {
	transient, err := profileKey(api.Profile{Member: member})
	if err != nil {
		return person{}, err
	}
	var stored api.Profile
	if err := t.evaluate(ctx, role, &stored, api.GetProfile, transient); err != nil {
		return person{}, err
	}
	text, err := t.config.Vault.Open(ctx, member, stored.Sealed)
	if errors.Is(err, vault.ErrErased) || errors.Is(err, vault.ErrNoKey) {
		return person{}, noProfile()
	}
	if err != nil {
		return person{}, err
	}
	var who person
	if err := json.Unmarshal(text, &who); err != nil {
		return person{}, errors.New("teller: a profile that was sealed here cannot be read") // the cause would quote it
	}
	return who, nil
}

func noProfile() error {
	return loyalty.Refuse(loyalty.CodeProfileUnknown, "There is no profile of this member.")
}

// Erase purges a member's profile from the own chain's peers and destroys the key that could open
// what is left of it on a disk. The points stay; nobody can say any more whose they are. Erasing
// again refuses profile_unknown.
func (t *Teller) Erase(ctx context.Context, desk Desk, member string) (Erasure, error) {
	m, err := memberID(member)
	if err != nil {
		return Erasure{}, err
	}
	return t.erase(ctx, desk.Role, m)
}

// erase purges first, because only the ledger knows whether the caller may, and destroys the key
// second. A crash in between leaves a key that opens nothing; the next call finds no profile but
// the key, destroys it and certifies without a transaction.
func (t *Teller) erase(ctx context.Context, role string, member loyalty.MemberID) (Erasure, error) {
	transient, err := profileKey(api.Profile{Member: member})
	if err != nil {
		return Erasure{}, err
	}
	txID, block, err := t.config.Submit(ctx, role, api.PurgeProfile, nil, transient)
	gone := refusedWith(err, loyalty.CodeProfileUnknown)
	if errors.Is(err, ErrUnknown) {
		return Erasure{}, Unavailable(err) // whatever it was, erasing again finishes it
	}
	if err != nil && !gone {
		return Erasure{}, err
	}
	existed, err := t.config.Vault.Destroy(ctx, member)
	if err != nil {
		return Erasure{}, fmt.Errorf("teller: erase: %w", err)
	}
	if gone && !existed {
		return Erasure{}, noProfile()
	}
	return Erasure{Member: string(member), At: time.Now().UTC(), Transaction: txID, Block: block}, nil
}

// initial is the first letter of a name: enough for a cashier to ask "Mrs J.?", too little to
// learn a name from.
func (p person) initial() string {
	r, _ := utf8.DecodeRuneInString(p.Name)
	if r == utf8.RuneError {
		return ""
	}
	return string(unicode.ToUpper(r))
}
