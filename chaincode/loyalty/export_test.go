package loyalty

// What the tests look at from inside: the arithmetic, and names that must stay in step.
var (
	MulDiv  = mulDiv
	CeilDiv = ceilDiv
)

// Transactions are the names in the table of rights.
func Transactions() map[string]bool {
	names := map[string]bool{}
	for name := range rights {
		names[name] = true
	}
	return names
}
