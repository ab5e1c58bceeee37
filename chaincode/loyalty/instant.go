package loyalty

import (
	"fmt"
	"time"
)

// Instant is a point in time in milliseconds since 1970-01-01T00:00:00Z. The rules never read a
// clock: every instant arrives as an argument.
type Instant int64

// Lengths of time as differences of two instants.
const (
	second Instant = 1000
	hour           = 3600 * second
)

// maxInstant is the last instant of the year 8999: every month that a lot can be given still has
// four digits in its year.
const maxInstant Instant = 221_845_391_999_999

// InstantOf is t as an Instant; what is finer than a millisecond is cut off.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time is i in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Month is the calendar month, in UTC, that i falls in.
func (i Instant) Month() Month {
	t := i.Time()
	return Month(t.Year()*12 + int(t.Month()) - 1)
}

// Day is the calendar day, in UTC, that i falls in.
func (i Instant) Day() Day {
	y, m, d := i.Time().Date()
	return Day(y*10000 + int(m)*100 + d)
}

// Month counts calendar months: year·12 + (month−1). Points expire at the end of a month, so a
// month, not a second, is what two lots must share to be merged.
type Month int32

// Plus is the month n months after m.
func (m Month) Plus(n int) Month { return m + Month(n) }

// String is m as "2026-11".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1) }

// ParseMonth reads what String writes.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return 0, fmt.Errorf("month %q is not of the form 2026-11", s)
	}
	return InstantOf(t).Month(), nil
}

// Day is a calendar day as the number yyyymmdd. Days compare as numbers do.
type Day int32

// String is d as "2026-11-22".
func (d Day) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", int(d)/10000, int(d)/100%100, int(d)%100)
}

// Valid reports whether d is a day of the calendar.
func (d Day) Valid() bool {
	parsed, err := ParseDay(d.String())
	return err == nil && parsed == d
}

// ParseDay reads what String writes and refuses days that do not exist.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fmt.Errorf("day %q is not of the form 2026-11-22", s)
	}
	return InstantOf(t).Day(), nil
}

// MarshalText writes m as String does; JSON uses it. It fails on a month that UnmarshalText could
// not read again: one before the year 0 or after 9999.
func (m Month) MarshalText() ([]byte, error) {
	if m < 0 || m >= 10_000*12 {
		return nil, fmt.Errorf("%d is not a month of the calendar", int32(m))
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Month) UnmarshalText(b []byte) error {
	v, err := ParseMonth(string(b))
	if err == nil {
		*m = v
	}
	return err
}

// MarshalText writes d as String does; JSON uses it. It fails on a day that does not exist: written
// to the ledger, UnmarshalText could never read it again.
func (d Day) MarshalText() ([]byte, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("%d is not a day of the calendar", int32(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := ParseDay(string(b))
	if err == nil {
		*d = v
	}
	return err
}
