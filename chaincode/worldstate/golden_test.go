package worldstate_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

var update = flag.Bool("update", false, "rewrite the golden files; every organisation must then migrate its ledger")

const (
	msp         = loyalty.MSPID("KorenaarMSP")
	member      = loyalty.MemberID("0123456789abcdef0123456789abcdef")
	other       = loyalty.MemberID("ffffffffffffffffffffffffffffffff")
	op          = loyalty.OpID("00000000000000000000000000000001")
	receipt     = loyalty.ReceiptID("00000000000000000000000000000002")
	fingerprint = loyalty.Fingerprint("00000000000000000000000000000003")
	digest      = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

var hold = loyalty.NewHoldID(member, op)

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: stored ledgers could no longer be read.\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func TestKeysStayWhereTheyAre(t *testing.T) {
	golden(t, "keys.golden", strings.Join([]string{
		worldstate.AccountKey(member),
		worldstate.ProgrammeKey(),
		worldstate.HoldEndKey(hold),
		worldstate.OperationKey(msp, op),
		worldstate.ProposalKey(12, digest),
		worldstate.ReceiptKey(msp, receipt),
		worldstate.TermsKey(msp),
		worldstate.Profiles(msp),
		worldstate.Baskets(msp) + " " + worldstate.OpeningKey(receipt),
		"",
	}, "\n"))
}

// values is one full value of each kind, every field set.
func values() []any {
	const month, day = loyalty.Month(2027*12 + 10), loyalty.Day(20261122)
	lot := loyalty.Lot{Issuer: msp, Terms: 1, Expiry: month, Earned: day, Points: 40}
	programme := loyalty.Programme{
		Version:       1,
		Organisations: []loyalty.Organisation{{MSP: msp, Name: "Korenaar", Kind: loyalty.OrgChain}},
		Quorum:        1, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		RedeemPoints: 100, RedeemMinor: 100, HoldSeconds: 300, HoldSecondsMax: 3600,
		LateHours: 72, EarlySeconds: 300, GraceMonths: 1, Transfers: true, TransferMax: 1000,
		EarnMax: 2000, RedeemMax: 3000,
	}
	return []any{
		loyalty.Account{
			Member: member, Enroller: msp, Opened: 1, LastAt: 2, Entries: 3, Lots: []loyalty.Lot{lot},
			Holds: []loyalty.Hold{{ID: hold, Redeemer: msp, Points: 5, Draws: []loyalty.Lot{lot}, Receipt: receipt, Expires: 9}},
			Debts: []loyalty.Debt{{Issuer: msp, Points: 6}},
			Counters: []loyalty.Counter{{
				Issuer: msp, Earned: 1, Clawed: 2, Redeemed: 3, Restored: 4, Sent: 5, Received: 6, Expired: 7,
			}},
		},
		programme,
		loyalty.HoldEnd{State: loyalty.HoldCaptured, Captured: 5, Op: op, At: 4},
		loyalty.Operation{Print: fingerprint, Outcome: loyalty.Outcome{
			Op: op, Kind: loyalty.KindEarn, Status: loyalty.StatusApplied, Recorded: true, Member: member, At: 4,
			Points: 40, Balance: 40, Spendable: 40, Terms: 1, Expiry: month,
			Postings: []loyalty.Posting{{Member: member, Reason: loyalty.Earned, Issuer: msp, Terms: 1, Expiry: month, Points: 40}},
		}},
		loyalty.Operation{Print: fingerprint, Outcome: loyalty.Outcome{
			Op: op, Kind: loyalty.KindReturn, Status: loyalty.StatusApplied, Recorded: true, Member: member, To: other, At: 4,
			Points: 4, Restored: 5, Forgiven: 6, Balance: 7, Spendable: 8, Held: 9, Hold: hold, Expires: 10,
			Postings: []loyalty.Posting{{Member: member, Reason: loyalty.Restored, Issuer: msp, Points: 5, Redeemer: "DuinmarktMSP"}},
		}},
		loyalty.Operation{Print: fingerprint, Outcome: loyalty.Outcome{
			Op: op, Kind: loyalty.KindRedeem, Status: loyalty.StatusRefused, Recorded: true,
			Code: loyalty.CodeInsufficientPoints, Message: "The member has too few points.",
		}},
		loyalty.Proposal{Programme: programme, ProposedBy: msp, ProposedAt: 1, Approvals: []loyalty.Approval{{MSP: msp, At: 2}}},
		loyalty.Receipt{
			Kind: loyalty.ReceiptSale, Member: member, Op: op, Print: fingerprint, Terms: 1, Expiry: month, Earned: 40, Clawed: 4, Forgiven: 2,
			Spent: []loyalty.Lot{lot}, Restored: 1, Returned: true,
		},
		loyalty.TermsBook{Issuer: msp, Versions: []loyalty.Terms{
			{Version: 1, From: day, EarnPoints: 1, EarnMinor: 100, ValidMonths: 12, Prose: "One point for every euro."},
		}},
		api.Profile{Member: member, Lookup: []string{strings.Repeat("a", 64)}, Sealed: []byte{1, 2, 3}, Salt: string(op)},
		worldstate.Owner{Member: member, Salt: string(op)},
	}
}

func TestValuesStayReadable(t *testing.T) {
	var text strings.Builder
	for _, v := range values() {
		value, err := worldstate.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%T %q\n", v, value)
	}
	golden(t, "values.golden", text.String())
}

// TestGoldenValuesAreWhole fails when a type has got a field that no golden value shows.
func TestGoldenValuesAreWhole(t *testing.T) {
	shown := map[string]bool{}
	for _, v := range values() {
		show(reflect.ValueOf(v), reflect.TypeOf(v).String(), shown)
	}
	for path, ok := range shown {
		if !ok && path != "loyalty.Outcome.Replayed" { // which is never stored
			t.Errorf("%s is in no golden value", path)
		}
	}
}

// show notes for each field, by type, whether any value sets it.
func show(v reflect.Value, path string, shown map[string]bool) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			show(v.Index(i), v.Type().Elem().String(), shown)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := path + "." + v.Type().Field(i).Name
			shown[field] = shown[field] || !v.Field(i).IsZero()
			show(v.Field(i), v.Field(i).Type().String(), shown)
		}
	}
}

func TestKeysCanBeTakenApart(t *testing.T) {
	const odd = loyalty.MSPID("Org~1~MSP") // Fabric allows it
	cases := map[string]worldstate.Key{
		worldstate.AccountKey(member):        {Kind: worldstate.KindAccount, ID: string(member)},
		worldstate.ProgrammeKey():            {Kind: worldstate.KindProgramme},
		worldstate.HoldEndKey(hold):          {Kind: worldstate.KindHoldEnd, ID: string(hold)},
		worldstate.OperationKey(odd, op):     {Kind: worldstate.KindOperation, Organisation: odd, ID: string(op)},
		worldstate.ProposalKey(12, digest):   {Kind: worldstate.KindProposal, ID: "0000000012~" + digest},
		worldstate.ReceiptKey(odd, receipt):  {Kind: worldstate.KindReceipt, Organisation: odd, ID: string(receipt)},
		worldstate.TermsKey(odd):             {Kind: worldstate.KindTerms, Organisation: odd},
		worldstate.ReceiptKey(msp, "short"):  {},
		worldstate.OperationKey("", op):      {},
		worldstate.AccountKey("UPPER"):       {},
		worldstate.AccountKey(member) + "00": {},
		"":                                   {},
		"a":                                  {},
		"t~":                                 {},
		"o~":                                 {},
		"q~12":                               {},
		"q~0000000012":                       {},
		"q~0000000012~" + digest + "0":       {},
		"q~00000000xx~" + digest:             {},
		"\x00composite\x00":                  {},
	}
	for key, want := range cases {
		got, err := worldstate.ParseKey(key)
		if got != want || (err == nil) != (want != worldstate.Key{}) {
			t.Errorf("ParseKey(%q) = %+v, %v; want %+v", key, got, err, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(worldstate.OperationKey(msp, op))
	f.Add(worldstate.TermsKey(msp))
	f.Fuzz(func(t *testing.T, key string) {
		k, err := worldstate.ParseKey(key)
		if err != nil {
			return
		}
		var again string
		switch k.Kind {
		case worldstate.KindAccount:
			again = worldstate.AccountKey(loyalty.MemberID(k.ID))
		case worldstate.KindProgramme:
			again = worldstate.ProgrammeKey()
		case worldstate.KindHoldEnd:
			again = worldstate.HoldEndKey(loyalty.HoldID(k.ID))
		case worldstate.KindOperation:
			again = worldstate.OperationKey(k.Organisation, loyalty.OpID(k.ID))
		case worldstate.KindReceipt:
			again = worldstate.ReceiptKey(k.Organisation, loyalty.ReceiptID(k.ID))
		case worldstate.KindTerms:
			again = worldstate.TermsKey(k.Organisation)
		case worldstate.KindProposal:
			again = "q~" + k.ID
		}
		if again != key {
			t.Errorf("%q is %+v, which is %q", key, k, again)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	cases := map[string]string{
		"nothing":                  "",
		"a version of the future":  "\x02{}",
		"plain JSON":               `{"issuer":"M","versions":[]}`,
		"no JSON":                  "\x01",
		"a field it does not know": "\x01" + `{"issuer":"M","tier":1}`,
		"a field in another case":  "\x01" + `{"Issuer":"M"}`,
		"a field twice":            "\x01" + `{"issuer":"M","issuer":"N"}`,
		"something behind it":      "\x01{}{}",
		"text that is not UTF-8":   "\x01" + `{"issuer":"` + "\xff" + `"}`,
	}
	for name, value := range cases {
		t.Run(name, func(t *testing.T) {
			var book loyalty.TermsBook
			if err := worldstate.Decode([]byte(value), &book); err == nil {
				t.Errorf("decoded to %+v", book)
			}
		})
	}
}

func TestWhatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	for name, v := range map[string]any{
		"no day":                  loyalty.Lot{Expiry: 24323},
		"a day that is none":      loyalty.Lot{Expiry: 24323, Earned: 20261131},
		"a month after the last":  loyalty.Lot{Expiry: 120_000, Earned: 20261122},
		"a month before year one": loyalty.Lot{Expiry: -1, Earned: 20261122},
	} {
		if value, err := worldstate.Encode(v); err == nil {
			t.Errorf("%s was written as %q", name, value)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range values() {
		value, err := worldstate.Encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		fuzzDecode[loyalty.Account](t, value)
		fuzzDecode[loyalty.Operation](t, value)
		fuzzDecode[loyalty.Proposal](t, value)
		fuzzDecode[loyalty.Receipt](t, value)
		fuzzDecode[loyalty.TermsBook](t, value)
		fuzzDecode[api.Profile](t, value)
	})
}

// fuzzDecode checks that what can be read can be written and is then read as the same, or cannot
// be written at all: a value that lacks a day must not come back as one that nobody can read.
func fuzzDecode[T any](t *testing.T, value []byte) {
	t.Helper()
	var first, second T
	if worldstate.Decode(value, &first) != nil {
		return
	}
	once, err := worldstate.Encode(first)
	if err != nil {
		return
	}
	if err := worldstate.Decode(once, &second); err != nil {
		a, _ := json.Marshal(first)
		t.Fatalf("%s was written but cannot be read: %v", a, err)
	}
	twice, err := worldstate.Encode(second)
	if err != nil || string(once) != string(twice) {
		t.Fatalf("%q became %q (%v)", once, twice, err)
	}
}
