package server

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// The limits of what a person can be called and reached at; the rest is loyalty.MaxTextSize.
const (
	maxNameSize  = 100 // bytes
	maxEmailSize = 254 // bytes, RFC 5321
)

var (
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	emailForm    = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// form checks what a decoded request looks like and fills in the place from the desk. Amounts and
// points are left to the rules, which have codes of their own for them.
type form struct {
	desk   teller.Desk
	faults faults
	denied *Problem // the request speaks for another desk
}

// verdict is what became of the checks.
func (f *form) verdict() error {
	switch {
	case f.denied != nil:
		return f.denied
	case len(f.faults) > 0:
		return invalid(f.faults)
	}
	return nil
}

// text checks a SKU, a category, a receipt number or the name of a store or till.
func (f *form) text(pointer, s string) {
	if s == "" || len(s) > loyalty.MaxTextSize {
		f.faults.add(pointer, "must be 1 to %d bytes", loyalty.MaxTextSize)
	}
}

func (f *form) optionalText(pointer, s string) {
	if s != "" {
		f.text(pointer, s)
	}
}

func (f *form) member(pointer, reference string) {
	if !loyalty.MemberID(reference).Valid() {
		f.faults.add(pointer, "must be a member reference: 32 lower-case hex digits")
	}
}

// sale checks where and when something is rung up. It happens at the desk: a key that belongs to a
// store or terminal need not name it, and may not name another.
func (f *form) sale(pointer string, s *teller.Sale) {
	f.settle(pointer+"/store", f.desk.Store, &s.Store)
	f.settle(pointer+"/terminal", f.desk.Terminal, &s.Terminal)
	if s.BusinessTime.IsZero() {
		f.faults.add(pointer+"/businessTime", "is required")
	}
	f.receipt(pointer, *s)
}

func (f *form) optionalSale(pointer string, s *teller.Sale) {
	if s != nil {
		f.sale(pointer, s)
	}
}

// original checks the sale that a return takes back. It may have been rung up anywhere in the
// chain; where it does not say, it was here. Its day is enough: a paper receipt may show no more.
func (f *form) original(pointer string, s *teller.Sale, slip teller.Sale) {
	if s.Store == "" {
		s.Store = slip.Store
	}
	if s.Terminal == "" {
		s.Terminal = slip.Terminal
	}
	f.text(pointer+"/store", s.Store)
	f.text(pointer+"/terminal", s.Terminal)
	if s.BusinessTime.IsZero() && s.BusinessDate == "" {
		f.faults.add(pointer+"/businessDate", "is required unless businessTime is given")
	}
	f.receipt(pointer, *s)
}

func (f *form) receipt(pointer string, s teller.Sale) {
	f.text(pointer+"/receipt", s.Receipt)
	if s.BusinessDate == "" {
		return
	}
	if _, err := loyalty.ParseDay(s.BusinessDate); err != nil {
		f.faults.add(pointer+"/businessDate", "must be a day: 2026-11-22")
	}
}

// settle reconciles the place that the key belongs to with the place that the request names.
func (f *form) settle(pointer, own string, named *string) {
	switch {
	case *named == "" && own == "":
		f.faults.add(pointer, "is required: this API key is not tied to one")
	case *named == "":
		*named = own
	case own != "" && *named != own:
		f.denied = problem(codeNotPermitted, "This API key may not speak for another store or terminal than its own.")
	default:
		f.text(pointer, *named)
	}
}

func (f *form) basket(pointer string, b teller.Basket) {
	if !currencyForm.MatchString(b.Currency) {
		f.faults.add(pointer+"/currency", "must be an ISO 4217 code: EUR")
	}
	if len(b.Lines) > loyalty.MaxLines {
		f.faults.add(pointer+"/lines", "must be at most %d lines", loyalty.MaxLines)
		return
	}
	for i, line := range b.Lines {
		at := fmt.Sprintf("%s/lines/%d", pointer, i)
		f.text(at+"/sku", line.SKU)
		f.optionalText(at+"/category", line.Category)
	}
}

func (f *form) phone(pointer, s string) {
	if s != "" && !phoneForm.MatchString(s) {
		f.faults.add(pointer, "must be an international number: +31612345678")
	}
}

func (f *form) email(pointer, s string) {
	if s != "" && (len(s) > maxEmailSize || !emailForm.MatchString(s)) {
		f.faults.add(pointer, "must be an e-mail address")
	}
}

func (f *form) name(pointer, s string) {
	if s == "" || len(s) > maxNameSize {
		f.faults.add(pointer, "must be 1 to %d bytes", maxNameSize)
	}
}

// count is how many of the given texts are not empty.
func count(texts ...string) int {
	return len(slices.DeleteFunc(texts, func(s string) bool { return s == "" }))
}
