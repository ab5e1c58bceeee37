package loyalty

import "slices"

// right says which roles of which kind of organisation may call a transaction. Whoever is not
// named is refused; an organisation outside the programme has no kind.
type right struct {
	chain, clearing, auditor []Role
	founding                 bool // works before there is a programme, whatever the organisation
	anyone                   bool // works for organisations outside the programme
}

var (
	tillRoles  = []Role{RolePOS, RoleAgent, RoleManager}
	deskRoles  = []Role{RoleAgent, RoleManager}
	boardRoles = []Role{RoleManager, RoleAdmin}
	allRoles   = []Role{RolePOS, RoleAgent, RoleManager, RoleAdmin, RoleAuditor}

	atTill   = right{chain: tillRoles}
	governed = right{chain: boardRoles, clearing: boardRoles, founding: true}
	public   = right{chain: allRoles, clearing: allRoles, auditor: allRoles}
)

// rights is the one table of who may do what. Commands stand under their kind, everything else
// under the name of its transaction; what is not listed nobody may call. That a chain acts only on
// its own receipts, holds and members follows from the keys, not from this table.
var rights = map[string]right{
	string(KindEnrol):    atTill,
	string(KindEarn):     atTill,
	string(KindHold):     atTill,
	string(KindCapture):  atTill,
	string(KindVoid):     atTill,
	string(KindRedeem):   atTill,
	string(KindReturn):   atTill,
	string(KindTransfer): atTill,
	string(KindCancel):   atTill,
	"Apply":              atTill,

	"PutProfile":   atTill,
	"PurgeProfile": {chain: deskRoles},
	"GetProfile":   atTill,
	"FindMember":   atTill,
	"GetOpening":   atTill,
	"Quote":        atTill,

	"PublishTerms":     {chain: []Role{RoleManager}},
	"ProposeProgramme": governed,
	"ApproveProgramme": governed,

	"GetAccount":   public,
	"GetOperation": public,
	"GetReceipt":   public,
	"GetHold":      public,
	"GetTerms":     public,
	"GetProgramme": public,
	"GetProposal":  {chain: allRoles, clearing: allRoles, auditor: allRoles, founding: true},
	"WhoAmI":       {founding: true, anyone: true},
}

// Authorise says whether the caller may call a transaction; for a command the transaction is its
// kind. p is nil before the first programme is in force. Refusals: not_authorised,
// programme_unknown.
func Authorise(p *Programme, c Caller, transaction string) *Error {
	r, known := rights[transaction]
	switch {
	case known && r.anyone:
		return nil
	case known && p == nil && r.founding:
		return founder(r, c)
	case known && p == nil:
		return Refuse(CodeProgrammeUnknown, "There is no programme yet.")
	case known && slices.Contains(r.of(p.kindOf(c.MSP)), c.Role):
		return nil
	}
	return Refuse(CodeNotAuthorised, "This role of this organisation may not do that.")
}

// founder looks at the role alone: which organisations count is for the first programme to say,
// and Propose and Approve ask it.
func founder(r right, c Caller) *Error {
	if slices.Contains(r.chain, c.Role) {
		return nil
	}
	return Refuse(CodeNotAuthorised, "This role may not do that.")
}

func (r right) of(kind OrgKind) []Role {
	switch kind {
	case OrgChain:
		return r.chain
	case OrgClearing:
		return r.clearing
	case OrgAuditor:
		return r.auditor
	default:
		return nil
	}
}
