package worldstate_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// vault is a PrivateStub whose writes are visible at once: each test step stands for a block. That
// is kinder than Fabric, so what goes wrong inside one transaction is tried in package contract.
type vault map[string][]byte

func (v vault) GetPrivateData(collection, key string) ([]byte, error) {
	return v[collection+" "+key], nil
}

func (v vault) PutPrivateData(collection, key string, value []byte) error {
	v[collection+" "+key] = value
	return nil
}

func (v vault) PurgePrivateData(collection, key string) error {
	delete(v, collection+" "+key)
	return nil
}

func (v vault) StartWriteBatch()        {}
func (v vault) FinishWriteBatch() error { return nil }

func (v vault) keys() []string {
	var keys []string
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

var (
	phone = strings.Repeat("a", 64)
	email = strings.Repeat("b", 64)
)

func profile(of loyalty.MemberID, lookups ...string) api.Profile {
	return api.Profile{Member: of, Lookup: lookups, Sealed: []byte("sealed"), Salt: string(of)}
}

func codeOf(err error) loyalty.Code {
	var refusal *loyalty.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func TestMembersAreFoundByTheirLookups(t *testing.T) {
	members := worldstate.MembersOf(vault{}, msp)
	must(t, members.Put([]api.Profile{profile(member, phone, email)}))
	for _, lookup := range []string{phone, email} {
		owner, err := members.Owner(lookup)
		must(t, err)
		if owner != member {
			t.Errorf("owner = %q", owner)
		}
	}
	p, err := members.Profile(member)
	must(t, err)
	if p == nil || !bytes.Equal(p.Sealed, []byte("sealed")) {
		t.Errorf("profile = %+v", p)
	}
}

func TestALookupBelongsToOneMember(t *testing.T) {
	stub := vault{}
	members := worldstate.MembersOf(stub, msp)
	must(t, members.Put([]api.Profile{profile(member, phone)}))
	before := stub.keys()
	if code := codeOf(members.Put([]api.Profile{profile(other, email, phone)})); code != loyalty.CodeIdentifierTaken {
		t.Errorf("code = %q", code)
	}
	if !slices.Equal(stub.keys(), before) {
		t.Error("a refused profile left something behind")
	}
	must(t, worldstate.MembersOf(stub, "DuinmarktMSP").Put([]api.Profile{profile(other, phone)}))
}

func TestManyProfilesAreStoredOrNone(t *testing.T) {
	third := loyalty.MemberID(strings.Repeat("3", 32))
	cases := []struct {
		name string
		put  []api.Profile
		code loyalty.Code
	}{
		{"apart", []api.Profile{profile(member, email), profile(other, phone)}, ""},
		{"without lookups", []api.Profile{profile(member), profile(other)}, ""},
		{"a stored lookup of another", []api.Profile{profile(member, email), profile(third, phone)}, loyalty.CodeIdentifierTaken},
		{"one lookup for two", []api.Profile{profile(member, email), profile(third, email)}, loyalty.CodeIdentifierTaken},
		{"one lookup for two, in the other order", []api.Profile{profile(third, email), profile(member, email)}, loyalty.CodeIdentifierTaken},
		{"a lookup that its owner gives up", []api.Profile{profile(other, email), profile(third, phone)}, loyalty.CodeIdentifierTaken},
		{"a member twice", []api.Profile{profile(member, email), profile(member, email)}, loyalty.CodeMalformedProfile},
		{"a member twice with different lookups", []api.Profile{profile(member, email), profile(member)}, loyalty.CodeMalformedProfile},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			stub := vault{}
			members := worldstate.MembersOf(stub, msp)
			must(t, members.Put([]api.Profile{profile(other, phone)}))
			before := stub.keys()
			if code := codeOf(members.Put(c.put)); code != c.code {
				t.Fatalf("code = %q, want %q", code, c.code)
			}
			if c.code != "" && !slices.Equal(stub.keys(), before) {
				t.Errorf("refused profiles left something behind: %v", stub.keys())
			}
			for _, p := range c.put {
				if stored, err := members.Profile(p.Member); c.code == "" && (err != nil || stored == nil) {
					t.Errorf("%s is not there: %v", p.Member, err)
				}
			}
		})
	}
}

func TestALookupThatIsGivenUpIsPurged(t *testing.T) {
	stub := vault{}
	members := worldstate.MembersOf(stub, msp)
	must(t, members.Put([]api.Profile{profile(member, phone)}))
	must(t, members.Put([]api.Profile{profile(member, email)}))
	must(t, members.Put([]api.Profile{profile(other, phone)}))
}

func TestAPurgeLeavesNothing(t *testing.T) {
	stub := vault{}
	members := worldstate.MembersOf(stub, msp)
	must(t, members.Put([]api.Profile{profile(member, phone, email)}))
	must(t, members.Purge(member))
	if len(stub) != 0 {
		t.Errorf("left: %v", stub.keys())
	}
	if code := codeOf(members.Purge(member)); code != loyalty.CodeProfileUnknown {
		t.Errorf("second purge: code %q", code)
	}
}

func TestEveryPrivateValueIsSalted(t *testing.T) {
	stub := vault{}
	must(t, worldstate.MembersOf(stub, msp).Put([]api.Profile{profile(member, phone)}))
	for key, value := range stub {
		if !bytes.Contains(value, []byte(`"salt":"`+string(member)+`"`)) {
			t.Errorf("%s has no salt: its hash is on the ledger for everybody to guess at", key)
		}
	}
}
