package teller

import "time"

// Desk is where a request came from: the till or staff member that an API key stands for. Store
// and Terminal are empty for a key that may speak for any till of the chain (a journal import,
// the head office); then the request names them.
type Desk struct {
	Key      string // the API key's public id, for logs
	Role     string // pos, agent, manager, auditor
	Store    string
	Terminal string
}

// Sale is where and when something was rung up. Together with the chain and the kind of operation
// it is the natural key: the same sale keyed in twice is the same sale.
type Sale struct {
	Store        string    `json:"store,omitempty"`
	Terminal     string    `json:"terminal,omitempty"`
	Receipt      string    `json:"receipt"`
	BusinessTime time.Time `json:"businessTime,omitzero"`
	// BusinessDate is yyyy-mm-dd, at most a day from the date of BusinessTime in the chain's time zone;
	// empty means that date.
	BusinessDate string `json:"businessDate,omitempty"`
}

// Basket is what is on the belt. Amounts are integers in minor units.
type Basket struct {
	Currency       string `json:"currency"`
	Total          int64  `json:"total"`
	PaidWithPoints int64  `json:"paidWithPoints,omitempty"`
	Lines          []Line `json:"lines,omitempty"`
}

// Line is one line of a basket, net of its discounts.
type Line struct {
	SKU      string `json:"sku"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

// Enrolment is a new member: at least one of phone and e-mail.
type Enrolment struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"` // E.164: +31612345678
	Email string `json:"email,omitempty"`
}

// Lookup finds a member by one of the three.
type Lookup struct {
	Member string `json:"member,omitempty"`
	Phone  string `json:"phone,omitempty"`
	Email  string `json:"email,omitempty"`
}

// QuoteRequest asks what a basket would earn; Member may be empty.
type QuoteRequest struct {
	Member string `json:"member,omitempty"`
	Basket Basket `json:"basket"`
}

// EarnRequest is a sale of a member.
type EarnRequest struct {
	Member string `json:"member"`
	Sale
	Basket Basket `json:"basket"`
}

// HoldRequest reserves points; Receipt ties them to a sale (with Sale's other fields).
type HoldRequest struct {
	Member  string `json:"member"`
	Points  int64  `json:"points"`
	Seconds int64  `json:"seconds,omitempty"`
	Sale    *Sale  `json:"sale,omitempty"`
}

// CaptureRequest takes held points; 0 points means all of them.
type CaptureRequest struct {
	Points int64 `json:"points,omitempty"`
	Sale   *Sale `json:"sale,omitempty"`
}

// RedeemRequest is a hold and its capture in one step.
type RedeemRequest struct {
	Member string `json:"member"`
	Points int64  `json:"points"`
	Sale   *Sale  `json:"sale,omitempty"`
}

// ReturnRequest takes a sale back, wholly or partly. Sale names the return slip, Original the sale.
type ReturnRequest struct {
	Sale
	Original Sale         `json:"original"`
	Amount   int64        `json:"amount,omitempty"`
	Lines    []ReturnLine `json:"lines,omitempty"`
}

// ReturnLine takes Quantity of line Line, counted from 1, back.
type ReturnLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity"`
}

// TransferRequest moves points from one member to another.
type TransferRequest struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Points int64  `json:"points"`
}
