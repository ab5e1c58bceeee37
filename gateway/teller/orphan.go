package teller

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// An orphan is a profile without an account: an enrolment that was cancelled, or cut in two. It must
// not keep a telephone number from being somebody's for ever, and personal data of nobody must go.

// neverBorn reports whether the enrolment is decided and there will be no account: what was stored
// of the person has to go.
func neverBorn(o loyalty.Outcome) bool {
	return o.Status == loyalty.StatusCancelled ||
		o.Status == loyalty.StatusRefused && o.Recorded && o.Code != loyalty.CodeMemberEnrolled
}

// withdraw erases what was stored of the person whom an operation would have enrolled, if it was
// an enrolment, and reports whether anything was. The operation is decided by now and its answer
// stands, whatever comes of this.
//
// The till that cancels may not purge, so the housekeeper does: that the ledger says "cancelled" is
// what entitles it to.
func (t *Teller) withdraw(ctx context.Context, op loyalty.OpID) bool {
	member := t.secret.Member(op)
	stored, err := t.config.Vault.Has(ctx, member)
	if err == nil && stored {
		_, err = t.erase(ctx, t.config.Housekeeper, member)
	}
	if err != nil {
		t.config.Log.Error("profile of a cancelled enrolment may still be stored",
			"operation", string(op), "member", string(member), "role", t.config.Housekeeper, "cause", err)
	}
	return stored && err == nil
}

// release sees to the profiles that hold the given identifiers and have no account, and reports
// whether it is worth trying again to store another one. What has an account is left alone.
func (t *Teller) release(ctx context.Context, role string, lookups []string) bool {
	released := false
	for _, lookup := range lookups {
		free, err := t.releaseOne(ctx, role, lookup)
		if err != nil && !free {
			t.config.Log.Warn("an identifier is taken by a profile that may have no account", "cause", err)
		}
		released = released || free
	}
	return released
}

// releaseOne finishes the enrolment of a member who was stored and has no account: by the same
// command as the till that began it would, so that it does no harm if that till is at it right now.
// The identifier is taken then, and who asks for it can be found. If the ledger says that the
// enrolment will never be, what was stored goes, and the identifier is free.
func (t *Teller) releaseOne(ctx context.Context, role, lookup string) (free bool, err error) {
	member, err := t.findMember(ctx, role, lookup)
	if refusedWith(err, loyalty.CodeProfileUnknown) {
		return true, nil // somebody has released it meanwhile
	}
	if err != nil {
		return false, err
	}
	if _, err := t.view(ctx, member); !refusedWith(err, loyalty.CodeMemberUnknown) {
		return false, err // it has an account
	}
	in, err := t.enrolment(ctx, role, member)
	if refusedWith(err, loyalty.CodeProfileUnknown) {
		// It is gone by now, or sealed under a key that is: nobody can finish it any more.
		_, err := t.erase(ctx, t.config.Housekeeper, member)
		return err == nil || refusedWith(err, loyalty.CodeProfileUnknown), err
	}
	if err != nil {
		return false, err
	}
	applied, err := t.pursue(ctx, in)
	if err != nil || !neverBorn(applied.Outcome) {
		return false, err
	}
	return t.withdraw(ctx, in.command.Op), nil
}

// enrolment is the intent that would give a stored member an account, made again from the profile.
func (t *Teller) enrolment(ctx context.Context, role string, member loyalty.MemberID) (intent, error) {
	who, err := t.person(ctx, role, member)
	if err != nil {
		return intent{}, err
	}
	op := who.Operation
	if t.secret.Member(op) != member {
		return intent{}, fmt.Errorf("teller: the profile of %s does not say which operation enrols it", member)
	}
	who.Operation = ""
	text, err := json.Marshal(who)
	if err != nil {
		return intent{}, fmt.Errorf("teller: person: %w", err)
	}
	print, _, err := t.config.Vault.Print(ctx, member, text)
	return intent{
		role:    role,
		command: loyalty.Command{Kind: loyalty.KindEnrol, Op: op, Member: member, Print: print},
		keys:    []string{lockMember(member)},
	}, err
}

// findMember is the member that a keyed identifier leads to. It refuses profile_unknown.
func (t *Teller) findMember(ctx context.Context, role, lookup string) (loyalty.MemberID, error) {
	transient, err := profileKey(api.Profile{Lookup: []string{lookup}})
	if err != nil {
		return "", err
	}
	text, err := t.config.Evaluate(ctx, role, api.FindMember, nil, transient)
	if err != nil {
		return "", err
	}
	if member := loyalty.MemberID(text); member.Valid() {
		return member, nil
	}
	return "", fmt.Errorf("teller: answer of %s is no member", api.FindMember)
}
