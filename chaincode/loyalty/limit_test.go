package loyalty_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) { runTables(t, "limits") }

var limitTables = []table{
	{"a balance ends at MaxPoints and never wraps", `
		K:manager publish 2 rate=1/1 from=2026-11-23 -> version 2
		K:manager publish 3 rate=1000000000/1 from=2026-11-24 -> version 3
		now 2026-11-23
		K earn anna s1 9000000000000000   -> applied points 9000000000000000 balance 9000000000000000
		K earn anna s2 1                  -> refused balance_limit
		D earn anna s1 100                -> refused balance_limit
		D earn ben s2 100                 -> applied points 1 balance 1
		programme transferMax=0
		K transfer anna ben max           -> refused balance_limit
		K hold anna 5 op=h                -> applied points 5 balance 8999999999999995 held 5
		D earn anna s3 100                -> refused balance_limit             # what is held comes back
		K void h                          -> applied points 5 balance 9000000000000000
		K transfer anna ben 8999999999999999 -> applied points 8999999999999999 balance 1
		K transfer ben anna 1             -> applied points 1 balance 8999999999999999
		K transfer anna ben 1             -> applied points 1 balance 1
		now 2026-11-24
		K earn ben s3 9000000000000000    -> refused points_too_large
		K earn ben s4 1                   -> refused balance_limit`},
	{"an account that was emptied can be filled again, five hundred times", `
		K:manager publish 2 rate=1/1 from=2026-11-23 -> version 2
		now 2026-11-23` + times(512, `
		K earn anna s%d 9000000000000000  -> applied points 9000000000000000 balance 9000000000000000
		D earn anna s%d 100               -> refused balance_limit
		L redeem anna max op=r%d          -> applied points 9000000000000000 balance 0`, func(i int) []any { return []any{i, i, i} }) + `
		K earn anna more 9000000000000000 -> refused balance_limit
		D earn anna more 900              -> applied points 9 balance 9`},
	{"what is owed is bounded too", `
		K:manager publish 2 rate=1/1 from=2026-11-23 -> version 2
		now 2026-11-23
		K earn anna s1 9000000000000000   -> applied points 9000000000000000 balance 9000000000000000
		K redeem anna max op=a            -> applied points 9000000000000000 balance 0
		K earn anna s2 9000000000000000   -> applied points 9000000000000000 balance 9000000000000000
		K redeem anna max op=b            -> applied points 9000000000000000 balance 0
		K return anna s1 amount=9000000000000000 -> applied points 9000000000000000 restored 0 balance -9000000000000000
		K return anna s2 amount=1         -> refused balance_limit
		K earn anna s3 10                 -> applied points 10 balance -8999999999999990
		K return anna s2 amount=1         -> applied points 1 restored 0 balance -8999999999999991`},
	{"a receipt counts at most MaxPoints spent on it", `
		K:manager publish 2 rate=1/1 from=2026-11-23 -> version 2
		now 2026-11-23
		K earn anna s1 9000000000000000   -> applied points 9000000000000000 balance 9000000000000000
		K redeem anna max receipt=s1      -> applied points 9000000000000000 balance 0
		K earn anna s2 10                 -> applied points 10 balance 10
		K redeem anna 1 receipt=s1        -> refused redemption_too_large
		K hold anna 1 receipt=s1          -> refused redemption_too_large
		K hold anna 1 op=h                -> applied points 1 balance 9 held 1
		K capture h receipt=s1            -> refused redemption_too_large
		K capture h receipt=s2            -> applied points 1 balance 9`},
	{"a programme bounds what one sale earns and one redemption takes", `
		programme earnMax=100 redeemMax=40
		K earn anna s1 10100              -> refused earn_too_large
		K earn anna s1 10099              -> applied points 100 balance 100
		K redeem anna 41                  -> refused redemption_too_large
		K redeem anna 41 receipt=s2       -> refused redemption_too_large
		K hold anna 41                    -> refused redemption_too_large
		K redeem anna 40                  -> applied points 40 balance 60
		K hold anna 40 op=h               -> applied points 40 balance 20 held 40
		programme redeemMax=10
		K capture h                       -> applied points 40 balance 20          # it was allowed when it was placed
		K transfer anna ben 20            -> applied points 20 balance 0           # has a bound of its own
		K quote ben 10100                 -> refused earn_too_large
		K quote ben 5000                  -> points 50 next 100 until 2027-11 pays 10 with 10 of 20`},
	{"sixty-four holds are enough", `
		K earn anna s1 100000             -> applied points 1000 balance 1000` + times(64, `
		K hold anna 1 op=h%d              -> applied points 1 balance %d held %d`, func(i int) []any { return []any{i, 999 - i, i + 1} }) + `
		K hold anna 1 op=more             -> refused too_many_holds
		K void h7                         -> applied points 1 balance 937 held 63
		K hold anna 1                     -> applied points 1 balance 936 held 64
		now 2026-11-22T10:15
		K hold anna 1                     -> applied points 1 balance 999 held 1`},
	{"an account has at most 512 lots, those on hold included", manyLots() + `
		K earn anna last 100             -> refused too_many_lots
		K hold anna 1 seconds=3600        -> applied points 1 balance 511 held 1
		D earn anna last 100             -> refused too_many_lots
		K redeem anna 1                   -> applied points 1 balance 510 held 1
		D earn anna last 100             -> applied points 1 balance 511 held 1`},
	{"a receipt remembers at most 512 draws", `
		K earn anna s1 100000             -> applied points 1000 balance 1000` + times(512, `
		K redeem anna 1 receipt=s2 op=r%d -> applied points 1 balance %d`, func(i int) []any { return []any{i, 999 - i} }) + `
		K redeem anna 1 receipt=s2        -> refused too_many_lots
		K hold anna 1 receipt=s2 op=h     -> applied points 1 balance 487 held 1
		K capture h                       -> refused too_many_lots
		K earn anna s2 100000             -> applied points 994 balance 1481 held 1
		K return anna s2 amount=100000    -> applied points 994 restored 512 balance 999 held 1`},
}

// times writes a line n times.
func times(n int, line string, args func(int) []any) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, args(i)...)
	}
	return b.String()
}

// manyLots earns one point a month for 256 months at two chains, valid for a hundred years.
func manyLots() string {
	var b strings.Builder
	b.WriteString("\nK:manager publish 2 valid=1200 from=2026-11-23 -> version 2\nD:manager publish 2 valid=1200 from=2026-11-23 -> version 2")
	n := 0
	for month := range 256 {
		fmt.Fprintf(&b, "\nnow %04d-%02d-01", 2027+month/12, month%12+1)
		for _, chain := range []string{"K", "D"} {
			n++
			fmt.Fprintf(&b, "\n%s earn anna m%d 100 -> applied points 1 balance %d", chain, month, n)
		}
	}
	b.WriteString("\nnow 2048-05-01")
	return b.String()
}
