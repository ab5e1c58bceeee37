package teller_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
	"github.com/zegel/zegel/gateway/teller"
)

const own = loyalty.MSPID("KorenaarMSP")

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// book is a ledger that carries commands out by the real rules, and keeps a copy of everything
// that would be public. Every call to Do makes a block.
type book struct {
	mu       sync.Mutex
	memory   *loyalty.Memory
	now      time.Time
	blocks   uint64
	profiles map[loyalty.MemberID]api.Profile
	lookups  map[string]loyalty.MemberID
	where    map[loyalty.OpID]uint64 // block in which an operation was new
	public   bytes.Buffer            // arguments, replies, private keys as they would be hashed
	calls    []string                // names of what was asked, in order
	keys     [][]string              // lock keys of each Do
	commands []loyalty.Command       // what each Do asked for

	// do and submit, where set, stand between the teller and the ledger.
	do     func(ctx context.Context, c loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error)
	submit func(name string, carryOut func() error) error
}

func newBook() *book {
	b := &book{
		memory: loyalty.NewMemory(), now: noon, profiles: map[loyalty.MemberID]api.Profile{},
		lookups: map[string]loyalty.MemberID{}, where: map[loyalty.OpID]uint64{},
	}
	b.memory.SetProgramme(&loyalty.Programme{
		Version: 1, Quorum: 3, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		Organisations: []loyalty.Organisation{
			{MSP: own, Name: "Korenaar", Kind: loyalty.OrgChain}, {MSP: "DuinmarktMSP", Name: "Duinmarkt", Kind: loyalty.OrgChain},
			{MSP: "ClearingMSP", Name: "Clearing", Kind: loyalty.OrgClearing},
		},
		RedeemPoints: 1, RedeemMinor: 1, HoldSeconds: 900, HoldSecondsMax: 3600, LateHours: 72, EarlySeconds: 300,
		GraceMonths: 3, Transfers: true,
	})
	b.memory.SetTerms(&loyalty.TermsBook{Issuer: own, Versions: []loyalty.Terms{
		{Version: 1, From: 20260101, EarnPoints: 1, EarnMinor: 10, ValidMonths: 13, Prose: "One point for every ten cents."},
	}})
	return b
}

func (b *book) Do(ctx context.Context, role string, keys []string, c loyalty.Command, d loyalty.Details) (teller.Applied, error) {
	carryOut := func() (teller.Applied, error) { return b.apply(role, keys, c, d) }
	if b.do != nil {
		return b.do(ctx, c, carryOut)
	}
	return carryOut()
}

func (b *book) apply(role string, keys []string, c loyalty.Command, d loyalty.Details) (teller.Applied, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys, b.commands = append(b.keys, keys), append(b.commands, c)
	argument, err := api.EncodeBatch([]loyalty.Command{c})
	if err != nil {
		return teller.Applied{}, err
	}
	batch, err := api.DecodeBatch(argument)
	if err != nil {
		return teller.Applied{}, err
	}
	env := loyalty.Env{Caller: loyalty.Caller{MSP: own, Role: loyalty.Role(role)}, Now: loyalty.InstantOf(b.now)}
	out, err := loyalty.Apply(b.memory, env, batch.Commands[0], d)
	if err != nil {
		return teller.Applied{}, err
	}
	reply, err := api.EncodeReply([]loyalty.Outcome{out})
	if err != nil {
		return teller.Applied{}, err
	}
	b.public.Write(argument)
	b.public.Write(reply)
	b.blocks++
	if !out.Replayed && out.Status == loyalty.StatusApplied {
		b.where[c.Op] = b.blocks
	}
	return teller.Applied{Outcome: out, TxID: txID(b.blocks), Block: b.blocks}, nil
}

func txID(block uint64) string { return fmt.Sprintf("%08x%056x", uint32(block*2654435761), block) }

func (b *book) Evaluate(_ context.Context, role, name string, args []string, transient map[string][]byte) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, name)
	if len(args) != api.Arity[name] {
		return nil, fmt.Errorf("%s with %d arguments", name, len(args))
	}
	if len(transient) == 0 {
		fmt.Fprint(&b.public, name, args)
	}
	if err := b.authorise(role, name); err != nil {
		return nil, err
	}
	switch name {
	case api.GetOpening:
		return b.memory.Opening(own, loyalty.ReceiptID(args[0])), nil
	case api.FindMember:
		return b.findMember(transient)
	}
	v, err := b.query(role, name, args, transient)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// authorise refuses what the ledger's own table refuses to a role of the own chain.
func (b *book) authorise(role, name string) error {
	programme, err := b.memory.Programme()
	if err != nil {
		return err
	}
	if refusal := loyalty.Authorise(programme, loyalty.Caller{MSP: own, Role: loyalty.Role(role)}, name); refusal != nil {
		return refusal
	}
	return nil
}

func (b *book) query(role, name string, args []string, transient map[string][]byte) (any, error) {
	now := loyalty.InstantOf(b.now)
	switch name {
	case api.GetAccount:
		a, err := b.memory.Account(loyalty.MemberID(args[0]))
		if a == nil {
			return nil, absent(err, loyalty.CodeMemberUnknown)
		}
		v := a.View(now)
		return api.AccountView{Account: v.Account, Balance: v.Balance, Spendable: v.Spendable, Held: v.Held}, nil
	case api.GetOperation:
		o, err := b.memory.Operation(loyalty.MSPID(args[0]), loyalty.OpID(args[1]))
		if o == nil {
			return nil, absent(err, loyalty.CodeOperationUnknown)
		}
		return o, nil
	case api.GetReceipt:
		r, err := b.memory.Receipt(loyalty.MSPID(args[0]), loyalty.ReceiptID(args[1]))
		if r == nil {
			return nil, absent(err, loyalty.CodeReceiptUnknown)
		}
		return r, nil
	case api.GetTerms:
		return b.memory.Terms(loyalty.MSPID(args[0]))
	case api.GetProgramme:
		return b.memory.Programme()
	case api.Quote:
		var basket loyalty.Basket
		if err := api.Decode(transient[api.TransientBasket], &basket); err != nil {
			return nil, err
		}
		env := loyalty.Env{Caller: loyalty.Caller{MSP: own, Role: loyalty.Role(role)}, Now: now}
		return loyalty.QuoteBasket(b.memory, env, loyalty.MemberID(args[0]), basket)
	case api.GetProfile:
		key, err := b.profileOf(transient, api.Profile.CheckMember)
		if err != nil {
			return nil, err
		}
		p, ok := b.profiles[key.Member]
		if !ok {
			return nil, loyalty.Refuse(loyalty.CodeProfileUnknown, "none")
		}
		return p, nil
	}
	return nil, fmt.Errorf("no such query: %s", name)
}

func absent(err error, code loyalty.Code) error {
	if err != nil {
		return err
	}
	return loyalty.Refuse(code, "There is nothing.")
}

func (b *book) profileOf(transient map[string][]byte, check func(api.Profile) error) (api.Profile, error) {
	p, err := api.DecodeProfile(transient[api.TransientProfile])
	if err != nil {
		return p, err
	}
	return p, check(p)
}

func (b *book) findMember(transient map[string][]byte) ([]byte, error) {
	key, err := b.profileOf(transient, api.Profile.CheckLookup)
	if err != nil {
		return nil, err
	}
	m, ok := b.lookups[key.Lookup[0]]
	if !ok {
		return nil, loyalty.Refuse(loyalty.CodeProfileUnknown, "none")
	}
	return []byte(m), nil
}

func (b *book) Submit(_ context.Context, role, name string, args []string, transient map[string][]byte) (string, uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, name)
	fmt.Fprint(&b.public, name, args)
	carryOut := func() error {
		if err := b.authorise(role, name); err != nil {
			return err
		}
		return b.change(name, transient)
	}
	err := error(nil)
	if b.submit != nil {
		err = b.submit(name, carryOut)
	} else {
		err = carryOut()
	}
	if err != nil {
		return "", 0, err
	}
	b.blocks++
	return txID(b.blocks), b.blocks, nil
}

func (b *book) PutProfile(ctx context.Context, role string, p api.Profile) error {
	text, err := api.EncodeProfiles([]api.Profile{p})
	if err != nil {
		return err
	}
	_, _, err = b.Submit(ctx, role, api.PutProfile, nil, map[string][]byte{api.TransientProfile: text})
	return err
}

// putProfiles stores all or none, and like the ledger it reads nothing of what it has just written.
func (b *book) putProfiles(transient map[string][]byte) error {
	profiles, err := api.DecodeProfiles(transient[api.TransientProfile])
	if err != nil {
		return err
	}
	claimed := map[string]bool{}
	for _, p := range profiles {
		for _, l := range p.Lookup {
			if m, taken := b.lookups[l]; claimed[l] || taken && m != p.Member {
				return loyalty.Refuse(loyalty.CodeIdentifierTaken, "An identifier belongs to another member.")
			}
			claimed[l] = true
		}
	}
	for _, p := range profiles {
		for _, l := range p.Lookup {
			b.lookups[l] = p.Member
			b.public.WriteString(l)
		}
		b.profiles[p.Member] = p
		b.public.Write(p.Sealed)
	}
	return nil
}

func (b *book) change(name string, transient map[string][]byte) error {
	switch name {
	case api.PutProfile:
		return b.putProfiles(transient)
	case api.PurgeProfile:
		key, err := b.profileOf(transient, api.Profile.CheckMember)
		if err != nil {
			return err
		}
		p, ok := b.profiles[key.Member]
		if !ok {
			return loyalty.Refuse(loyalty.CodeProfileUnknown, "There is no profile of this member.")
		}
		for _, l := range p.Lookup {
			delete(b.lookups, l)
		}
		delete(b.profiles, key.Member)
		return nil
	}
	return fmt.Errorf("no such transaction: %s", name)
}

// Page and Operation make the book its own statement.
func (b *book) Page(context.Context, loyalty.MemberID, string, int) (projection.Page, error) {
	return projection.Page{}, nil
}

func (b *book) Operation(_ context.Context, chain loyalty.MSPID, op loyalty.OpID) (string, uint64, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	block, ok := b.where[op]
	if !ok || chain != own {
		return "", 0, false, nil
	}
	return txID(block), block, true, nil
}

func (b *book) asked(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, c := range b.calls {
		if c == name {
			n++
		}
	}
	return n
}

func (b *book) balance(t testing.TB, m string) int64 {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	a, err := b.memory.Account(loyalty.MemberID(m))
	if err != nil || a == nil {
		t.Fatalf("account of %s: %v", m, err)
	}
	return int64(a.Balance())
}
