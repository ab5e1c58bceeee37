package teller

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

// What can be refused without asking the ledger is refused here, with the ledger's own codes.

func malformed(format string, args ...any) error {
	return loyalty.Refuse(loyalty.CodeMalformedCommand, format, args...)
}

func memberID(text string) (loyalty.MemberID, error) {
	m := loyalty.MemberID(text)
	if !m.Valid() {
		return "", malformed("a member reference is 32 lower-case hex digits")
	}
	return m, nil
}

func holdID(text string) (loyalty.HoldID, error) {
	h := loyalty.HoldID(text)
	if !h.Valid() {
		return "", malformed("a hold is 64 lower-case hex digits")
	}
	return h, nil
}

func operationID(text string) (loyalty.OpID, error) {
	o := loyalty.OpID(text)
	if !o.Valid() {
		return "", malformed("an operation is 32 lower-case hex digits")
	}
	return o, nil
}

// part checks one part of a natural key. What cannot be seen must not make two receipts of one: no
// control characters, no spaces at the ends.
func part(name, text string) error {
	switch {
	case text == "":
		return malformed("%s is required", name)
	case len(text) > loyalty.MaxTextSize:
		return malformed("%s has more than %d bytes", name, loyalty.MaxTextSize)
	case !printable(text) || text[0] == ' ' || text[len(text)-1] == ' ':
		return malformed("%s has characters that cannot be printed", name)
	}
	return nil
}

func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// place is the store and terminal a desk speaks for. A desk that is bound to one may leave it out;
// it may not name another.
func (d Desk) place(store, terminal string) (string, string, error) {
	store, okStore := bound(d.Store, store)
	terminal, okTerminal := bound(d.Terminal, terminal)
	if !okStore || !okTerminal {
		return "", "", loyalty.Refuse(loyalty.CodeNotAuthorised, "This key belongs to another store or till.")
	}
	return store, terminal, nil
}

func bound(to, given string) (string, bool) {
	if to == "" {
		return given, true
	}
	return to, given == "" || given == to
}

// at fills in the desk's own store and terminal, and refuses those of others.
func (d Desk) at(s Sale) (Sale, error) {
	var err error
	s.Store, s.Terminal, err = d.place(s.Store, s.Terminal)
	return s, err
}

// date is the business date of a sale: the date of its business time where the chain keeps its
// books, whatever offset the till wrote the time with, or the date that is given. One that is given
// beside a time may be a day off it, for a shop that closes its books late or early; were it free, a
// receipt could be rung up once for every day of the calendar.
func (s Sale) date(zone *time.Location) (loyalty.Day, error) {
	if s.BusinessTime.IsZero() && s.BusinessDate == "" {
		return 0, malformed("a business time or a business date is required")
	}
	var given loyalty.Day
	if s.BusinessDate != "" {
		var err error
		if given, err = loyalty.ParseDay(s.BusinessDate); err != nil {
			return 0, malformed("businessDate is not a day of the form 2026-11-22")
		}
	}
	if s.BusinessTime.IsZero() {
		return given, nil
	}
	year, month, day := s.BusinessTime.In(zone).Date()
	if year < 1 || year > 9999 {
		return 0, malformed("the business time is in no year that a receipt can show")
	}
	own := loyalty.Day(year*10000 + int(month)*100 + day)
	if given == 0 {
		return own, nil
	}
	if apart := midnight(given).Sub(midnight(own)).Abs(); apart > 24*time.Hour {
		return 0, malformed("businessDate %s is more than a day from the date of businessTime, %s", given, own)
	}
	return given, nil
}

// midnight is the beginning of a day in UTC, where every day has 24 hours.
func midnight(d loyalty.Day) time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

// receipt is the public name of the slip that s names.
func (t *Teller) receipt(s Sale, kind vault.ReceiptKind) (loyalty.ReceiptID, error) {
	for _, p := range []struct{ name, text string }{{"store", s.Store}, {"terminal", s.Terminal}, {"receipt", s.Receipt}} {
		if err := part(p.name, p.text); err != nil {
			return "", err
		}
	}
	day, err := s.date(t.config.Zone)
	if err != nil {
		return "", err
	}
	return t.secret.Receipt(vault.NaturalKey{
		Organisation: t.config.MSP, Store: s.Store, Terminal: s.Terminal, Date: day, Receipt: s.Receipt, Kind: kind,
	}), nil
}

// tie is the receipt of the sale that points are spent on; empty where none is named.
func (t *Teller) tie(desk Desk, s *Sale) (loyalty.ReceiptID, []string, error) {
	if s == nil {
		return "", nil, nil
	}
	sale, err := desk.at(*s)
	if err != nil {
		return "", nil, err
	}
	id, err := t.receipt(sale, vault.Sale)
	if err != nil {
		return "", nil, err
	}
	return id, []string{lockReceipt(id)}, nil
}
