package contract

import (
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// The transactions of personal data take it from transient data only and answer a change with
// nothing: arguments, answers and events stay in a block for ever, transient data never gets there.
// They touch the caller's own collection and no other.

// PutProfile stores the transient profiles of members that the caller's chain enrols: all of them,
// or none if it refuses one. It refuses malformed_profile; not_the_enrolling_chain where another
// chain enrolled a member; identifier_taken where a lookup belongs to another member, be it one of
// the same transaction. A profile may be put again.
func (c *Contract) PutProfile(ctx *Context) error {
	return api.EncodeError(ctx.putProfile())
}

func (ctx *Context) putProfile() error {
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return err
	}
	profiles, err := api.DecodeProfiles(transient[api.TransientProfile])
	if err != nil {
		return err
	}
	if err := ctx.checkEnroller(profiles); err != nil {
		return err
	}
	return ctx.members().Put(profiles)
}

// checkEnroller refuses a profile of a member whom another chain enrolled. Before a member is
// enrolled there is no account: the identifiers are claimed first, so that a clash leaves no
// account behind.
func (ctx *Context) checkEnroller(profiles []api.Profile) error {
	keys := make([]string, len(profiles))
	for i, p := range profiles {
		keys[i] = worldstate.AccountKey(p.Member)
	}
	if err := ctx.ledger.Prefetch(keys...); err != nil {
		return err
	}
	for _, p := range profiles {
		account, err := ctx.ledger.Account(p.Member)
		if err != nil {
			return err
		}
		if account != nil && account.Enroller != ctx.caller.MSP {
			return loyalty.Refuse(loyalty.CodeNotEnroller, "Another chain enrolled this member.")
		}
	}
	return nil
}

// PurgeProfile removes the profile of the member that the transient profile names, and its
// lookups, from the state and the history of the chain's peers. It refuses malformed_profile and
// profile_unknown. The points stay: without the profile nobody can say whose they are.
func (c *Contract) PurgeProfile(ctx *Context) error {
	return api.EncodeError(ctx.purgeProfile())
}

func (ctx *Context) purgeProfile() error {
	profile, err := ctx.profile(api.Profile.CheckMember)
	if err != nil {
		return err
	}
	return ctx.members().Purge(profile.Member)
}

// GetProfile answers the api.Profile of the member that the transient profile names. It refuses
// malformed_profile and profile_unknown. Evaluate it, never submit it: the answer would be in a block.
func (c *Contract) GetProfile(ctx *Context) (string, error) {
	return answer(ctx.getProfile())
}

func (ctx *Context) getProfile() (*api.Profile, error) {
	key, err := ctx.profile(api.Profile.CheckMember)
	if err != nil {
		return nil, err
	}
	profile, err := ctx.members().Profile(key.Member)
	return found(profile, err, loyalty.CodeProfileUnknown, "There is no profile of this member.")
}

// FindMember answers the reference of the member whose lookup the transient profile holds, as bare
// text. It refuses malformed_profile and profile_unknown. Evaluate it, never submit it.
func (c *Contract) FindMember(ctx *Context) (string, error) {
	member, err := ctx.findMember()
	return string(member), api.EncodeError(err)
}

func (ctx *Context) findMember() (loyalty.MemberID, error) {
	key, err := ctx.profile(api.Profile.CheckLookup)
	if err != nil {
		return "", err
	}
	owner, err := ctx.members().Owner(key.Lookup[0])
	if err == nil && owner == "" {
		return "", loyalty.Refuse(loyalty.CodeProfileUnknown, "There is no member with this identifier.")
	}
	return owner, err
}

// members is the personal data that the caller's own chain holds.
func (ctx *Context) members() worldstate.Members {
	return worldstate.MembersOf(ctx.GetStub(), ctx.caller.MSP)
}

// profile reads the one transient profile and checks that it is what the transaction needs.
func (ctx *Context) profile(check func(api.Profile) error) (api.Profile, error) {
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return api.Profile{}, err
	}
	profile, err := api.DecodeProfile(transient[api.TransientProfile])
	if err != nil {
		return api.Profile{}, err
	}
	return profile, check(profile)
}
