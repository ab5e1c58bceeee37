package loyalty_test

import "testing"

func TestQuote(t *testing.T) { runTables(t, "quote") }

var quoteTables = []table{
	{"a quote is the earn that is not yet made", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K quote anna 12345                -> points 123 next 55 until 2027-11 pays 100 with 100 of 100
		K quote nobody 12345              -> points 123 next 55 until 2027-11 pays 0 with 0 of 0
		K quote anna 60 by=20             -> points 0 next 60 until 2027-11 pays 40 with 40 of 100
		K quote anna 12345 at=2026-11-22T09:00 -> points 123 next 55 until 2027-11 pays 100 with 100 of 100
		K earn anna s2 12345              -> applied points 123 balance 223`},
	{"a tender never overpays and wastes no point", `
		K earn anna s1 1000               -> applied points 10 balance 10
		programme redeemPoints=3 redeemMinor=2
		K quote anna 1000                 -> points 10 next 100 until 2027-11 pays 6 with 9 of 10
		K quote anna 1                    -> points 0 next 99 until 2027-11 pays 1 with 2 of 10
		programme redeemPoints=1 redeemMinor=1000
		K quote anna 500                  -> points 5 next 100 until 2027-11 pays 0 with 0 of 10
		K quote anna 2500                 -> points 25 next 100 until 2027-11 pays 2000 with 2 of 10
		programme redeemPoints=1000000000 redeemMinor=1
		K quote anna 9000000000000000     -> points 90000000000000 next 0 until 2027-11 pays 0 with 0 of 10
		programme redeemPoints=1 redeemMinor=1000000000
		K quote anna 9000000000000000     -> points 90000000000000 next 0 until 2027-11 pays 10000000000 with 10 of 10`},
	{"points on hold or owed cannot be promised", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K hold anna 4 seconds=60          -> applied points 4 balance 6 held 4
		K quote anna 1000                 -> points 10 next 100 until 2027-11 pays 6 with 6 of 6
		now 2026-11-22T10:01
		K quote anna 1000                 -> points 10 next 100 until 2027-11 pays 10 with 10 of 10
		K redeem anna 10                  -> applied points 10 balance 0
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10
		K quote anna 1000                 -> points 10 next 100 until 2027-11 pays 0 with 0 of 0`},
	{"a quote refuses what an earn refuses", `
		K quote anna -1                   -> refused amount_must_be_positive
		K quote anna 0                    -> refused amount_must_be_positive
		K quote anna 9000000000000001     -> refused amount_too_large
		K quote anna 100 lines=1x99       -> refused lines_must_sum_to_total
		K quote anna 100 cur=USD          -> refused currency_mismatch
		K quote carl 100                  -> refused member_unknown
		K quote anna 100 at=2026-11-23    -> refused business_time_in_future
		K quote anna 100 at=2026-10-23    -> refused business_time_too_old
		C quote nobody 100                -> refused terms_unknown
		K:manager publish 2 rate=1000000000/1 from=2026-11-23 -> version 2
		now 2026-11-23
		K quote nobody 9000000000000000   -> refused points_too_large
		programme none=1
		K quote anna 100                  -> refused programme_unknown`},
}
