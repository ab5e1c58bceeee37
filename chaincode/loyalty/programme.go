package loyalty

// Programme is what all organisations agreed on. A new version is proposed by one and approved
// by a quorum; it takes effect when the quorum is reached and is never changed afterwards.
type Programme struct {
	Version       int            `json:"version"` // 1, 2, 3, …
	Organisations []Organisation `json:"organisations"`
	Quorum        int            `json:"quorum"` // approvals a new version needs; more than half of the organisations
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

// Proposal is a programme waiting for its quorum.
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
