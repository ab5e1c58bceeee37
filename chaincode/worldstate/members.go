package worldstate

import (
	"fmt"
	"slices"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// Members is the personal data of the members that one chain enrolled, in its private collection.
// Unlike Tx it reads what is committed and writes at once: one transaction changes one member.
type Members struct {
	stub       PrivateStub
	collection string
}

// Owner says whose a lookup is. It carries the profile's salt: without it everybody on the channel
// could hash all members' references and see which member a lookup belongs to.
type Owner struct {
	Member loyalty.MemberID `json:"member"`
	Salt   string           `json:"salt"`
}

// MembersOf opens the personal data that org holds.
func MembersOf(stub PrivateStub, org loyalty.MSPID) Members {
	return Members{stub: stub, collection: Profiles(org)}
}

// Profile is what is stored of member, nil if there is nothing.
func (m Members) Profile(member loyalty.MemberID) (*api.Profile, error) {
	return getPrivate[api.Profile](m, profileKey(member))
}

// Owner is whose lookup is, empty if nobody's.
func (m Members) Owner(lookup string) (loyalty.MemberID, error) {
	owner, err := getPrivate[Owner](m, lookupKey(lookup))
	if err != nil || owner == nil {
		return "", err
	}
	return owner.Member, nil
}

// Put stores p in place of what was stored of its member, and purges the lookups it had and no
// longer has. It refuses (identifier_taken) a lookup of another member.
func (m Members) Put(p api.Profile) error {
	for _, lookup := range p.Lookup {
		owner, err := m.Owner(lookup)
		if err != nil {
			return err
		}
		if owner != "" && owner != p.Member {
			return loyalty.Refuse(loyalty.CodeIdentifierTaken, "An identifier belongs to another member.")
		}
	}
	before, err := m.Profile(p.Member)
	if err != nil {
		return err
	}
	if before != nil {
		for _, lookup := range before.Lookup {
			if !slices.Contains(p.Lookup, lookup) {
				if err := m.purge(lookupKey(lookup)); err != nil {
					return err
				}
			}
		}
	}
	for _, lookup := range p.Lookup {
		if err := putPrivate(m, lookupKey(lookup), Owner{Member: p.Member, Salt: p.Salt}); err != nil {
			return err
		}
	}
	return putPrivate(m, profileKey(p.Member), p)
}

// Purge removes the profile of member and its lookups, from the peers' history too. It refuses
// (profile_unknown) a member of whom nothing is stored, so that a slip is not taken for an erasure.
func (m Members) Purge(member loyalty.MemberID) error {
	p, err := m.Profile(member)
	if err != nil {
		return err
	}
	if p == nil {
		return loyalty.Refuse(loyalty.CodeProfileUnknown, "There is no profile of this member.")
	}
	for _, lookup := range p.Lookup {
		if err := m.purge(lookupKey(lookup)); err != nil {
			return err
		}
	}
	return m.purge(profileKey(member))
}

// The errors below name the collection and never the key: whose data it is stays private.

func (m Members) purge(key string) error {
	if err := m.stub.PurgePrivateData(m.collection, key); err != nil {
		return fmt.Errorf("purge from collection %q: %w", m.collection, err)
	}
	return nil
}

func getPrivate[T any](m Members, key string) (*T, error) {
	value, err := m.stub.GetPrivateData(m.collection, key)
	if err != nil {
		return nil, fmt.Errorf("read from collection %q: %w", m.collection, err)
	}
	if len(value) == 0 {
		return nil, nil
	}
	v := new(T)
	if err := Decode(value, v); err != nil {
		return nil, fmt.Errorf("decode a value of collection %q: %w", m.collection, err)
	}
	return v, nil
}

func putPrivate(m Members, key string, v any) error {
	value, err := Encode(v)
	if err != nil {
		return err
	}
	if err := m.stub.PutPrivateData(m.collection, key, value); err != nil {
		return fmt.Errorf("write to collection %q: %w", m.collection, err)
	}
	return nil
}
