package loyalty

// Account is everything a member has: one document, read once and written once by an operation.
// Lots, Debts and Counters are sorted (see normalise), so that equal accounts have equal bytes.
type Account struct {
	Member   MemberID  `json:"member"`
	Enroller MSPID     `json:"enroller"` // the chain that holds the member's personal data
	Opened   Instant   `json:"opened"`
	LastAt   Instant   `json:"lastAt"`  // the account's clock: never goes back
	Entries  int64     `json:"entries"` // operations that changed this account so far
	Lots     []Lot     `json:"lots,omitempty"`
	Holds    []Hold    `json:"holds,omitempty"`
	Debts    []Debt    `json:"debts,omitempty"`
	Counters []Counter `json:"counters,omitempty"`
}

// Lot is points that were earned together as far as anybody can tell later: the same issuer owes
// for them, under the same terms, until the same month. Points is always positive.
type Lot struct {
	Issuer MSPID  `json:"issuer"`
	Terms  int    `json:"terms"`  // version of the issuer's terms
	Expiry Month  `json:"expiry"` // last month in which the points can be spent
	Earned Day    `json:"earned"` // earliest day on which points of this lot were earned
	Points Points `json:"points"`
}

// Hold reserves points for one redeeming organisation until it captures or voids them, or until
// Expires passes: then the points are back without anybody doing anything.
type Hold struct {
	ID       HoldID    `json:"id"`
	Redeemer MSPID     `json:"redeemer"`
	Points   Points    `json:"points"`
	Draws    []Lot     `json:"draws"` // what was taken from which lot, in burn order
	Receipt  ReceiptID `json:"receipt,omitempty"`
	Expires  Instant   `json:"expires"`
}

// Debt is what a member owes one issuer: points clawed back that were already spent. The next
// points of the same issuer repay it.
type Debt struct {
	Issuer MSPID  `json:"issuer"`
	Points Points `json:"points"`
}

// Counter is what ever happened to points of one issuer on one account. Counters only grow; they
// are sums of postings and are checked against them by the auditor.
type Counter struct {
	Issuer   MSPID  `json:"issuer"`
	Earned   Points `json:"earned"`
	Clawed   Points `json:"clawed"` // taken back by returns, from lots or as a debt
	Redeemed Points `json:"redeemed"`
	Restored Points `json:"restored"`
	Sent     Points `json:"sent"`
	Received Points `json:"received"`
	Expired  Points `json:"expired"`
}
