package vault_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

var update = flag.Bool("update", false, "write the golden files anew")

// counting is the secret 00 01 02 … 1f: the golden vectors can be recomputed with any HMAC tool.
const counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func mustSecret(t testing.TB, text string) vault.Secret {
	t.Helper()
	s, err := vault.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sale(store, terminal, receipt string) vault.NaturalKey {
	return vault.NaturalKey{
		Organisation: "KorenaarMSP", Store: store, Terminal: terminal, Date: 20261122, Receipt: receipt, Kind: vault.Sale,
	}
}

func TestDerivationsAreGolden(t *testing.T) {
	s := mustSecret(t, counting)
	slip := sale("0042", "3", "10017")
	slip.Kind = vault.Return
	op := s.Operation([]string{"till", "0042", "3"}, "6f1c2f0e-5d0a-4d7e-9a51-6c1f3d1f0b11")
	print := s.Fingerprint(loyalty.KindEarn, []byte(`{"member":"00"}`))
	var b bytes.Buffer
	for _, row := range [][2]string{
		{"operation", string(op)},
		{"fingerprint", string(print)},
		{"receipt sale", string(s.Receipt(sale("0042", "3", "10017")))},
		{"receipt return", string(s.Receipt(slip))},
		{"member", string(s.Member(op))},
		{"salt", s.Salt(op, print)},
		{"phone", s.LookupPhone("+31201234567")},
		{"email", s.LookupEmail("Jan@example.nl")},
		{"outbox", fmt.Sprintf("%x", s.OutboxKey())},
	} {
		fmt.Fprintf(&b, "%-15s %s\n", row[0], row[1])
	}
	const golden = "testdata/derive.golden"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("a name on the ledger would change:\n%s\nwas:\n%s", b.Bytes(), want)
	}
}

func TestNoTwoNaturalKeysMeet(t *testing.T) {
	s := mustSecret(t, counting)
	day, slip, other := sale("1", "2", "3"), sale("1", "2", "3"), sale("1", "2", "3")
	day.Date, slip.Kind, other.Organisation = 20261123, vault.Return, "DuinmarktMSP"
	seen := map[loyalty.ReceiptID]vault.NaturalKey{}
	for _, k := range []vault.NaturalKey{
		sale("1", "2", "3"), sale("12", "", "3"), sale("1", "23", ""), sale("", "12", "3"), sale("1", "2", "3\x00"), day, slip, other,
	} {
		id := s.Receipt(k)
		if before, taken := seen[id]; taken {
			t.Errorf("%+v and %+v are one receipt", k, before)
		}
		if !id.Valid() {
			t.Errorf("%q is not a receipt id", id)
		}
		seen[id] = k
	}
}

func TestOtherSecretOtherNames(t *testing.T) {
	a, b := mustSecret(t, counting), mustSecret(t, strings.Repeat("11", 32))
	if a.LookupPhone("+31201234567") == b.LookupPhone("+31201234567") {
		t.Error("two chains would see that they share a member")
	}
	if a.Operation([]string{"key", "k1"}, "x") == a.Operation([]string{"key"}, "k1x") {
		t.Error("scope and key run into each other")
	}
}

func TestEmailCaseDoesNotMatterForLookup(t *testing.T) {
	s := mustSecret(t, counting)
	a, errA := vault.ParseEmail("Jan.Jansen@Example.NL")
	b, errB := vault.ParseEmail("jan.jansen@example.nl")
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a != "Jan.Jansen@example.nl" {
		t.Errorf("kept as %q", a)
	}
	if s.LookupEmail(a) != s.LookupEmail(b) {
		t.Error("the same address in other case is another member")
	}
}

func FuzzReceiptNeverConfusesItsParts(f *testing.F) {
	f.Add("1", "23", "12", "3")
	f.Fuzz(func(t *testing.T, store, till, store2, till2 string) {
		s := mustSecret(t, counting)
		same := store == store2 && till == till2
		if (s.Receipt(sale(store, till, "7")) == s.Receipt(sale(store2, till2, "7"))) != same {
			t.Errorf("(%q, %q) and (%q, %q)", store, till, store2, till2)
		}
	})
}
