package loyalty_test

import "testing"

func TestTime(t *testing.T) { runTables(t, "time") }

var timeTables = []table{
	{"points live through the last day of their month", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30T23:59:59.999
		anna has                          -> K1@2027-11=10
		K redeem anna 4                   -> applied points 4 balance 6
		now 2027-12-01T00:00:00.000
		anna has                          -> nothing
		K redeem anna 1                   -> refused insufficient_points
		D earn anna s2 100                -> applied points 1 balance 1
		anna counts K                     -> earned 10 clawed 0 redeemed 4 restored 0 sent 0 received 0 expired 6`},
	{"the end of January plus one month is the end of February, leap year or not", `
		K:manager publish 2 valid=1 from=2026-11-23 -> version 2
		now 2027-01-31T23:00
		K earn anna s1 1000               -> applied points 10 balance 10
		anna has                          -> K2@2027-02=10
		now 2027-03-01
		anna has                          -> nothing
		now 2028-01-31T23:00
		K earn anna s2 1000               -> applied points 10 balance 10
		now 2028-02-29T23:59:59.999
		anna has                          -> K2@2028-02=10
		now 2028-03-01
		anna has                          -> nothing`},
	{"points of a sale that arrives after their month are gone when they come", `
		K:manager publish 2 valid=0 from=2026-11-23 -> version 2
		now 2026-12-01T00:01
		K earn anna s1 1000 at=2026-11-30T23:59 -> applied points 10 balance 0
		anna counts K                     -> earned 10 clawed 0 redeemed 0 restored 0 sent 0 received 0 expired 10
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10`},
	{"an account's clock never goes back, and waits for five minutes only", `
		now 2026-11-22T10:10
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-11-22T10:05
		K redeem anna 1 op=r              -> applied points 1 balance 9
		now 2026-11-22T10:04:59.999
		K redeem anna 1 op=s              -> refused clock_behind unrecorded
		K earn anna s2 100                -> refused clock_behind unrecorded
		K transfer ben anna 1             -> refused clock_behind unrecorded
		now 2026-11-22T10:11
		K redeem anna 1 op=s              -> applied points 1 balance 8`},
	{"a hold placed by a slow clock lives by the account's clock", `
		now 2026-11-22T10:10
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-11-22T10:06
		K hold anna 5 op=h seconds=60     -> applied points 5 balance 5 held 5
		now 2026-11-22T10:10:59
		hold h                            -> pending
		now 2026-11-22T10:11
		hold h                            -> expired`},
	{"holding points over the end of a month makes none of them younger", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30T23:50
		K hold anna 4 op=void             -> applied points 4 balance 6 held 4
		K hold anna 3 op=part             -> applied points 3 balance 3 held 7
		K hold anna 2 op=late seconds=120 -> applied points 2 balance 1 held 9
		now 2027-12-01T00:01
		K capture part 1                  -> applied points 1 balance 0 held 4  # honoured: it was reserved in time
		K void void                       -> applied points 4 balance 0
		anna has                          -> nothing
		hold late                         -> expired
		anna counts K                     -> earned 10 clawed 0 redeemed 1 restored 0 sent 0 received 0 expired 9`},
	{"a hold that lapsed in time repays, however late somebody looks", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30T23:30
		K hold anna 10 op=h seconds=600   -> applied points 10 balance 0 held 10
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10 held 10
		now 2027-12-05
		anna has                          -> nothing
		D earn anna s2 100                -> applied points 1 balance 1
		anna counts K                     -> earned 10 clawed 10 redeemed 0 restored 0 sent 0 received 0 expired 0`},
	{"a hold that lapsed after its points' month repays nothing", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-11-30T23:55
		K hold anna 10 op=h seconds=600   -> applied points 10 balance 0 held 10
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10 held 10
		now 2027-12-05
		anna has                          -> owes K=10
		D earn anna s2 100                -> applied points 1 balance -9
		anna counts K                     -> earned 10 clawed 10 redeemed 0 restored 0 sent 0 received 0 expired 10`},
	{"a refused command lets nothing go", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2027-12-01
		K redeem anna 1                   -> refused insufficient_points
		anna counts K                     -> earned 10 clawed 0 redeemed 0 restored 0 sent 0 received 0 expired 0
		anna has                          -> nothing`},
}
