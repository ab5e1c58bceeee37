package loyalty

// The arithmetic, which the tests compare with big integers.
var (
	MulDiv  = mulDiv
	CeilDiv = ceilDiv
)
