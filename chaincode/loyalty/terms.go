package loyalty

// Terms is one version of what a chain promises for a purchase. Versions are never edited: a lot
// keeps the version it was earned under.
type Terms struct {
	Version int `json:"version"` // 1, 2, 3, … per issuer
	From    Day `json:"from"`    // first business day on which it applies, UTC
	// EarnPoints points for every EarnMinor minor units: floor(amount·EarnPoints/EarnMinor).
	EarnPoints int64 `json:"earnPoints"`
	EarnMinor  int64 `json:"earnMinor"`
	// ValidMonths is how many months after the month of the sale the points can still be spent.
	ValidMonths int `json:"validMonths"`
	// Prose is the same in words, for people.
	Prose string `json:"prose"`
}

// TermsBook is every version of one issuer's terms, oldest first.
type TermsBook struct {
	Issuer   MSPID   `json:"issuer"`
	Versions []Terms `json:"versions"`
}
