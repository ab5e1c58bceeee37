package loyalty

import (
	"slices"
	"unicode/utf8"
)

// Terms is one version of what a chain promises for a purchase. Versions are never edited: a lot
// keeps the version it was earned under.
type Terms struct {
	Version int `json:"version"` // 1, 2, 3, … per issuer
	From    Day `json:"from"`    // first business day on which it applies, UTC
	// EarnPoints points for every EarnMinor minor units: floor(amount·EarnPoints/EarnMinor).
	EarnPoints int64 `json:"earnPoints"`
	EarnMinor  int64 `json:"earnMinor"`
	// ValidMonths is how many months after the month of the sale the points can still be spent.
	ValidMonths int `json:"validMonths"`
	// Prose is the same in words, for people.
	Prose string `json:"prose"`
}

// TermsBook is every version of one issuer's terms, oldest first.
type TermsBook struct {
	Issuer   MSPID   `json:"issuer"`
	Versions []Terms `json:"versions"`
}

// The limits of terms.
const (
	MaxTerms     = 1000 // versions of one issuer
	maxProseSize = 2000 // bytes
)

// On is the version in force on a business day: the latest whose From has come. There is none
// before the first. b may be nil.
func (b *TermsBook) On(day Day) (Terms, bool) {
	if b == nil {
		return Terms{}, false
	}
	for i := len(b.Versions) - 1; i >= 0; i-- {
		if b.Versions[i].From <= day {
			return b.Versions[i], true
		}
	}
	return Terms{}, false
}

// Check refuses terms that could not be applied: malformed_terms.
func (t Terms) Check() *Error {
	switch {
	case t.Version < 1 || t.Version > MaxTerms:
		return Refuse(CodeMalformedTerms, "The version must be 1 to %d.", MaxTerms)
	case !t.From.Valid():
		return Refuse(CodeMalformedTerms, "The first day must be a day of the calendar.")
	case !within(t.EarnPoints, 1, MaxRate) || !within(t.EarnMinor, 1, MaxRate):
		return Refuse(CodeMalformedTerms, "The earn rate must be two integers of 1 to %d.", MaxRate)
	case !within(int64(t.ValidMonths), 0, maxMonths):
		return Refuse(CodeMalformedTerms, "Points must be valid for 0 to %d months.", maxMonths)
	case t.Prose == "" || len(t.Prose) > maxProseSize || !utf8.ValidString(t.Prose):
		return Refuse(CodeMalformedTerms, "The terms need a text of 1 to %d bytes for people.", maxProseSize)
	}
	return nil
}

// PublishTerms is the issuer's book with one more version; the book itself stays as it was. A chain may
// change what it promises from tomorrow on, never what it promised for a sale already made: only its
// first terms may begin in the past. book is nil before them. Refusals, in order: malformed_terms,
// version_must_be_next, terms_must_not_be_retroactive.
func PublishTerms(book *TermsBook, issuer MSPID, next Terms, now Instant) (*TermsBook, *Error) {
	if refusal := next.Check(); refusal != nil {
		return nil, refusal
	}
	var versions []Terms
	if book != nil {
		versions = book.Versions
	}
	if next.Version != len(versions)+1 {
		return nil, Refuse(CodeVersionNotNext, "The next version of the terms is %d.", len(versions)+1)
	}
	if n := len(versions); n > 0 && (next.From <= now.Day() || next.From < versions[n-1].From) {
		return nil, Refuse(CodeTermsRetroactive, "New terms begin tomorrow at the earliest, and not before the last ones.")
	}
	return &TermsBook{Issuer: issuer, Versions: append(slices.Clone(versions), next)}, nil
}
