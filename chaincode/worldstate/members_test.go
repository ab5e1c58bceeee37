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

// vault is a PrivateStub whose writes are visible at once: each test step stands for a block.
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
	must(t, members.Put(profile(member, phone, email)))
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
	must(t, members.Put(profile(member, phone)))
	before := stub.keys()
	if code := codeOf(members.Put(profile(other, email, phone))); code != loyalty.CodeIdentifierTaken {
		t.Errorf("code = %q", code)
	}
	if !slices.Equal(stub.keys(), before) {
		t.Error("a refused profile left something behind")
	}
	must(t, worldstate.MembersOf(stub, "DuinmarktMSP").Put(profile(other, phone)))
}

func TestALookupThatIsGivenUpIsPurged(t *testing.T) {
	stub := vault{}
	members := worldstate.MembersOf(stub, msp)
	must(t, members.Put(profile(member, phone)))
	must(t, members.Put(profile(member, email)))
	must(t, members.Put(profile(other, phone)))
}

func TestAPurgeLeavesNothing(t *testing.T) {
	stub := vault{}
	members := worldstate.MembersOf(stub, msp)
	must(t, members.Put(profile(member, phone, email)))
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
	must(t, worldstate.MembersOf(stub, msp).Put(profile(member, phone)))
	for key, value := range stub {
		if !bytes.Contains(value, []byte(`"salt":"`+string(member)+`"`)) {
			t.Errorf("%s has no salt: its hash is on the ledger for everybody to guess at", key)
		}
	}
}
