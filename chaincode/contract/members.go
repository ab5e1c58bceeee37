package contract

import (
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// The transactions of personal data take it from transient data only and answer a change with
// nothing: arguments, answers and events stay in a block for ever, transient data never gets there.
// They touch the caller's own collection and no other.

// PutProfile stores the transient profile of a member that the caller's chain enrols. It refuses
// malformed_profile; not_the_enrolling_chain where another chain enrolled the member;
// identifier_taken where a lookup belongs to another member. The same profile may be put again.
func (c *Contract) PutProfile(ctx *Context) error {
	return api.EncodeError(ctx.putProfile())
}

func (ctx *Context) putProfile() error {
	profile, err := ctx.profile(api.Profile.CheckRecord)
	if err != nil {
		return err
	}
	account, err := ctx.ledger.Account(profile.Member)
	if err != nil {
		return err
	}
	// Before the member is enrolled there is no account: the identifiers are claimed first, so that
	// a clash leaves no account behind.
	if account != nil && account.Enroller != ctx.caller.MSP {
		return loyalty.Refuse(loyalty.CodeNotEnroller, "Another chain enrolled this member.")
	}
	return ctx.members().Put(profile)
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

// profile reads the transient profile and checks that it is what the transaction needs.
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
