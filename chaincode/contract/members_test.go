package contract_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// The personal data of the tests. Sealed stands for ciphertext: none of these may leave the
// private collection.
const (
	secretName = "Jan Jansen"
	member     = loyalty.MemberID("0123456789abcdef0123456789abcdef")
	neighbour  = loyalty.MemberID("fedcba9876543210fedcba9876543210")
	salt       = "5a175a175a175a175a175a175a175a17"
)

var (
	phone = strings.Repeat("ab", 32)
	email = strings.Repeat("cd", 32)
)

func profileOf(of loyalty.MemberID, lookups ...string) api.Profile {
	return api.Profile{Member: of, Lookup: lookups, Sealed: []byte(secretName), Salt: salt}
}

func withProfile(tb testing.TB, who identity, name string, profile api.Profile) proposal {
	return aboutProfiles(who, name, asJSON(tb, profile))
}

func putting(tb testing.TB, who identity, profiles ...api.Profile) proposal {
	return aboutProfiles(who, api.PutProfile, asJSON(tb, profiles))
}

func aboutProfiles(who identity, name string, transient []byte) proposal {
	return proposal{
		who: who, name: name, peers: []string{who.msp}, // its own collection, its own endorsement
		transient: map[string][]byte{api.TransientProfile: transient},
	}
}

func TestAProfileIsPutFoundAndPurged(t *testing.T) {
	n := newConsortium(t)
	put := putting(t, till, profileOf(member, phone, email))
	for range 2 { // a repeat changes nothing
		if text := n.mustSubmit(put); text != "" {
			t.Errorf("PutProfile answered %q: it would be in a block", text)
		}
	}
	for _, lookup := range []string{phone, email} {
		text, refusal := n.evaluate(withProfile(t, till, api.FindMember, api.Profile{Lookup: []string{lookup}}))
		if text != string(member) {
			t.Errorf("FindMember: %q, %v", text, refusal)
		}
	}
	var profile api.Profile
	n.mustEvaluate(withProfile(t, till, api.GetProfile, api.Profile{Member: member}), &profile)
	if string(profile.Sealed) != secretName {
		t.Errorf("profile %+v", profile)
	}

	purge := withProfile(t, desk, api.PurgeProfile, api.Profile{Member: member})
	if text := n.mustSubmit(purge); text != "" {
		t.Errorf("PurgeProfile answered %q: it would be in a block", text)
	}
	for _, gone := range []proposal{
		purge,
		withProfile(t, till, api.GetProfile, api.Profile{Member: member}),
		withProfile(t, till, api.FindMember, api.Profile{Lookup: []string{phone}}),
	} {
		if _, refusal := n.evaluate(gone); codeOf(refusal) != loyalty.CodeProfileUnknown {
			t.Errorf("%s after the purge: %v", gone.name, refusal)
		}
	}
	if len(n.ledger.values) != 0 || len(n.ledger.hashes) != 0 {
		t.Errorf("left behind: %v", n.ledger.values)
	}
}

func TestAnIdentifierBelongsToOneMember(t *testing.T) {
	n := newConsortium(t)
	n.mustSubmit(putting(t, till, profileOf(member, phone)))
	_, refusal := n.submit(putting(t, till, profileOf(neighbour, email, phone)))
	if codeOf(refusal) != loyalty.CodeIdentifierTaken {
		t.Errorf("refusal %v", refusal)
	}
	n.mustSubmit(putting(t, otherTill, profileOf(neighbour, phone)))
}

// crowd is n profiles of n members, each with a lookup of its own.
func crowd(n int) []api.Profile {
	var profiles []api.Profile
	for i := range n {
		profiles = append(profiles, profileOf(loyalty.MemberID(hex32(9000+i)), fmt.Sprintf("%064x", 9000+i)))
	}
	return profiles
}

func TestManyProfilesArePutInOneTransaction(t *testing.T) {
	n := newConsortium(t)
	many := crowd(api.MaxProfiles)
	n.mustSubmit(putting(t, till, many...))
	for _, p := range many {
		if text, refusal := n.evaluate(withProfile(t, till, api.FindMember, api.Profile{Lookup: p.Lookup})); text != string(p.Member) {
			t.Errorf("%s is found as %q, %v", p.Member, text, refusal)
		}
	}
	s, _ := n.simulate(putting(t, till, many...), korenaar)
	if most := 2*len(many) + 2; s.roundTrip > most {
		t.Errorf("%d reads travelled to the peer, want at most %d", s.roundTrip, most)
	}
}

// TestOneProfileSpoilsAll tries what one transaction cannot see of itself: nothing it writes shows
// in what it reads, so two claims to one lookup both find it free. That a refusal wrote nothing is
// for submit to see.
func TestOneProfileSpoilsAll(t *testing.T) {
	taken, fresh := profileOf(neighbour, phone), profileOf(member, email)
	cases := map[string]struct {
		last []api.Profile // after many good ones
		code loyalty.Code
	}{
		"an identifier that is taken":         {[]api.Profile{profileOf(member, phone)}, loyalty.CodeIdentifierTaken},
		"an identifier for two of them":       {[]api.Profile{fresh, profileOf(loyalty.MemberID(hex32(1)), email)}, loyalty.CodeIdentifierTaken},
		"an identifier as it is given up":     {[]api.Profile{profileOf(neighbour), profileOf(member, phone)}, loyalty.CodeIdentifierTaken},
		"a member twice":                      {[]api.Profile{fresh, fresh}, loyalty.CodeMalformedProfile},
		"a member of another chain":           {[]api.Profile{profileOf(loyalty.MemberID(hex32(2)))}, loyalty.CodeNotEnroller},
		"a profile that is none":              {[]api.Profile{{Member: member}}, loyalty.CodeMalformedProfile},
		"more than one transaction may carry": {crowd(api.MaxProfiles + 1)[50:], loyalty.CodeMalformedProfile},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n := newConsortium(t)
			n.enrol(otherTill, loyalty.MemberID(hex32(2)))
			n.mustSubmit(putting(t, till, taken))
			before := maps.Clone(n.ledger.hashes)
			if _, refusal := n.submit(putting(t, till, append(crowd(50), c.last...)...)); codeOf(refusal) != c.code {
				t.Errorf("refusal %v, want %s", refusal, c.code)
			}
			if len(n.ledger.hashes) != len(before) {
				t.Errorf("%d private values, want %d", len(n.ledger.hashes), len(before))
			}
		})
	}
}

func TestAnotherChainsMemberHasNoProfileHere(t *testing.T) {
	n := newConsortium(t)
	n.enrol(otherTill, member)
	_, refusal := n.submit(putting(t, till, profileOf(member, phone)))
	if codeOf(refusal) != loyalty.CodeNotEnroller {
		t.Errorf("refusal %v", refusal)
	}
}

func TestOnlyTheOwnChainReadsItsProfiles(t *testing.T) {
	n := newConsortium(t)
	n.mustSubmit(putting(t, till, profileOf(member, phone)))
	for _, p := range []proposal{
		withProfile(t, otherTill, api.GetProfile, api.Profile{Member: member}),
		withProfile(t, otherTill, api.FindMember, api.Profile{Lookup: []string{phone}}),
		withProfile(t, identity{duinmarkt, "agent"}, api.PurgeProfile, api.Profile{Member: member}),
	} {
		if _, refusal := n.evaluate(p); codeOf(refusal) != loyalty.CodeProfileUnknown {
			t.Errorf("%s: %v", p.name, refusal)
		}
	}
}

func TestProfilesOfNoFormAreRefused(t *testing.T) {
	full := profileOf(member, phone)
	cases := map[string]proposal{
		"a profile without its array": withProfile(t, till, api.PutProfile, full),
		"profiles for a key":          aboutProfiles(till, api.GetProfile, asJSON(t, []api.Profile{{Member: member}})),
		"no profiles":                 putting(t, till),
		"a key without a value":       putting(t, till, api.Profile{Member: member}),
		"a value for a key":           withProfile(t, till, api.GetProfile, full),
		"a member for a lookup":       withProfile(t, till, api.FindMember, api.Profile{Member: member}),
		"a lookup for a member":       withProfile(t, desk, api.PurgeProfile, api.Profile{Lookup: []string{phone}}),
		"no profile":                  {who: till, name: api.PutProfile},
		"a profile under a wrong key": {who: till, name: api.PutProfile, transient: map[string][]byte{"Profile": asJSON(t, []api.Profile{full})}},
		"plain personal data": {who: till, name: api.PutProfile, transient: map[string][]byte{
			api.TransientProfile: []byte(`{"name":"` + secretName + `"}`),
		}},
	}
	n := newConsortium(t)
	for name, p := range cases {
		t.Run(name, func(t *testing.T) {
			_, refusal := n.evaluate(p)
			if codeOf(refusal) != loyalty.CodeMalformedProfile {
				t.Errorf("refusal %v", refusal)
			}
			if refusal != nil && strings.Contains(refusal.Message, secretName) {
				t.Errorf("the refusal repeats personal data: %v", refusal)
			}
		})
	}
}

// TestNoPersonalDataGetsIntoABlock looks for everything personal in every byte that blocks and
// public state would hold after a life of profiles, their refusals included.
func TestNoPersonalDataGetsIntoABlock(t *testing.T) {
	n := newConsortium(t)
	n.mustSubmit(putting(t, till, profileOf(member, phone, email)))
	n.enrol(till, member)
	n.earn(till, member, 1, 8313131)
	n.mustSubmit(putting(t, till, profileOf(member, email)))
	_, refusal := n.submit(putting(t, till, profileOf(neighbour, email)))
	n.mustSubmit(putting(t, till, append(crowd(5), profileOf(member, phone))...))
	n.mustSubmit(withProfile(t, desk, api.PurgeProfile, api.Profile{Member: member}))

	seen := append(n.ledger.history.Bytes(), asJSON(t, refusal)...)
	for key, value := range n.ledger.state {
		seen = append(append(append(seen, key...), '='), value...)
	}
	for what, secret := range map[string]string{
		"the name":              secretName,
		"the name in base64":    "SmFuIEphbnNlb",
		"a keyed phone number":  phone,
		"a keyed address":       email,
		"the salt":              salt,
		"a basket's salt":       basketSalt,
		"a basket's total":      "8313131",
		"a store":               "store-12",
		"a till":                "till-3",
		"an article":            "sku-77",
		"a receipt's number":    "receipt-1",
		"the caller's own name": "CN=",
	} {
		if bytes.Contains(seen, []byte(secret)) {
			t.Errorf("%s can be read by everybody on the channel", what)
		}
	}
}
