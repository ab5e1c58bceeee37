package contract_test

import (
	"bytes"
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
	return proposal{
		who: who, name: name, peers: []string{who.msp}, // its own collection, its own endorsement
		transient: map[string][]byte{api.TransientProfile: asJSON(tb, profile)},
	}
}

func TestAProfileIsPutFoundAndPurged(t *testing.T) {
	n := newConsortium(t)
	put := withProfile(t, till, api.PutProfile, profileOf(member, phone, email))
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
	n.mustSubmit(withProfile(t, till, api.PutProfile, profileOf(member, phone)))
	_, refusal := n.submit(withProfile(t, till, api.PutProfile, profileOf(neighbour, email, phone)))
	if codeOf(refusal) != loyalty.CodeIdentifierTaken {
		t.Errorf("refusal %v", refusal)
	}
	n.mustSubmit(withProfile(t, otherTill, api.PutProfile, profileOf(neighbour, phone)))
}

func TestAnotherChainsMemberHasNoProfileHere(t *testing.T) {
	n := newConsortium(t)
	n.enrol(otherTill, member)
	_, refusal := n.submit(withProfile(t, till, api.PutProfile, profileOf(member, phone)))
	if codeOf(refusal) != loyalty.CodeNotEnroller {
		t.Errorf("refusal %v", refusal)
	}
}

func TestOnlyTheOwnChainReadsItsProfiles(t *testing.T) {
	n := newConsortium(t)
	n.mustSubmit(withProfile(t, till, api.PutProfile, profileOf(member, phone)))
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
		"a key without a value":       withProfile(t, till, api.PutProfile, api.Profile{Member: member}),
		"a value for a key":           withProfile(t, till, api.GetProfile, full),
		"a member for a lookup":       withProfile(t, till, api.FindMember, api.Profile{Member: member}),
		"a lookup for a member":       withProfile(t, desk, api.PurgeProfile, api.Profile{Lookup: []string{phone}}),
		"no profile":                  {who: till, name: api.PutProfile},
		"a profile under a wrong key": {who: till, name: api.PutProfile, transient: map[string][]byte{"Profile": asJSON(t, full)}},
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
	n.mustSubmit(withProfile(t, till, api.PutProfile, profileOf(member, phone, email)))
	n.enrol(till, member)
	n.earn(till, member, 1, 8313131)
	n.mustSubmit(withProfile(t, till, api.PutProfile, profileOf(member, email)))
	_, refusal := n.submit(withProfile(t, till, api.PutProfile, profileOf(neighbour, email)))
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
