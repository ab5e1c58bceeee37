package loyalty_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

func TestCalendar(t *testing.T) {
	for _, row := range []struct{ at, day, month, next string }{
		{"2026-11-22T10:00", "2026-11-22", "2026-11", "2026-12"},
		{"2026-12-31T23:59:59.999", "2026-12-31", "2026-12", "2027-01"},
		{"2027-01-01T00:00", "2027-01-01", "2027-01", "2027-02"},
		{"2028-02-29T12:00", "2028-02-29", "2028-02", "2028-03"},
		{"2100-02-28T23:59:59", "2100-02-28", "2100-02", "2100-03"}, // no leap year
		{"1970-01-01T00:00", "1970-01-01", "1970-01", "1970-02"},
		{"1969-12-31T23:59:59.999", "1969-12-31", "1969-12", "1970-01"},
	} {
		t.Run(row.at, func(t *testing.T) {
			at := instant(t, row.at)
			if got := at.Day().String(); got != row.day {
				t.Errorf("day %s", got)
			}
			if got := at.Month().String(); got != row.month {
				t.Errorf("month %s", got)
			}
			if got := at.Month().Plus(1).String(); got != row.next {
				t.Errorf("next month %s", got)
			}
			if loyalty.InstantOf(at.Time()) != at || !at.Day().Valid() {
				t.Error("an instant does not survive")
			}
		})
	}
	for _, bad := range []loyalty.Day{0, 20260229, 20261301, 20260100, -20260101, 202601011} {
		if bad.Valid() {
			t.Errorf("%d is no day", bad)
		}
	}
}

func FuzzDaysAndMonths(f *testing.F) {
	for _, s := range []string{"2026-11", "2026-11-22", "2028-02-29", "2027-02-29", "0000-00", "9999-12", "2026-1", "", "-001-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if m, err := loyalty.ParseMonth(s); err == nil && m.String() != s {
			t.Errorf("month %q reads as %s", s, m)
		}
		if d, err := loyalty.ParseDay(s); err == nil && (d.String() != s || !d.Valid()) {
			t.Errorf("day %q reads as %s", s, d)
		}
		var both struct {
			M loyalty.Month
			D loyalty.Day
		}
		text, err := json.Marshal(map[string]string{"M": s, "D": s})
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(text, &both) == nil {
			t.Errorf("%q is a day and a month", s)
		}
	})
}

func FuzzInstants(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(1_795_000_000_000))
	f.Add(int64(-62_135_596_800_000))
	f.Fuzz(func(t *testing.T, ms int64) {
		const years = 250 * 366 * 24 * 3600 * 1000
		at := loyalty.Instant(ms % years)
		text, err := json.Marshal([]any{at.Day(), at.Month()})
		if err != nil {
			t.Fatal(err)
		}
		day, errDay := loyalty.ParseDay(at.Day().String())
		month, errMonth := loyalty.ParseMonth(at.Month().String())
		if errDay != nil || errMonth != nil || day != at.Day() || month != at.Month() {
			t.Errorf("%d is written as %s and read as %s %s", at, text, day, month)
		}
		if at.Time().Location() != time.UTC {
			t.Error("not in UTC")
		}
	})
}

func TestReferences(t *testing.T) {
	if got := loyalty.MemberIDFrom([16]byte{0xab, 15: 1}); !got.Valid() || got != "ab000000000000000000000000000001" {
		t.Errorf("member %s", got)
	}
	for name, valid := range map[loyalty.MSPID]bool{
		"KorenaarMSP": true, "a.b-c_9": true, "": false, "a~b": false, "a b": false, "é": false, "a\x00": false,
		loyalty.MSPID(make([]byte, 65)): false,
	} {
		if name.Valid() != valid {
			t.Errorf("%q: valid is %v", name, name.Valid())
		}
	}
	if m := loyalty.HoldID("short").Member(); m != "" {
		t.Errorf("a malformed hold names %s", m)
	}
}

func TestDaysAndMonthsTravelAsText(t *testing.T) {
	lot := loyalty.Lot{Issuer: "KorenaarMSP", Terms: 1, Expiry: 2027*12 + 10, Earned: 20261122, Points: 5}
	text, err := json.Marshal(lot)
	const want = `{"issuer":"KorenaarMSP","terms":1,"expiry":"2027-11","earned":"2026-11-22","points":5}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	var back loyalty.Lot
	if err := json.Unmarshal(text, &back); err != nil || back != lot {
		t.Errorf("got %+v, %v", back, err)
	}
}
