package api

import (
	"github.com/zegel/zegel/chaincode/loyalty"
)

// The limits of a Profile.
const (
	MaxLookups     = 4
	MaxSealedSize  = 8 << 10  // bytes
	MaxProfileSize = 16 << 10 // bytes of TransientProfile, Sealed in base64
	lookupDigits   = 64
	saltDigits     = 32
)

// DecodeProfile reads the transient value TransientProfile and checks the form of the fields that
// are present; which ones must be present is for CheckRecord, CheckMember and CheckLookup to say. It refuses with
// malformed_profile and never repeats what it read.
func DecodeProfile(transient []byte) (Profile, error) {
	var p Profile
	switch {
	case len(transient) == 0:
		return Profile{}, refuseProfile("the transient value is missing")
	case len(transient) > MaxProfileSize:
		return Profile{}, refuseProfile("it is too large")
	case Decode(transient, &p) != nil:
		return Profile{}, refuseProfile("it cannot be read")
	case p.Member != "" && !p.Member.Valid():
		return Profile{}, refuseProfile("the member's reference is not 32 hex digits")
	case len(p.Lookup) > MaxLookups:
		return Profile{}, refuseProfile("it has too many lookups")
	case len(p.Sealed) > MaxSealedSize:
		return Profile{}, refuseProfile("the sealed part is too large")
	case p.Salt != "" && !isHex(p.Salt, saltDigits):
		return Profile{}, refuseProfile("the salt is not 32 hex digits")
	}
	for i, lookup := range p.Lookup {
		if !isHex(lookup, lookupDigits) {
			return Profile{}, refuseProfile("a lookup is not 64 hex digits")
		}
		for _, earlier := range p.Lookup[:i] {
			if earlier == lookup {
				return Profile{}, refuseProfile("a lookup is given twice")
			}
		}
	}
	return p, nil
}

// CheckRecord refuses (malformed_profile) a profile that lacks what PutProfile stores: a member, a
// sealed part and a fresh salt. A profile without lookups is found by its member alone.
func (p Profile) CheckRecord() error {
	if p.Member == "" || len(p.Sealed) == 0 || p.Salt == "" {
		return refuseProfile("member, sealed part and salt are required")
	}
	return nil
}

// CheckMember refuses (malformed_profile) what is not exactly a member's reference: the key of
// GetProfile and PurgeProfile.
func (p Profile) CheckMember() error {
	if p.Member == "" || len(p.Lookup) != 0 || len(p.Sealed) != 0 || p.Salt != "" {
		return refuseProfile("exactly the member's reference is required")
	}
	return nil
}

// CheckLookup refuses (malformed_profile) what is not exactly one lookup: the key of FindMember.
func (p Profile) CheckLookup() error {
	if p.Member != "" || len(p.Lookup) != 1 || len(p.Sealed) != 0 || p.Salt != "" {
		return refuseProfile("exactly one lookup is required")
	}
	return nil
}

func refuseProfile(why string) *loyalty.Error {
	return loyalty.Refuse(loyalty.CodeMalformedProfile, "The profile is not usable: %s.", why)
}

func isHex(s string, digits int) bool {
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
