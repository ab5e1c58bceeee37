// Package api is the wire between gateway, chaincode and auditor: transaction names, arguments,
// transient keys, replies, the one event, and the error codec. Both sides import it, so neither
// can drift.
package api

import "github.com/zegel/zegel/chaincode/loyalty"

// Chaincode and Channel are the names under which the rules are deployed.
const (
	Chaincode = "loyalty"
	Channel   = "loyalty"
)

// The transactions of the contract. Exactly these names are accepted, with exactly these numbers
// of arguments: see Arity.
const (
	// Apply(batch) submits a Batch; answers a Reply.
	Apply = "Apply"
	// PutProfile() and PurgeProfile() change personal data: transient only, empty answer. PutProfile
	// stores many members' at once, all or none; PurgeProfile removes one member's.
	PutProfile   = "PutProfile"
	PurgeProfile = "PurgeProfile"
	// ProposeProgramme(programme), ApproveProgramme(version, digest): governance.
	ProposeProgramme = "ProposeProgramme"
	ApproveProgramme = "ApproveProgramme"
	// PublishTerms(terms): a chain's next earning terms.
	PublishTerms = "PublishTerms"

	// The rest is evaluated, never submitted.
	Quote        = "Quote"        // (member or empty), transient: TransientBasket -> Quotation
	GetProfile   = "GetProfile"   // transient: Profile with Member alone -> Profile
	FindMember   = "FindMember"   // transient: Profile with one Lookup alone -> member reference
	GetOpening   = "GetOpening"   // (receipt) of the caller's own chain -> opening bytes
	GetAccount   = "GetAccount"   // (member) -> AccountView
	GetOperation = "GetOperation" // (msp, op) -> loyalty.Operation
	GetReceipt   = "GetReceipt"   // (msp, receipt) -> loyalty.Receipt
	GetHold      = "GetHold"      // (hold) -> HoldView
	GetTerms     = "GetTerms"     // (msp) -> loyalty.TermsBook
	GetProgramme = "GetProgramme" // () -> loyalty.Programme
	GetProposal  = "GetProposal"  // (version, digest) -> loyalty.Proposal
	WhoAmI       = "WhoAmI"       // () -> Identity
)

// Arity is how many arguments each transaction takes. Extra arguments would stay on the ledger
// for ever without anybody reading them, so the contract refuses them.
var Arity = map[string]int{
	Apply: 1, PutProfile: 0, PurgeProfile: 0, ProposeProgramme: 1, ApproveProgramme: 2, PublishTerms: 1,
	Quote: 1, GetProfile: 0, FindMember: 0, GetOpening: 1, GetAccount: 1, GetOperation: 2, GetReceipt: 2,
	GetHold: 1, GetTerms: 1, GetProgramme: 0, GetProposal: 2, WhoAmI: 0,
}

// The transient keys.
const (
	// TransientDetails is for Apply: a JSON array of loyalty.Details, one per command in order,
	// null where a command has none.
	TransientDetails = "details"
	// TransientBasket is for Quote: a JSON loyalty.Basket.
	TransientBasket = "basket"
	// TransientProfile is for PutProfile: a JSON array of 1 to MaxProfiles Profiles; and for
	// PurgeProfile, GetProfile and FindMember: one JSON Profile with the fields that the call needs.
	TransientProfile = "profile"
)

// MaxBatch is how many commands one transaction may carry.
const MaxBatch = 1000

// MaxProfiles is how many profiles one transaction may carry. Each costs the peer three private
// reads or more, one after the other: Fabric's reads of many private keys at once cannot tell a
// value that is absent from one that could not be read.
const MaxProfiles = 100

// Batch is the argument of Apply: commands are applied in order, each by itself.
type Batch struct {
	Version  int               `json:"v"` // 1
	Commands []loyalty.Command `json:"commands"`
}

// Reply answers Apply: Outcomes[i] answers Commands[i]. The event of the transaction, named
// EventApplied, carries the same bytes.
type Reply struct {
	Version  int               `json:"v"` // 1
	Outcomes []loyalty.Outcome `json:"outcomes"`
}

// EventApplied is the name of the one event of an Apply transaction.
const EventApplied = "Applied"

// Profile is the private record of a member in the enrolling chain's collection. Lookup is a keyed hash
// of a phone number or e-mail address; Sealed is encrypted by the gateway under a key of the
// member alone, so that destroying the key erases what a peer's disk may still hold.
type Profile struct {
	Member loyalty.MemberID `json:"member,omitempty"`
	Lookup []string         `json:"lookup,omitempty"` // 64 hex digits each, at most 4
	Sealed []byte           `json:"sealed,omitempty"` // at most 8 KiB
	Salt   string           `json:"salt,omitempty"`   // 32 hex digits, fresh at each write
}

// Quotation is what a basket would earn now, and what could be paid with points.
type Quotation struct {
	Member       loyalty.MemberID `json:"member,omitempty"`
	Points       loyalty.Points   `json:"points"`
	Terms        int              `json:"terms"`
	Expiry       loyalty.Month    `json:"expiry"`
	Balance      loyalty.Points   `json:"balance"`
	Spendable    loyalty.Points   `json:"spendable"`
	MaxPoints    loyalty.Points   `json:"maxPoints"`   // most that can be redeemed on this basket
	MaxMinor     int64            `json:"maxMinor"`    // and its value
	NextPointAt  int64            `json:"nextPointAt"` // minor units still missing for one more point
	RedeemPoints int64            `json:"redeemPoints"`
	RedeemMinor  int64            `json:"redeemMinor"`
}

// AccountView answers GetAccount: the account as it is now, expired lots and holds let go.
type AccountView struct {
	Account   loyalty.Account `json:"account"`
	Balance   loyalty.Points  `json:"balance"`
	Spendable loyalty.Points  `json:"spendable"`
	Held      loyalty.Points  `json:"held"`
}

// HoldView answers GetHold.
type HoldView struct {
	ID       loyalty.HoldID    `json:"id"`
	State    loyalty.HoldState `json:"state"`
	Redeemer loyalty.MSPID     `json:"redeemer,omitempty"`
	Points   loyalty.Points    `json:"points,omitempty"`
	Captured loyalty.Points    `json:"captured,omitempty"`
	Expires  loyalty.Instant   `json:"expires,omitempty"`
}

// Identity answers WhoAmI. It names the certificate, never the person whose it is.
type Identity struct {
	MSP         loyalty.MSPID   `json:"msp"`
	Role        loyalty.Role    `json:"role,omitempty"`
	Name        string          `json:"name,omitempty"` // of the organisation; empty if it is not one of the programme's
	Kind        loyalty.OrgKind `json:"kind,omitempty"` // likewise
	Certificate string          `json:"certificate"`    // SHA-256 of the certificate in DER, 64 hex digits
}
