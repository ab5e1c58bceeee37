package loyalty

// Basket is a sale as the till rang it up. It never enters public state: the endorsers see it,
// and its opening (with the salt) stays in the selling chain's private collection.
type Basket struct {
	Salt     string  `json:"salt"`               // 16 random bytes as 32 hex digits
	Currency string  `json:"currency"`           // ISO 4217, three capitals
	Total    int64   `json:"total"`              // minor units, gross, ≥ 0
	ByPoints int64   `json:"byPoints,omitempty"` // minor units of Total paid with points; earns nothing
	Lines    []Line  `json:"lines,omitempty"`    // if present they sum to Total
	Store    string  `json:"store"`
	Terminal string  `json:"terminal"`
	Receipt  string  `json:"receipt"`
	At       Instant `json:"at"` // business time: when the sale happened
}

// Line is one line of a basket: Amount is for the whole Quantity, net of its discounts.
type Line struct {
	SKU      string `json:"sku"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"` // pieces, or grams where sold by weight: ≥ 1
	Amount   int64  `json:"amount"`   // minor units, ≥ 0
}

// Opening is the private record of a sale: the basket and what has been taken back of it. Its
// bytes are the value in the selling chain's collection; Fabric puts their hash on the ledger,
// and a return must bring exactly those bytes.
type Opening struct {
	Version  int      `json:"v"` // 1
	Basket   Basket   `json:"basket"`
	Returned Returned `json:"returned"`
}

// Returned is what has been taken back of a sale so far, all returns together.
type Returned struct {
	Amount int64   `json:"amount,omitempty"` // minor units taken back by amount
	Lines  []int64 `json:"lines,omitempty"`  // quantity taken back of each line, by index
}

// Taken is what one return takes back: an amount, or quantities of lines, or both.
type Taken struct {
	Opening []byte      `json:"opening"` // the current opening of the sale, byte for byte
	Amount  int64       `json:"amount,omitempty"`
	Lines   []TakenLine `json:"lines,omitempty"`
	At      Instant     `json:"at"` // business time of the return
}

// TakenLine takes Quantity of line Line (counted from 1) back.
type TakenLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity"`
}

// The limits of a basket.
const (
	MaxLines    = 1000
	MaxTextSize = 64 // bytes of a SKU, category, store, terminal or receipt number
	MaxQuantity = 1_000_000_000
)
