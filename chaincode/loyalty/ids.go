package loyalty

import "encoding/hex"

// MSPID names an organisation of the consortium as Fabric does. A chain that issues points is
// always named by its MSP ID, so that "who owes for this point" and "who signed" are one name.
type MSPID string

// MemberID is the random 128-bit reference of a member: 32 lower-case hex digits. It carries no
// personal data; only the chain that enrolled the member can link it to a person.
type MemberID string

// OpID names one operation of one organisation: the keyed hash of the till's idempotency key,
// 32 lower-case hex digits. The organisation's MSP ID is part of the ledger key, so no
// organisation can use up the key of another.
type OpID string

// ReceiptID is the keyed hash of a receipt's natural key (organisation, store, till, business
// date, receipt number, kind): 32 lower-case hex digits. Without the chain's secret it says
// nothing about the store or the till.
type ReceiptID string

// HoldID names a hold: the member's reference followed by the OpID of the operation that placed
// it, 64 lower-case hex digits, so that a hold is found without a look-up table.
type HoldID string

// Fingerprint is a keyed digest of a request's whole content, amounts included: 32 lower-case
// hex digits. It tells a repeat from a reuse of the key and, being keyed, hides the amounts.
type Fingerprint string

const idDigits = 32

// Valid reports whether m can name an organisation: letters, digits, dot, hyphen and underscore,
// at most 64 of them. Ledger keys are built from it.
func (m MSPID) Valid() bool {
	if m == "" || len(m) > MaxTextSize {
		return false
	}
	for i := range len(m) {
		c := m[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// IsHex reports whether s is exactly so many lower-case hex digits.
func IsHex(s string, digits int) bool {
	if len(s) != digits {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Valid reports whether m is well formed; it says nothing about whether the member exists.
func (m MemberID) Valid() bool { return IsHex(string(m), idDigits) }

// Valid reports whether o is well formed.
func (o OpID) Valid() bool { return IsHex(string(o), idDigits) }

// Valid reports whether r is well formed.
func (r ReceiptID) Valid() bool { return IsHex(string(r), idDigits) }

// Valid reports whether f is well formed.
func (f Fingerprint) Valid() bool { return IsHex(string(f), idDigits) }

// Valid reports whether h is well formed.
func (h HoldID) Valid() bool { return IsHex(string(h), 2*idDigits) }

// NewHoldID names the hold that op places on the account of member.
func NewHoldID(member MemberID, op OpID) HoldID { return HoldID(string(member) + string(op)) }

// Member is the member whose points h reserves. It is empty when h is not well formed.
func (h HoldID) Member() MemberID {
	if !h.Valid() {
		return ""
	}
	return MemberID(h[:idDigits])
}

// MemberIDFrom writes 16 random bytes as a MemberID.
func MemberIDFrom(b [16]byte) MemberID { return MemberID(hex.EncodeToString(b[:])) }
