package loyalty

import "math/bits"

// Points is a number of points. Every amount of points and money in the programme is an integer:
// a float would let two endorsers disagree.
type Points int64

// MaxPoints bounds every amount of points, and what an account has, holds or owes (9·10¹⁵). It is
// below 2⁵³, so that a browser or a spreadsheet reads the figure exactly, and far enough below 2⁶³
// that adding two legal amounts cannot wrap.
const MaxPoints Points = 9_000_000_000_000_000

// maxCounted bounds a counter, all that ever came in or went out of one issuer's points: 512 times
// MaxPoints, so that an account that was emptied can be filled again, and far enough below 2⁶³ that
// one more legal amount cannot wrap.
const maxCounted Points = 1 << 62

// MaxMinor bounds every amount of money, in minor units of its currency (cents, pence).
const MaxMinor int64 = 9_000_000_000_000_000

// mulDiv is floor(a·b/c) for non-negative a and b and positive c, computed in 128 bits.
// The caller guarantees that the quotient fits: a ≤ c or b ≤ c holds wherever it is used, or
// both factors are bounded by terms that were validated when they were published.
func mulDiv(a, b, c int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	if q > uint64(MaxPoints) {
		return 0, false
	}
	return int64(q), true
}

// ceilDiv is a·b/c rounded up, for non-negative a and b and positive c.
func ceilDiv(a, b, c int64) (int64, bool) {
	q, ok := mulDiv(a, b, c)
	if !ok {
		return 0, false
	}
	if _, remainder := bits.Mul64(uint64(a), uint64(b)); remainder != uint64(q)*uint64(c) {
		q++ // the low halves differ exactly when the division left a remainder below c
	}
	return q, true
}
