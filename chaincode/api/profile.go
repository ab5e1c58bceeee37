package api

import (
	"encoding/json"
	"slices"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// The limits of a Profile.
const (
	MaxLookups      = 4
	MaxSealedSize   = 8 << 10                      // bytes
	MaxProfileSize  = 16 << 10                     // bytes of a Profile in JSON, Sealed in base64
	MaxProfilesSize = MaxProfiles * MaxProfileSize // bytes of TransientProfile of PutProfile
	lookupDigits    = 64
	saltDigits      = 32
)

// DecodeProfile reads the transient value TransientProfile of every transaction but PutProfile and
// checks the form of the fields that are present; which ones must be present is for CheckMember and
// CheckLookup to say. It refuses with malformed_profile and never repeats what it read.
func DecodeProfile(transient []byte) (Profile, error) {
	var p Profile
	if err := readProfile(transient, MaxProfileSize, &p); err != nil {
		return Profile{}, err
	}
	if err := p.checkForm(); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// EncodeProfiles is the transient value TransientProfile of PutProfile.
func EncodeProfiles(profiles []Profile) ([]byte, error) { return json.Marshal(profiles) }

// DecodeProfiles reads the transient value TransientProfile of PutProfile: 1 to MaxProfiles
// complete profiles. It refuses with malformed_profile and never repeats what it read. Whether the
// profiles go together is for worldstate.Members to say.
func DecodeProfiles(transient []byte) ([]Profile, error) {
	var profiles []Profile
	if err := readProfile(transient, MaxProfilesSize, &profiles); err != nil {
		return nil, err
	}
	if n := len(profiles); n == 0 || n > MaxProfiles {
		return nil, loyalty.Refuse(loyalty.CodeMalformedProfile, "One transaction stores 1 to %d profiles.", MaxProfiles)
	}
	for _, p := range profiles {
		if err := p.checkForm(); err != nil {
			return nil, err
		}
		if err := p.CheckRecord(); err != nil {
			return nil, err
		}
	}
	return profiles, nil
}

// readProfile decodes a transient value of at most limit bytes into v.
func readProfile(transient []byte, limit int, v any) error {
	switch {
	case len(transient) == 0:
		return refuseProfile("the transient value is missing")
	case len(transient) > limit:
		return refuseProfile("it is too large")
	case Decode(transient, v) != nil:
		return refuseProfile("it cannot be read")
	}
	return nil
}

// checkForm refuses (malformed_profile) a field that is there and has no usable form.
func (p Profile) checkForm() error {
	switch {
	case p.Member != "" && !p.Member.Valid():
		return refuseProfile("the member's reference is not 32 hex digits")
	case len(p.Lookup) > MaxLookups:
		return refuseProfile("it has too many lookups")
	case len(p.Sealed) > MaxSealedSize:
		return refuseProfile("the sealed part is too large")
	case p.Salt != "" && !loyalty.IsHex(p.Salt, saltDigits):
		return refuseProfile("the salt is not 32 hex digits")
	}
	for i, lookup := range p.Lookup {
		if !loyalty.IsHex(lookup, lookupDigits) {
			return refuseProfile("a lookup is not 64 hex digits")
		}
		if slices.Contains(p.Lookup[:i], lookup) {
			return refuseProfile("a lookup is given twice")
		}
	}
	return nil
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
