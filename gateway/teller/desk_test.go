package teller_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
	"github.com/zegel/zegel/gateway/vault"
)

const counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

var (
	till   = teller.Desk{Key: "k1", Role: "pos", Store: "0042", Terminal: "3"}
	office = teller.Desk{Key: "k2", Role: "manager"}
	ctx    = context.Background()
)

// shop is a teller with its book.
type shop struct {
	*teller.Teller
	book *book
	keys int // idempotency keys used so far
}

func newShop(t testing.TB, change ...func(*teller.Config)) *shop {
	t.Helper()
	b := newBook()
	config := teller.Config{
		MSP: own, Chain: "Korenaar", Ledger: b, Statement: b, Vault: newVault(t), Pause: time.Microsecond, Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	made, err := teller.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{Teller: made, book: b}
}

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	secret, err := vault.ParseSecret(counting)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault.db"), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// key is a new idempotency key.
func (s *shop) key() string {
	s.keys++
	return fmt.Sprintf("key-%04d", s.keys)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (s *shop) member(t testing.TB, name, phone string) string {
	t.Helper()
	return must[teller.Answer](t)(s.Enrol(ctx, till, s.key(), teller.Enrolment{Name: name, Phone: phone})).Member
}

func sale(receipt string) teller.Sale { return teller.Sale{Receipt: receipt, BusinessTime: noon} }

func earn(member, receipt string, total int64) teller.EarnRequest {
	return teller.EarnRequest{Member: member, Sale: sale(receipt), Basket: teller.Basket{Currency: "EUR", Total: total}}
}

func codeOf(err error) loyalty.Code {
	var r *loyalty.Error
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func classOf(err error) string {
	var f interface{ Class() string }
	if errors.As(err, &f) {
		return f.Class()
	}
	return ""
}

func wantCode(t testing.TB, err error, code loyalty.Code) {
	t.Helper()
	if codeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func wantStatus(t testing.TB, a teller.Answer, err error, status, code string) {
	t.Helper()
	if err != nil || a.Status != status || a.Code != code {
		t.Errorf("got %s %s, %v; want %s %s", a.Status, a.Code, err, status, code)
	}
}

// What the server calls is what there is.
var _ server.Teller = (*teller.Teller)(nil)
