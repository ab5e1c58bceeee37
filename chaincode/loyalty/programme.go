package loyalty

// Programme is what all organisations agreed on. The first version is approved by every
// organisation that it gives a vote, a later one by the quorum of the version before; it takes
// effect with the last approval that it needs and is never changed afterwards.
type Programme struct {
	Version       int            `json:"version"` // 1, 2, 3, …
	Organisations []Organisation `json:"organisations"`
	Quorum        int            `json:"quorum"` // approvals the next version needs; more than half of the voters
	// Currency of every basket: one programme, one currency.
	Currency string `json:"currency"`
	// BurnOrder says whose points go first.
	BurnOrder BurnOrder `json:"burnOrder"`
	// Returns says whether a claw-back may make a balance negative.
	Returns ReturnPolicy `json:"returns"`
	// RedeemPoints points are worth RedeemMinor minor units at every till.
	RedeemPoints int64 `json:"redeemPoints"`
	RedeemMinor  int64 `json:"redeemMinor"`
	// HoldSeconds is a hold's default life, HoldSecondsMax the longest that may be asked for.
	HoldSeconds    int64 `json:"holdSeconds"`
	HoldSecondsMax int64 `json:"holdSecondsMax"`
	// LateHours is how old a sale may be when it arrives; EarlySeconds how far its clock may be ahead.
	LateHours    int64 `json:"lateHours"`
	EarlySeconds int64 `json:"earlySeconds"`
	// GraceMonths is added to this month for points that come back to a lot that has expired.
	GraceMonths int `json:"graceMonths"`
	// Transfers allows member-to-member transfers; TransferMax bounds one of them (0: no bound).
	Transfers   bool   `json:"transfers"`
	TransferMax Points `json:"transferMax,omitempty"`
	// EarnMax bounds what one sale may earn, RedeemMax what one redemption or hold may take (0: no
	// bound): how much a till that was taken over can give or take at a time.
	EarnMax   Points `json:"earnMax,omitempty"`
	RedeemMax Points `json:"redeemMax,omitempty"`
}

// Organisation is one member of the consortium.
type Organisation struct {
	MSP  MSPID   `json:"msp"`
	Name string  `json:"name"`
	Kind OrgKind `json:"kind"`
}

// OrgKind says what an organisation is there for.
type OrgKind string

// The kinds of organisation. The auditor approves nothing and is not counted in the quorum.
const (
	OrgChain    OrgKind = "chain"
	OrgClearing OrgKind = "clearing"
	OrgAuditor  OrgKind = "auditor"
)

// BurnOrder is the order in which lots are drawn.
type BurnOrder string

// The burn orders. Every one of them ends by issuer and terms, so that no two lots tie.
const (
	// BurnEarliestExpiry: expiry, then earned, then issuer, then terms.
	BurnEarliestExpiry BurnOrder = "earliest_expiry"
	// BurnOldest: earned, then expiry, then issuer, then terms.
	BurnOldest BurnOrder = "oldest"
	// BurnOwnFirst: the redeeming chain's own points, then as BurnEarliestExpiry.
	BurnOwnFirst BurnOrder = "own_first"
)

// ReturnPolicy says what a claw-back does when the points are spent.
type ReturnPolicy string

// The return policies.
const (
	// ReturnsUnlimited: what cannot be taken becomes a debt to the issuer; the balance may go negative.
	ReturnsUnlimited ReturnPolicy = "unlimited"
	// ReturnsWithinBalance: what cannot be taken is forgiven.
	ReturnsWithinBalance ReturnPolicy = "within_balance"
)

// Proposal is a programme waiting for its approvals.
type Proposal struct {
	Programme  Programme  `json:"programme"`
	ProposedBy MSPID      `json:"proposedBy"`
	ProposedAt Instant    `json:"proposedAt"`
	Approvals  []Approval `json:"approvals"` // in the order given; one per organisation
}

// Approval is one organisation's yes.
type Approval struct {
	MSP MSPID   `json:"msp"`
	At  Instant `json:"at"`
}

// The limits of a programme.
const (
	MaxOrganisations = 64
	minChains        = 2             // one chain has nobody to share points with
	MaxRate          = 1_000_000_000 // factors of a rate
	maxHoldSeconds   = 7 * 24 * 3600
	maxLateHours     = 366 * 24
	maxEarlySeconds  = 24 * 3600
	maxMonths        = 1200 // of validity or grace
)

// Check refuses a programme that could not be carried out: malformed_programme.
func (p *Programme) Check() *Error {
	if refusal := p.checkOrganisations(); refusal != nil {
		return refusal
	}
	for _, rule := range []struct {
		holds bool
		must  string
	}{
		{p.Version >= 1, "the version must be at least 1"},
		{isCurrency(p.Currency), "the currency must be three capital letters"},
		{p.BurnOrder == BurnEarliestExpiry || p.BurnOrder == BurnOldest || p.BurnOrder == BurnOwnFirst, "there is no such burn order"},
		{p.Returns == ReturnsUnlimited || p.Returns == ReturnsWithinBalance, "there is no such return policy"},
		{within(p.RedeemPoints, 1, MaxRate) && within(p.RedeemMinor, 1, MaxRate), "the redeem rate must be two positive integers"},
		{within(p.HoldSecondsMax, 1, maxHoldSeconds), "a hold must last at most seven days"},
		{within(p.HoldSeconds, 1, p.HoldSecondsMax), "the default hold must not exceed the longest"},
		{within(p.LateHours, 1, maxLateHours), "a sale must be allowed one hour to a year to arrive"},
		{within(p.EarlySeconds, 0, maxEarlySeconds), "a till's clock may be at most a day ahead"},
		{within(int64(p.GraceMonths), 0, maxMonths), "the grace must be 0 to 1200 months"},
		{within(int64(p.TransferMax), 0, int64(MaxPoints)), "the transfer bound must not be negative"},
		{within(int64(p.EarnMax), 0, int64(MaxPoints)), "the bound of a sale must not be negative"},
		{within(int64(p.RedeemMax), 0, int64(MaxPoints)), "the bound of a redemption must not be negative"},
	} {
		if !rule.holds {
			return Refuse(CodeMalformedProgramme, "In the programme, %s.", rule.must)
		}
	}
	return nil
}

func (p *Programme) checkOrganisations() *Error {
	if len(p.Organisations) == 0 || len(p.Organisations) > MaxOrganisations {
		return Refuse(CodeMalformedProgramme, "A programme has 1 to %d organisations.", MaxOrganisations)
	}
	seen, count := map[MSPID]bool{}, map[OrgKind]int{}
	for _, o := range p.Organisations {
		switch o.Kind {
		case OrgChain, OrgClearing, OrgAuditor:
			count[o.Kind]++
		default:
			return Refuse(CodeMalformedProgramme, "There is no such kind of organisation.")
		}
		if !o.MSP.Valid() || !isText(o.Name, 1) || seen[o.MSP] {
			return Refuse(CodeMalformedProgramme, "Every organisation needs a name and an MSP ID of its own.")
		}
		seen[o.MSP] = true
	}
	if count[OrgChain] < minChains || count[OrgClearing] == 0 {
		return Refuse(CodeMalformedProgramme, "A programme needs at least %d chains and a clearing house.", minChains)
	}
	if voters := p.voters(); 2*p.Quorum <= voters || p.Quorum > voters {
		return Refuse(CodeMalformedProgramme, "A programme needs a quorum of more than half of its %d voters.", voters)
	}
	return nil
}

// kindOf is what an organisation is there for; empty if it is not in the programme.
func (p *Programme) kindOf(msp MSPID) OrgKind {
	for _, o := range p.Organisations {
		if o.MSP == msp {
			return o.Kind
		}
	}
	return ""
}

func within(n, least, most int64) bool { return least <= n && n <= most }
