package worldstate

import (
	"fmt"
	"slices"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// Members is the personal data of the members that one chain enrolled, in its private collection.
// Unlike Tx it reads what is committed and nothing of what the transaction has written: Put or
// Purge is called once in a transaction.
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

// Put stores profiles, each in place of what was stored of its member, and purges the lookups that
// a member had and no longer has: all of it or nothing. It refuses (identifier_taken) a lookup of
// another member, stored or among profiles; and (malformed_profile) a member given twice.
func (m Members) Put(profiles []api.Profile) error {
	if err := checkApart(profiles); err != nil {
		return err
	}
	var dropped []string
	for _, p := range profiles {
		if err := m.checkOwners(p); err != nil {
			return err
		}
		before, err := m.Profile(p.Member)
		if err != nil {
			return err
		}
		if before != nil {
			dropped = append(dropped, without(before.Lookup, p.Lookup)...)
		}
	}
	m.stub.StartWriteBatch()
	for _, lookup := range dropped {
		if err := m.purge(lookupKey(lookup)); err != nil {
			return err
		}
	}
	for _, p := range profiles {
		if err := m.put(p); err != nil {
			return err
		}
	}
	if err := m.stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("write batch to collection %q: %w", m.collection, err)
	}
	return nil
}

// checkApart looks for what the committed state cannot show: two of the profiles that would
// overwrite each other.
func checkApart(profiles []api.Profile) error {
	members, owners := make(map[loyalty.MemberID]bool), make(map[string]bool)
	for _, p := range profiles {
		if members[p.Member] {
			return loyalty.Refuse(loyalty.CodeMalformedProfile, "A member is given twice.")
		}
		members[p.Member] = true
		for _, lookup := range p.Lookup {
			if owners[lookup] {
				return identifierTaken()
			}
			owners[lookup] = true
		}
	}
	return nil
}

// checkOwners refuses a lookup of p that is stored as another member's.
func (m Members) checkOwners(p api.Profile) error {
	for _, lookup := range p.Lookup {
		owner, err := m.Owner(lookup)
		if err != nil {
			return err
		}
		if owner != "" && owner != p.Member {
			return identifierTaken()
		}
	}
	return nil
}

func identifierTaken() error {
	return loyalty.Refuse(loyalty.CodeIdentifierTaken, "An identifier belongs to another member.")
}

// without is what of all is not in kept.
func without(all, kept []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(kept, s) })
}

// put writes p and its lookups.
func (m Members) put(p api.Profile) error {
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
