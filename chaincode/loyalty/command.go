package loyalty

// Kind says what a command asks for.
type Kind string

// The kinds of command. Each has a file of its own name with its refusals in order.
const (
	KindEnrol    Kind = "enrol"
	KindEarn     Kind = "earn"
	KindHold     Kind = "hold"
	KindCapture  Kind = "capture"
	KindVoid     Kind = "void"
	KindRedeem   Kind = "redeem"
	KindReturn   Kind = "return"
	KindTransfer Kind = "transfer"
	KindCancel   Kind = "cancel"
)

// Command is one request to change the ledger, as it stands in the transaction's arguments for
// everybody on the channel to read: no basket, no amount of money, no store, no till.
// Which fields a kind needs, and that it has no others, is checked by Command.Check.
type Command struct {
	Op    OpID        `json:"op"`
	Print Fingerprint `json:"print,omitempty"` // every kind but cancel
	Kind  Kind        `json:"kind"`
	// Member is whose account is touched: every kind but capture and void (the hold names the
	// member) and cancel.
	Member MemberID `json:"member,omitempty"`
	// To receives a transfer.
	To MemberID `json:"to,omitempty"`
	// Receipt is the sale (earn: required; hold, capture, redeem: optional, ties the points spent to
	// the sale so that a return gives them back) or the return slip (return: required).
	Receipt ReceiptID `json:"receipt,omitempty"`
	// Sale is the receipt that a return takes back, wholly or partly.
	Sale ReceiptID `json:"sale,omitempty"`
	// Hold is what a capture or void ends.
	Hold HoldID `json:"hold,omitempty"`
	// Points to hold, redeem or transfer; for a capture at most what is held, 0 meaning all of it.
	Points Points `json:"points,omitempty"`
	// Seconds a hold lives; 0 means the programme's default.
	Seconds int64 `json:"seconds,omitempty"`
}

// Details is the part of a command that only the endorsing organisations see: it travels in the
// transaction's transient data and never reaches a block.
type Details struct {
	Basket *Basket `json:"basket,omitempty"` // earn
	Return *Taken  `json:"return,omitempty"` // return
}

// Env is what a command may know of the transaction it runs in.
type Env struct {
	Caller Caller
	Now    Instant // the transaction's timestamp, already bounded by the contract
}

// Caller is who signed the transaction.
type Caller struct {
	MSP  MSPID `json:"msp"`
	Role Role  `json:"role"`
}

// Role is the value of the attribute "role" of the caller's certificate.
type Role string

// The roles. What each may do is one table: see Authorise.
const (
	RolePOS     Role = "pos"
	RoleAgent   Role = "agent"
	RoleManager Role = "manager"
	RoleAdmin   Role = "admin"
	RoleAuditor Role = "auditor"
)
