package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

const (
	theMember    = "5f2c1e0b9a8d47c6b3e2f1a09c8d7e6f"
	theOther     = "0b9a8d47c6b3e2f1a09c8d7e6f5f2c1e"
	theOperation = "3a9d0c61f5e84b27a1c0d9e8f7b6a594"
)

// fakeTeller answers as its mood says and remembers what it heard.
type fakeTeller struct {
	mu    sync.Mutex // guards heard and mood
	mood  string     // "applied", "refused <code> <message>", "error busy", …
	heard []string   // "earn {json}" per call

	during func(ctx context.Context) // if set, called inside every call
}

func (f *fakeTeller) set(mood string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mood, f.heard = mood, nil
}

func (f *fakeTeller) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.heard...)
}

// classed is an error of the kind that a teller wraps.
type classed string

func (c classed) Error() string { return "peer0.secret-host.example: " + string(c) }
func (c classed) Class() string { return string(c) }

func (f *fakeTeller) hear(ctx context.Context, what string, desk teller.Desk, with ...any) (string, error) {
	text, err := json.Marshal(with)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	f.heard = append(f.heard, what+" "+desk.Key+" "+string(text))
	mood, during := f.mood, f.during
	f.mu.Unlock()
	if during != nil {
		during(ctx)
	}
	verb, rest, _ := strings.Cut(mood, " ")
	switch verb {
	case "refusal":
		code, message, _ := strings.Cut(rest, " ")
		return "", fmt.Errorf("evaluate: %w", loyalty.Refuse(loyalty.Code(code), "%s", message))
	case "error":
		return "", fmt.Errorf("ask the ledger: %w", classed(rest))
	case "never": // it was never begun, because something ahead of it took too long
		return "", fmt.Errorf("ask the ledger: %w", errors.Join(classed(rest), context.DeadlineExceeded))
	case "late":
		return "", fmt.Errorf("ask the ledger: %w", context.DeadlineExceeded)
	case "broken":
		return "", errors.New("secret-host.example has no disk left")
	case "panic":
		panic("a member called Ada")
	}
	return mood, nil
}

func (f *fakeTeller) answer(ctx context.Context, kind loyalty.Kind, desk teller.Desk, with ...any) (teller.Answer, error) {
	mood, err := f.hear(ctx, string(kind), desk, with...)
	if err != nil {
		return teller.Answer{}, err
	}
	a := teller.Answer{Operation: theOperation, Kind: string(kind), Status: "applied", Member: theMember, Points: 12, Balance: 512, Spendable: 512}
	verb, rest, _ := strings.Cut(mood, " ")
	switch verb {
	case "replayed":
		a.Replayed = true
	case "pending":
		a.Status = "pending"
	case "cancelled":
		a.Status, a.Code, a.Message = "cancelled", string(loyalty.CodeOperationCancelled), "This operation was cancelled."
	case "refused":
		a.Status, a.Points = "refused", 0
		a.Code, a.Message, _ = strings.Cut(rest, " ")
	}
	a.Transaction, a.Block, a.Text = strings.Repeat("b1", 32), 4711, []string{"Points earned                           12"}
	return a, nil
}

func (f *fakeTeller) OperationID(desk teller.Desk, key string) string {
	if key == "another-key-0000001" {
		return strings.Repeat("9", 32)
	}
	return theOperation
}

func (f *fakeTeller) Enrol(ctx context.Context, d teller.Desk, key string, r teller.Enrolment) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindEnrol, d, key, r)
}

func (f *fakeTeller) Earn(ctx context.Context, d teller.Desk, key string, r teller.EarnRequest) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindEarn, d, key, r)
}

func (f *fakeTeller) Hold(ctx context.Context, d teller.Desk, key string, r teller.HoldRequest) (teller.Answer, error) {
	a, err := f.answer(ctx, loyalty.KindHold, d, key, r)
	expires := time.Date(2026, 11, 22, 16, 50, 0, 0, time.UTC)
	a.Hold, a.Expires = theMember+theOperation, &expires
	return a, err
}

func (f *fakeTeller) Capture(ctx context.Context, d teller.Desk, key, hold string, r teller.CaptureRequest) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindCapture, d, key, hold, r)
}

func (f *fakeTeller) Void(ctx context.Context, d teller.Desk, key, hold string) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindVoid, d, key, hold)
}

func (f *fakeTeller) Redeem(ctx context.Context, d teller.Desk, key string, r teller.RedeemRequest) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindRedeem, d, key, r)
}

func (f *fakeTeller) Return(ctx context.Context, d teller.Desk, key string, r teller.ReturnRequest) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindReturn, d, key, r)
}

func (f *fakeTeller) Transfer(ctx context.Context, d teller.Desk, key string, r teller.TransferRequest) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindTransfer, d, key, r)
}

func (f *fakeTeller) Cancel(ctx context.Context, d teller.Desk, operation string) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindCancel, d, operation)
}

func (f *fakeTeller) Operation(ctx context.Context, d teller.Desk, operation string) (teller.Answer, error) {
	return f.answer(ctx, loyalty.KindEarn, d, operation)
}

func (f *fakeTeller) Find(ctx context.Context, d teller.Desk, r teller.Lookup) (teller.Member, error) {
	_, err := f.hear(ctx, "find", d, r)
	return teller.Member{Member: theMember, Initial: "A", Balance: 512, Spendable: 512}, err
}

func (f *fakeTeller) Quote(ctx context.Context, d teller.Desk, r teller.QuoteRequest) (teller.Quote, error) {
	_, err := f.hear(ctx, "quote", d, r)
	return teller.Quote{Points: 12, Terms: 1, Expiry: "2028-11-30", Currency: "EUR", NextPointIn: 50, Text: []string{"12"}}, err
}

func (f *fakeTeller) Account(ctx context.Context, d teller.Desk, member string) (teller.Account, error) {
	_, err := f.hear(ctx, "account", d, member)
	return teller.Account{
		Member: member, Enroller: "KorenaarMSP", Balance: 512, Spendable: 512,
		Lots: []teller.Lot{{Issuer: "KorenaarMSP", Terms: 1, Expiry: "2028-11-30", Earned: "2026-11-22", Points: 512}},
	}, err
}

func (f *fakeTeller) Entries(ctx context.Context, d teller.Desk, member, cursor string, limit int) (teller.Entries, error) {
	_, err := f.hear(ctx, "entries", d, member, cursor, limit)
	entry := teller.Entry{
		Cursor: "4711.0.0", At: time.Date(2026, 11, 22, 16, 45, 1, 0, time.UTC), Block: 4711, Transaction: strings.Repeat("b1", 32),
		Operation: theOperation, Chain: "KorenaarMSP", Kind: "earn", Reason: "earned", Issuer: "KorenaarMSP", Points: 12,
	}
	return teller.Entries{Entries: []teller.Entry{entry}, Next: "4711.0.0", Height: 4712}, err
}

func (f *fakeTeller) Profile(ctx context.Context, d teller.Desk, member string) (teller.Profile, error) {
	_, err := f.hear(ctx, "profile", d, member)
	return teller.Profile{Member: member, Name: "Ada Lovelace", Phone: "+31612345678"}, err
}

func (f *fakeTeller) Erase(ctx context.Context, d teller.Desk, member string) (teller.Erasure, error) {
	_, err := f.hear(ctx, "erase", d, member)
	return teller.Erasure{Member: member, At: time.Date(2026, 11, 22, 16, 45, 1, 0, time.UTC), Transaction: strings.Repeat("b1", 32), Block: 4713}, err
}

func (f *fakeTeller) Terms(ctx context.Context, issuer string) (loyalty.TermsBook, error) {
	_, err := f.hear(ctx, "terms", teller.Desk{}, issuer)
	return loyalty.TermsBook{Issuer: "KorenaarMSP", Versions: []loyalty.Terms{
		{Version: 1, From: 20260101, EarnPoints: 1, EarnMinor: 100, ValidMonths: 24, Prose: "One point for every euro."},
	}}, err
}

func (f *fakeTeller) Programme(ctx context.Context) (loyalty.Programme, error) {
	_, err := f.hear(ctx, "programme", teller.Desk{})
	return loyalty.Programme{
		Version: 1, Organisations: []loyalty.Organisation{{MSP: "KorenaarMSP", Name: "Korenaar", Kind: loyalty.OrgChain}},
		Quorum: 1, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited, RedeemPoints: 2, RedeemMinor: 1,
	}, err
}
