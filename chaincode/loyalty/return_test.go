package loyalty_test

import "testing"

func TestReturn(t *testing.T) { runTables(t, "return") }

var returnTables = []table{
	{"a whole return takes everything back", `
		K earn anna s1 12345              -> applied points 123 balance 123
		K return anna s1 amount=12345     -> applied points 123 restored 0 balance 0
		K return anna s1 amount=1         -> refused nothing_to_return
		anna has                          -> nothing
		anna counts K                     -> earned 123 clawed 123 redeemed 0 restored 0 sent 0 received 0 expired 0`},
	{"a split return ends where a whole one ends", `
		K earn anna s1 9000               -> applied points 90 balance 90
		K return anna s1 amount=50        -> applied points 0 restored 0 balance 90    # half a point
		K return anna s1 amount=50        -> applied points 1 restored 0 balance 89    # and the other half
		K return anna s1 amount=8900      -> applied points 89 restored 0 balance 0`},
	{"lines come back by quantity", `
		K earn anna s1 1000 lines=3x700,1x300   -> applied points 10 balance 10
		K return anna s1 lines=1x1        -> applied points 2 restored 0 balance 8     # 233 of 1000
		K return anna s1 lines=1x2        -> applied points 5 restored 0 balance 3     # 700 of 1000
		K return anna s1 lines=1x1        -> refused return_exceeds_sale
		K return anna s1 lines=3x1        -> refused line_unknown
		K return anna s1 lines=0x1        -> refused line_unknown
		K return anna s1 lines=2x0        -> refused amount_must_be_positive unrecorded
		K return anna s1 lines=2x1000000001 -> refused amount_too_large unrecorded
		K return anna s1 lines=2x1 amount=1 -> refused return_exceeds_sale
		K return anna s1 lines=2x1        -> applied points 3 restored 0 balance 0
		K return anna s1 lines=1x1        -> refused nothing_to_return`},
	{"lines and amounts may be mixed, but never exceed the sale", `
		K earn anna s1 1000 lines=1x600,1x400   -> applied points 10 balance 10
		K return anna s1 amount=500       -> applied points 5 restored 0 balance 5
		K return anna s1 lines=1x1        -> refused return_exceeds_sale
		K return anna s1 lines=2x1 amount=100 -> applied points 5 restored 0 balance 0`},
	{"the same line twice in one return counts twice", `
		K earn anna s1 1000 lines=3x900,1x100   -> applied points 10 balance 10
		K return anna s1 lines=1x2,1x2    -> refused return_exceeds_sale
		K return anna s1 lines=1x2,1x1    -> applied points 9 restored 0 balance 1`},
	{"points spent on the sale go back to the lots they came from", `
		D earn anna s1 5000               -> applied points 50 balance 50
		now 2026-12-01
		K earn anna s1 5000               -> applied points 50 balance 100
		K redeem anna 80 receipt=s2       -> applied points 80 balance 20
		K earn anna s2 10000 by=80        -> applied points 99 balance 119
		anna has                          -> K1@2027-12=119
		K return anna s2 amount=5000      -> applied points 49 restored 40 balance 110   # last drawn first: 30 K, 10 D
		anna has                          -> D1@2027-11=10 K1@2027-12=100
		K return anna s2 amount=5000      -> applied points 50 restored 40 balance 100
		anna has                          -> D1@2027-11=50 K1@2027-12=50`},
	{"when a return has begun, no more points can be spent on the sale", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 30 op=h receipt=s1    -> applied points 30 balance 70 held 30
		K redeem anna 10 receipt=s1       -> applied points 10 balance 60 held 30
		K return anna s1 amount=10001     -> refused return_exceeds_sale
		K redeem anna 10 receipt=s1       -> applied points 10 balance 50 held 30     # a refused return begins nothing
		K return anna s1 amount=1         -> applied points 0 restored 0 balance 50 held 30
		K redeem anna 10 receipt=s1       -> refused sale_already_returned
		K redeem anna 51 receipt=s1       -> refused sale_already_returned
		K hold anna 10 receipt=s1         -> refused sale_already_returned
		K capture h                       -> refused sale_already_returned
		hold h                            -> pending
		K capture h 10 receipt=s2         -> applied points 10 balance 70           # on another sale it can
		D redeem anna 10 receipt=s1       -> applied points 10 balance 60           # another chain's receipt
		K return anna s1 amount=9999      -> applied points 100 restored 20 balance -20`},
	{"a hold can be voided after a return of its sale", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K hold anna 5 op=h receipt=s1     -> applied points 5 balance 5 held 5
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -5 held 5
		K void h                          -> applied points 5 balance 0`},
	{"points restored to a month that has passed get the grace", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30
		K redeem anna 10 receipt=s2       -> applied points 10 balance 0
		K earn anna s2 1000 by=10         -> applied points 9 balance 9
		now 2027-12-01
		K return anna s2 amount=1000      -> applied points 9 restored 10 balance 10
		anna has                          -> K1@2028-02=10
		now 2028-02-29T23:59
		anna has                          -> K1@2028-02=10
		now 2028-03-01
		anna has                          -> nothing`},
	{"points restored in their last month keep it", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30
		K redeem anna 10 receipt=s2       -> applied points 10 balance 0
		K earn anna s2 1000 by=1000       -> applied points 0 balance 0
		K return anna s2 amount=1000      -> applied points 0 restored 10 balance 10
		anna has                          -> K1@2027-11=10`},
	{"when the sale's own lot is gone, the latest to expire goes next", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-12-01
		K earn anna s2 1000               -> applied points 10 balance 20
		now 2027-01-01
		K earn anna s3 1000               -> applied points 10 balance 30
		K redeem anna 10                  -> applied points 10 balance 20        # all of November
		K return anna s1 amount=700       -> applied points 7 restored 0 balance 13
		anna has                          -> K1@2027-12=10 K1@2028-01=3
		K return anna s1 amount=300       -> applied points 3 restored 0 balance 10
		anna has                          -> K1@2027-12=10`},
	{"a return takes the sale's own lot first, then the latest to expire", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-12-01
		K earn anna s2 1000               -> applied points 10 balance 20
		now 2027-01-01
		K earn anna s3 1000               -> applied points 10 balance 30
		D earn anna s1 1000               -> applied points 10 balance 40
		K redeem anna 15                  -> applied points 15 balance 25        # all of November, half of December
		K return anna s2 amount=1000      -> applied points 10 restored 0 balance 15
		anna has                          -> D1@2028-01=10 K1@2028-01=5`},
	{"what is not there is owed to the issuer, or forgiven", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K redeem anna 8                   -> applied points 8 balance 2
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -8
		anna has                          -> owes K=8
		programme returns=within_balance
		K earn ben s2 1000                -> applied points 10 balance 10
		D earn ben s2 1000                -> applied points 10 balance 20
		K redeem ben 18                   -> applied points 18 balance 2
		ben has                           -> K1@2027-11=2
		K return ben s2 amount=1000       -> applied points 2 restored 0 forgiven 8 balance 0
		ben counts K                      -> earned 10 clawed 2 redeemed 8 restored 0 sent 0 received 0 expired 0`},
	{"what was forgiven falls due again when points of the issuer come back", `
		programme returns=within_balance
		K earn anna s1 200                -> applied points 2 balance 2
		K redeem anna 2 receipt=s2        -> applied points 2 balance 0
		K earn anna s2 600 by=300         -> applied points 3 balance 3
		D redeem anna 3                   -> applied points 3 balance 0
		K return anna s2 amount=200       -> applied points 0 restored 0 forgiven 1 balance 0
		K return anna s2 amount=100       -> applied points 1 restored 1 balance 0   # as if 300 had come back at once`},
	{"a repeat of a slip returns once", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K return anna s1 amount=500 slip=t op=a -> applied points 5 restored 0 balance 5
		K return anna s1 amount=500 slip=t op=a -> applied points 5 restored 0 balance 5 replayed
		K return anna s1 amount=500 slip=t op=b -> applied points 5 restored 0 balance 5 replayed
		K return anna s1 amount=400 slip=t op=c -> refused receipt_already_used
		K return anna s1 amount=100 slip=s1 -> refused malformed_command unrecorded
		K earn anna s2 1000               -> applied points 10 balance 15
		K return anna s1 amount=100 slip=s2 -> refused receipt_already_used
		K earn anna s8 1000 print=p       -> applied points 10 balance 25
		K return anna s1 amount=100 slip=s8 print=p -> refused receipt_already_used
		K redeem anna 10                  -> applied points 10 balance 15
		K redeem anna 1 receipt=s3        -> applied points 1 balance 14
		K return anna s1 amount=100 slip=s3 -> refused receipt_already_used`},
	{"only the chain that sold can take back, and only from whom it sold to", `
		K earn anna s1 1000               -> applied points 10 balance 10
		D return anna s1 amount=500       -> refused receipt_unknown
		K return ben s1 amount=500        -> refused receipt_of_another_member
		K return anna s2 amount=500       -> refused receipt_unknown
		K redeem anna 1 receipt=s3        -> applied points 1 balance 9
		K return anna s3 amount=500       -> refused receipt_unknown             # never rung up
		K return anna s1 amount=500 slip=t -> applied points 5 restored 0 balance 4
		K return anna t amount=500        -> refused receipt_unknown             # a slip is no sale`},
	{"a return must know the sale as it is now", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K return anna s1 amount=500       -> applied points 5 restored 0 balance 5
		K return anna s1 amount=200 opening=first op=a -> refused opening_stale unrecorded
		K return anna s1 amount=200 op=a  -> applied points 2 restored 0 balance 3
		K return anna s1 amount=100 details=none -> refused basket_missing unrecorded`},
	{"no return of nothing, of less than nothing, or of more than the sale", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K return anna s1 amount=0         -> refused amount_must_be_positive unrecorded
		K return anna s1 amount=-500      -> refused amount_must_be_positive unrecorded
		K return anna s1 amount=9223372036854775807 -> refused amount_too_large unrecorded
		K return anna s1 amount=9000000000000000 -> refused return_exceeds_sale
		K return anna s1 amount=1001      -> refused return_exceeds_sale
		K return anna s1 amount=500 lines=1x1 -> refused line_unknown
		K return anna s1 amount=500 at=2026-11-22T10:06 -> refused business_time_in_future
		K return anna s1 amount=500 at=2026-11-01 -> refused business_time_too_old
		K return anna s1 amount=500 at=1969-01-01 -> refused basket_malformed unrecorded
		anna has                          -> K1@2027-11=10`},
	{"points that have expired count as earned when the goods come back", `
		K earn anna s1 5000               -> applied points 50 balance 50
		now 2027-12-01
		anna has                          -> nothing
		K earn anna s2 3000               -> applied points 30 balance 30
		K return anna s1 amount=5000      -> applied points 50 restored 0 balance -20
		anna counts K                     -> earned 80 clawed 50 redeemed 0 restored 0 sent 0 received 0 expired 50
		programme returns=within_balance
		D earn anna s1 5000               -> applied points 50 balance 30
		now 2029-01-01
		D return anna s1 amount=5000      -> applied points 0 restored 0 forgiven 50 balance -20`},
}
