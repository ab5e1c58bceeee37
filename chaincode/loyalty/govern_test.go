package loyalty_test

import "testing"

func TestGovern(t *testing.T) { runTables(t, "govern") }

var governTables = []table{
	{"a programme is in force when its quorum is reached", `
		K:manager propose transferMax=5   -> 1 of 3
		D:admin approve                   -> 2 of 3
		D:manager approve                 -> refused already_approved
		A:auditor approve                 -> refused not_authorised
		A:manager approve                 -> refused not_authorised
		X:manager approve                 -> refused not_authorised
		C:manager approve                 -> version 2 in force
		L:manager approve                 -> refused version_must_be_next     # it is in force without them
		K earn anna s1 1000               -> applied points 10 balance 10
		K transfer anna ben 6             -> refused transfer_too_large`},
	{"the first programme is agreed on by all whom it names", `
		programme none=1
		K propose                         -> refused not_authorised          # a till decides nothing
		X:manager propose                 -> refused not_authorised
		A:admin propose                   -> refused not_authorised
		K:manager propose                 -> 1 of 4
		K:admin propose                   -> refused already_approved
		D:manager propose                 -> 2 of 4                           # the same again is a yes
		C:admin approve digest=other      -> refused proposal_unknown
		C:admin approve                   -> 3 of 4                           # whatever quorum it writes for later
		L:admin approve                   -> version 1 in force`},
	{"nobody founds a programme alone, or for others", `
		programme none=1
		K:manager propose orgs=K:chain quorum=1 -> refused malformed_programme
		K:manager propose orgs=K:chain,C:clearing quorum=2 -> refused malformed_programme
		K:manager propose orgs=K:chain,D:chain quorum=2 -> refused malformed_programme     # nobody clears
		K:manager propose orgs=K:chain,D:chain,C:clearing quorum=2 -> 1 of 3
		D:manager approve                 -> 2 of 3
		D:manager approve                 -> refused already_approved
		L:manager approve                 -> refused not_authorised
		C:manager approve                 -> version 1 in force`},
	{"proposals of one version stand side by side, each with its own votes", `
		K:manager propose transferMax=5   -> 1 of 3
		D:manager approve                 -> 2 of 3
		L:manager propose transferMax=6   -> 1 of 3
		C:manager approve transferMax=6   -> 2 of 3
		L:manager approve transferMax=5   -> version 2 in force
		D:manager approve version=2 transferMax=6 -> refused version_must_be_next  # overtaken
		K earn anna s1 1000               -> applied points 10 balance 10
		K transfer anna ben 6             -> refused transfer_too_large`},
	{"versions follow one another", `
		K:manager propose version=3       -> refused version_must_be_next
		K:manager propose version=1       -> refused version_must_be_next
		K:manager approve                 -> refused proposal_unknown`},
	{"a programme must be possible", `
		K:manager propose quorum=2        -> refused malformed_programme     # of four voters
		K:manager propose quorum=5        -> refused malformed_programme
		K:manager propose quorum=-1       -> refused malformed_programme
		K:manager propose version=0       -> refused malformed_programme
		K:manager propose currency=USD    -> refused malformed_programme     # never changes
		K:manager propose currency=euro   -> refused malformed_programme
		K:manager propose burn=random     -> refused malformed_programme
		K:manager propose returns=never   -> refused malformed_programme
		K:manager propose redeemPoints=0  -> refused malformed_programme
		K:manager propose redeemMinor=-1  -> refused malformed_programme
		K:manager propose hold=0          -> refused malformed_programme
		K:manager propose hold=3601       -> refused malformed_programme
		K:manager propose holdMax=604801  -> refused malformed_programme
		K:manager propose late=0          -> refused malformed_programme
		K:manager propose early=-1        -> refused malformed_programme
		K:manager propose grace=-1        -> refused malformed_programme
		K:manager propose grace=1201      -> refused malformed_programme
		K:manager propose transferMax=-1  -> refused malformed_programme
		K:manager propose earnMax=-1      -> refused malformed_programme
		K:manager propose redeemMax=-1    -> refused malformed_programme
		K:manager propose orgs=C:clearing,A:auditor quorum=1 -> refused malformed_programme   # no chain
		K:manager propose orgs=K:chain,C:clearing quorum=2 -> refused malformed_programme  # one chain
		K:manager propose orgs=K:chain,D:chain,A:auditor quorum=2 -> refused malformed_programme
		K:manager propose orgs=K:chain,K:chain,C:clearing quorum=3 -> refused malformed_programme
		K:manager propose orgs=K:chain,D:chain,L:bank,C:clearing quorum=3 -> refused malformed_programme
		K:manager propose orgs=K:chain,X:chain,C:clearing quorum=2 -> 1 of 3 # the old organisations decide
		X:manager approve                 -> refused not_authorised`},
	{"a chain publishes its own terms, from tomorrow on", `
		K:manager publish 2 from=2026-11-22 -> refused terms_must_not_be_retroactive
		K:manager publish 2 from=2026-12-24 -> version 2
		K:manager publish 3 from=2026-12-23 -> refused terms_must_not_be_retroactive
		K:manager publish 3 from=2026-12-24 -> version 3
		K:manager publish 3 from=2026-12-25 -> refused version_must_be_next
		K:agent publish 4 from=2026-12-25 -> refused not_authorised
		K:admin publish 4 from=2026-12-25 -> refused not_authorised
		C:manager publish 1 from=2026-12-25 -> refused not_authorised`},
	{"terms must be possible", `
		K:manager publish 0               -> refused malformed_terms
		K:manager publish 1001            -> refused malformed_terms
		K:manager publish 2 from=2026-02-29 -> refused malformed_terms
		K:manager publish 2 rate=0/100    -> refused malformed_terms
		K:manager publish 2 rate=1/0      -> refused malformed_terms
		K:manager publish 2 rate=-1/-1    -> refused malformed_terms
		K:manager publish 2 rate=1000000001/1 -> refused malformed_terms
		K:manager publish 2 valid=-1      -> refused malformed_terms
		K:manager publish 2 valid=1201    -> refused malformed_terms
		K:manager publish 2 prose=        -> refused malformed_terms`},
	{"who may ask for what", `
		A:auditor may GetAccount          -> yes
		A:auditor may Quote               -> refused not_authorised
		A:auditor may GetProfile          -> refused not_authorised
		C:manager may GetOpening          -> refused not_authorised
		C:pos may GetReceipt              -> yes
		C:clerk may GetReceipt            -> refused not_authorised
		X:manager may GetAccount          -> refused not_authorised
		X:manager may WhoAmI              -> yes
		K:pos may FindMember              -> yes
		K:pos may PurgeProfile            -> refused not_authorised
		K:agent may PurgeProfile          -> yes
		K:manager may Mint                -> refused not_authorised
		programme none=1
		K:manager may GetAccount          -> refused programme_unknown
		K:manager may GetProposal         -> yes
		K:clerk may GetProposal           -> refused not_authorised
		X:nobody may WhoAmI               -> yes
		K:manager may Mint                -> refused not_authorised`},
}
