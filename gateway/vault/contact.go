package vault

import (
	"errors"
	"strings"
)

// Phone is a telephone number in E.164 form: a plus sign and 7 to 15 digits, nothing else.
type Phone string

// Email is an e-mail address whose domain is in lower case. The part before the @ is as the
// member wrote it, because some mail systems care; looking up does not.
type Email string

// The refusals of a contact. None repeats what was given: they may be logged.
var (
	ErrPhone = errors.New("a phone number is written in E.164: a plus sign, the country code and the number, " +
		"7 to 15 digits without spaces, such as +31201234567")
	ErrEmail = errors.New("an e-mail address is written name@domain: at most 254 letters, digits and usual signs, " +
		"a domain outside ASCII in its xn-- form")
)

// The bounds of E.164 (ITU-T): 15 digits at most; below 7 there is no full international number.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// ParsePhone accepts strict E.164 only. Guessing a country code, or dropping the zero of
// "+31 (0)20", would merge two people one day: the till has to know.
func ParsePhone(text string) (Phone, error) {
	digits, ok := strings.CutPrefix(text, "+")
	if !ok || len(digits) < minPhoneDigits || len(digits) > maxPhoneDigits || digits[0] == '0' {
		return "", ErrPhone
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return "", ErrPhone
		}
	}
	return Phone(text), nil
}

// The bounds of RFC 5321.
const (
	maxEmailSize  = 254
	maxLocalSize  = 64
	maxDomainSize = 253
	maxLabelSize  = 63
)

// ParseEmail accepts a plain address (no quotes, no comments, no display name) and lowers the
// domain.
func ParseEmail(text string) (Email, error) {
	at := strings.LastIndexByte(text, '@')
	if len(text) > maxEmailSize || at < 1 {
		return "", ErrEmail
	}
	local, domain := text[:at], lowerASCII(text[at+1:])
	if !validLocal(local) || !validDomain(domain) {
		return "", ErrEmail
	}
	return Email(local + "@" + domain), nil
}

func (e Email) folded() string { return lowerASCII(string(e)) }

func validLocal(local string) bool {
	if len(local) > maxLocalSize {
		return false
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, notAtomText) {
			return false
		}
	}
	return true
}

func notAtomText(r rune) bool {
	return !isLetterOrDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(domain) > maxDomainSize || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > maxLabelSize || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isLetterOrDigit(r) && r != '-' }) {
			return false
		}
	}
	return true
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// lowerASCII leaves everything outside A to Z alone: Unicode lowering turns some signs (the Kelvin
// sign) into ASCII letters, and two addresses would become one.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
