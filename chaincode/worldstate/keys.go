// Package worldstate is how the loyalty ledger lies in Fabric's world state: every key, the bytes
// of every value, and Tx, the unit of work through which one transaction reads and writes them.
// It knows nothing of Fabric but the few methods of Stub; an auditor reads blocks with its keys
// and codec alone.
package worldstate

import (
	"fmt"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// The public keys. The first letter says what is stored; what follows is the name of the record.
//
//	a~<member>             loyalty.Account    32 hex digits
//	g                      loyalty.Programme  the one in force
//	h~<hold>               loyalty.HoldEnd    64 hex digits
//	o~<msp>~<operation>    loyalty.Operation  32 hex digits
//	q~<version>~<digest>   loyalty.Proposal   ten digits, so that keys sort as versions do; 64 hex digits
//	r~<msp>~<receipt>      loyalty.Receipt    32 hex digits
//	t~<msp>                loyalty.TermsBook
//
// An MSP ID may itself hold a tilde: what follows it has a fixed length, so no two names share a
// key. No key is touched by every till of a chain and written by any: g and t~ change only by
// governance.
const (
	prefixAccount   = "a~"
	keyProgramme    = "g"
	prefixHoldEnd   = "h~"
	prefixOperation = "o~"
	prefixProposal  = "q~"
	prefixReceipt   = "r~"
	prefixTerms     = "t~"

	separator     = "~"
	versionDigits = 10
	digestDigits  = 64
)

// The private collections of one chain, and their keys. Fabric publishes the SHA-256 of both keys
// and values: every key is random or a keyed hash, and every value holds a fresh salt.
//
//	profiles-<MSP>   p~<member>    api.Profile
//	                 l~<lookup>    Owner            64 hex digits
//	baskets-<MSP>    <receipt>     loyalty.Opening, the very bytes of the gateway
const (
	prefixProfiles = "profiles-"
	prefixBaskets  = "baskets-"
	prefixProfile  = "p~"
	prefixLookup   = "l~"
)

// AccountKey is where the account of member lies.
func AccountKey(member loyalty.MemberID) string { return prefixAccount + string(member) }

// ProgrammeKey is where the programme in force lies.
func ProgrammeKey() string { return keyProgramme }

// HoldEndKey is where the end of a hold lies, once it has ended.
func HoldEndKey(hold loyalty.HoldID) string { return prefixHoldEnd + string(hold) }

// OperationKey is where the answer to operation op of organisation org lies.
func OperationKey(org loyalty.MSPID, op loyalty.OpID) string {
	return prefixOperation + string(org) + separator + string(op)
}

// ProposalKey is where the proposal of a programme of this version and digest lies, also after it
// was approved. Each content has a key of its own, so that proposals of one version do not replace
// each other.
func ProposalKey(version int, digest string) string {
	return fmt.Sprintf("%s%0*d%s%s", prefixProposal, versionDigits, version, separator, digest)
}

// ReceiptKey is where the public record of a sale or return slip of organisation org lies.
func ReceiptKey(org loyalty.MSPID, receipt loyalty.ReceiptID) string {
	return prefixReceipt + string(org) + separator + string(receipt)
}

// TermsKey is where every version of the terms of issuer lies.
func TermsKey(issuer loyalty.MSPID) string { return prefixTerms + string(issuer) }

// Profiles is the collection with the personal data of the members that org enrolled. Its own
// endorsement policy is org alone.
func Profiles(org loyalty.MSPID) string { return prefixProfiles + string(org) }

// Baskets is the collection with the openings of the sales of org. It has no endorsement policy of
// its own: the chaincode's governs, so that no chain alone can rewrite what it sold.
func Baskets(org loyalty.MSPID) string { return prefixBaskets + string(org) }

// OpeningKey is where the opening of a sale lies in Baskets.
func OpeningKey(sale loyalty.ReceiptID) string { return string(sale) }

func profileKey(member loyalty.MemberID) string { return prefixProfile + string(member) }

func lookupKey(lookup string) string { return prefixLookup + lookup }

// Kind says what a public key holds.
type Kind string

// The kinds of public key.
const (
	KindAccount   Kind = "account"
	KindProgramme Kind = "programme"
	KindHoldEnd   Kind = "hold end"
	KindOperation Kind = "operation"
	KindProposal  Kind = "proposal"
	KindReceipt   Kind = "receipt"
	KindTerms     Kind = "terms"
)

// Key is a public key taken apart.
type Key struct {
	Kind         Kind
	Organisation loyalty.MSPID // operation, receipt, terms
	ID           string        // member, hold, operation, receipt; of a proposal ten digits, a tilde and the digest
}

// ParseKey takes a public key apart. It fails on a key that nothing of this package writes.
func ParseKey(key string) (Key, error) {
	if key == keyProgramme {
		return Key{Kind: KindProgramme}, nil
	}
	rest := key[min(len(prefixAccount), len(key)):]
	switch {
	case strings.HasPrefix(key, prefixAccount) && loyalty.MemberID(rest).Valid():
		return Key{Kind: KindAccount, ID: rest}, nil
	case strings.HasPrefix(key, prefixHoldEnd) && loyalty.HoldID(rest).Valid():
		return Key{Kind: KindHoldEnd, ID: rest}, nil
	case strings.HasPrefix(key, prefixProposal) && isProposal(rest):
		return Key{Kind: KindProposal, ID: rest}, nil
	case strings.HasPrefix(key, prefixTerms) && rest != "":
		return Key{Kind: KindTerms, Organisation: loyalty.MSPID(rest)}, nil
	}
	org, id, found := cutLast(rest)
	switch {
	case found && strings.HasPrefix(key, prefixOperation) && loyalty.OpID(id).Valid():
		return Key{Kind: KindOperation, Organisation: org, ID: id}, nil
	case found && strings.HasPrefix(key, prefixReceipt) && loyalty.ReceiptID(id).Valid():
		return Key{Kind: KindReceipt, Organisation: org, ID: id}, nil
	}
	return Key{}, fmt.Errorf("key %q is none of the ledger's", key)
}

// cutLast splits s at its last separator; it fails where either side is empty.
func cutLast(s string) (loyalty.MSPID, string, bool) {
	i := strings.LastIndex(s, separator)
	if i <= 0 || i == len(s)-1 {
		return "", "", false
	}
	return loyalty.MSPID(s[:i]), s[i+1:], true
}

func isProposal(s string) bool {
	version, digest, _ := strings.Cut(s, separator)
	return len(version) == versionDigits && strings.Trim(version, "0123456789") == "" && loyalty.IsHex(digest, digestDigits)
}
