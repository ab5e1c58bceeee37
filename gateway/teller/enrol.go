package teller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// maxName is how many characters a name may have.
const maxName = 100

// person is what is sealed: the only place where a member's personal data is together.
type person struct {
	Version int         `json:"v"` // 1
	Name    string      `json:"name"`
	Phone   vault.Phone `json:"phone,omitempty"`
	Email   vault.Email `json:"email,omitempty"`
	// Operation enrols this person: with it an enrolment that was cut in two can be finished by
	// somebody else than the till that began it. It is not part of what makes two requests the same.
	Operation loyalty.OpID `json:"operation,omitempty"`
}

// Enrol makes a member. The personal data is stored first, with the own chain, and the account is
// opened second: a clash of telephone numbers then leaves no account behind. Enrolling again under
// the same key gives the same member.
func (t *Teller) Enrol(ctx context.Context, desk Desk, key string, r Enrolment) (Answer, error) {
	if key == "" {
		return Answer{}, malformed("an idempotency key is required")
	}
	who, err := personOf(r)
	if err != nil {
		return Answer{}, err
	}
	text, err := json.Marshal(who)
	if err != nil {
		return Answer{}, fmt.Errorf("teller: person: %w", err)
	}
	op := t.operation(desk, key)
	member := t.secret.Member(op)
	in := intent{
		role:    desk.Role,
		command: loyalty.Command{Kind: loyalty.KindEnrol, Op: op, Member: member},
		keys:    []string{lockMember(member)},
	}
	// This print tells requests under way apart and stays here; the one for the ledger is made in
	// the flight.
	in.command.Print = t.secret.Fingerprint(loyalty.KindEnrol, text)
	return t.fly(ctx, in, func(ctx context.Context) (Applied, error) { return t.enrol(ctx, in, who, text) })
}

func personOf(r Enrolment) (person, error) {
	who := person{Version: 1, Name: strings.TrimSpace(r.Name)}
	if n := utf8.RuneCountInString(who.Name); n == 0 || n > maxName || !printable(who.Name) {
		return person{}, badProfile("A name has 1 to %d characters that can be printed.", maxName)
	}
	if r.Phone == "" && r.Email == "" {
		return person{}, badProfile("A phone number or an e-mail address is required.")
	}
	var err error
	if r.Phone != "" {
		if who.Phone, err = vault.ParsePhone(r.Phone); err != nil {
			return person{}, badProfile("%s", err)
		}
	}
	if r.Email != "" {
		if who.Email, err = vault.ParseEmail(r.Email); err != nil {
			return person{}, badProfile("%s", err)
		}
	}
	return who, nil
}

func badProfile(format string, args ...any) error {
	return loyalty.Refuse(loyalty.CodeMalformedProfile, format, args...)
}

// enrol looks first whether the operation is decided: a second request under the same key with
// another person in it must not overwrite the first one's profile. Where the vault has only now
// made the member's key, there was no first request.
//
// A crash between the two writes leaves a profile without an account. The till sends the same key
// again and the account follows; or another enrolment meets that profile, and release sees to it.
func (t *Teller) enrol(ctx context.Context, in intent, who person, text []byte) (Applied, error) {
	print, first, err := t.config.Vault.Print(ctx, in.command.Member, text)
	if errors.Is(err, vault.ErrErased) {
		record, err := t.record(ctx, in.command.Op) // a late repeat: only the ledger still knows
		return replay(record), err
	}
	if err != nil {
		return Applied{}, err
	}
	in.command.Print = print
	if !first {
		record, err := t.record(ctx, in.command.Op)
		switch {
		case err == nil && record.Print != print && record.Outcome.Status != loyalty.StatusCancelled:
			return Applied{}, reused()
		case err == nil:
			return replay(record), nil
		case !refusedWith(err, loyalty.CodeOperationUnknown):
			return Applied{}, err
		}
	}
	err = t.putProfile(ctx, in, who)
	if refusedWith(err, loyalty.CodeIdentifierTaken) && t.release(ctx, in.role, t.lookups(who)) {
		err = t.putProfile(ctx, in, who)
	}
	if err != nil {
		return Applied{}, err
	}
	applied, err := t.pursue(ctx, in)
	if err == nil && neverBorn(applied.Outcome) {
		t.withdraw(ctx, in.command.Op)
	}
	return applied, err
}

// replay is the answer to a repeat of an operation that is recorded.
func replay(o loyalty.Operation) Applied {
	o.Outcome.Replayed = true
	return Applied{Outcome: o.Outcome}
}

func (t *Teller) putProfile(ctx context.Context, in intent, who person) error {
	who.Operation = in.command.Op
	text, err := json.Marshal(who)
	if err != nil {
		return fmt.Errorf("teller: person: %w", err)
	}
	sealed, err := t.config.Vault.Seal(ctx, in.command.Member, text)
	if err != nil {
		return err
	}
	profile := api.Profile{
		Member: in.command.Member, Sealed: sealed, Salt: t.secret.Salt(in.command.Op, in.command.Print), Lookup: t.lookups(who),
	}
	err = t.config.PutProfile(ctx, in.role, profile)
	if errors.Is(err, ErrUnknown) {
		// Storing the same profile twice is storing it once, and no account is open yet: nothing was
		// decided.
		return Unavailable(err)
	}
	return err
}

func (t *Teller) lookups(who person) []string {
	var keys []string
	if who.Phone != "" {
		keys = append(keys, t.secret.LookupPhone(who.Phone))
	}
	if who.Email != "" {
		keys = append(keys, t.secret.LookupEmail(who.Email))
	}
	return keys
}

// profileKey is the transient data of every transaction about one profile.
func profileKey(p api.Profile) (map[string][]byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("teller: profile: %w", err)
	}
	return map[string][]byte{api.TransientProfile: text}, nil
}
