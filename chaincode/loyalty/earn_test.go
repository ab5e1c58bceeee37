package loyalty_test

import "testing"

func TestEarn(t *testing.T) { runTables(t, "earn") }

var earnTables = []table{
	{"a sale earns what the terms say, rounded down", `
		K earn anna s1 12345              -> applied points 123 balance 123
		D earn anna s1 99                 -> applied points 0 balance 123     # each chain has its own receipts
		D earn anna s2 100                -> applied points 1 balance 124
		anna has                          -> D1@2027-11=1 K1@2027-11=123
		anna counts K                     -> earned 123 clawed 0 redeemed 0 restored 0 sent 0 received 0 expired 0`},
	{"what is paid with points earns nothing", `
		K earn anna s1 12345 by=2345      -> applied points 100 balance 100
		K earn anna s2 500 by=500         -> applied points 0 balance 100
		K earn anna s3 500 by=501         -> refused amount_too_large unrecorded
		K earn anna s4 500 by=-1          -> refused amount_must_be_positive unrecorded`},
	{"what the ledger saw spent on the receipt was paid with points, whatever the till says", `
		K earn anna s0 100000             -> applied points 1000 balance 1000
		K redeem anna 500 receipt=s1      -> applied points 500 balance 500
		K earn anna s1 1000               -> applied points 5 balance 505
		K redeem anna 100 receipt=s2      -> applied points 100 balance 405
		K earn anna s2 1000 by=300        -> applied points 7 balance 412      # more than the ledger knows of
		K redeem anna 100 receipt=s3      -> applied points 100 balance 312
		K earn anna s3 100                -> applied points 0 balance 312
		K redeem anna 101 receipt=s4      -> applied points 101 balance 211
		K earn anna s4 100 op=a           -> refused paid_more_than_total
		K earn anna s4 100 by=100 op=b    -> refused paid_more_than_total
		K earn anna s4 300 op=a           -> refused operation_reused unrecorded
		K earn anna s4 300                -> applied points 1 balance 212
		K redeem anna 50 receipt=s4       -> applied points 50 balance 162     # after the earn: its points stay
		D earn anna s1 1000               -> applied points 10 balance 172     # another chain's receipt
		K hold anna 50 op=h receipt=s5    -> applied points 50 balance 122 held 50
		K earn anna s5 1000               -> applied points 10 balance 132 held 50   # held is not spent
		programme redeemPoints=3 redeemMinor=2
		K redeem anna 100 receipt=s6      -> applied points 100 balance 32 held 50
		K earn anna s6 166                -> applied points 1 balance 33 held 50     # worth 66`},
	{"the terms of the business day count, not those of today", `
		K:manager publish 2 rate=1/50 valid=1 from=2026-11-23   -> version 2
		K earn anna s1 100                -> applied points 1 balance 1
		now 2026-11-23T08:00
		K earn anna s2 100                -> applied points 2 balance 3
		K earn anna s3 100 at=2026-11-22T20:00  -> applied points 1 balance 4   # the till was offline
		anna has                          -> K1@2027-11=2 K2@2026-12=2`},
	{"lots of one issuer, terms and month are one lot", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-11-30T10:00
		K earn anna s2 1000               -> applied points 10 balance 20
		now 2026-12-01T10:00
		K earn anna s3 1000               -> applied points 10 balance 30
		anna has                          -> K1@2027-11=20 K1@2027-12=10`},
	{"a repeat is answered with the first answer, whatever the rules say by then", `
		K earn anna s1 1000 op=a          -> applied points 10 balance 10
		K redeem anna 10                  -> applied points 10 balance 0
		K earn anna s1 1000 op=a          -> applied points 10 balance 10 replayed
		K earn anna s1 1100 op=a          -> refused operation_reused unrecorded
		K redeem anna 10 op=a             -> refused operation_reused unrecorded
		now 2029-01-01
		K earn anna s1 1000 op=a at=2026-11-22T10:00 -> applied points 10 balance 10 replayed`},
	{"the same receipt under another key is still the same sale", `
		K earn anna s1 1000 op=a          -> applied points 10 balance 10
		K earn anna s1 1000 op=b          -> applied points 10 balance 10 replayed
		K earn anna s1 1000 op=b          -> applied points 10 balance 10 replayed
		K cancel b                        -> applied points 10 balance 10 replayed  # what was answered stays answered
		K earn anna s1 1100 op=c          -> refused receipt_already_used
		K earn ben s1 1000 op=d           -> refused receipt_already_used
		K earn ben s1 1000 op=d           -> refused receipt_already_used replayed
		anna has                          -> K1@2027-11=10`},
	{"a refusal stays a refusal under its key", `
		K earn carl s1 1000 op=a          -> refused member_unknown
		K enrol carl                      -> applied
		K earn carl s1 1000 op=a          -> refused member_unknown replayed
		K earn carl s1 1000 op=b          -> applied points 10 balance 10`},
	{"a sale may arrive late or from a fast clock, within bounds", `
		K earn anna s1 1000 at=2026-11-22T10:05 -> applied points 10 balance 10
		K earn anna s2 1000 at=2026-11-22T10:05:01 -> refused business_time_in_future
		K earn anna s3 1000 at=2026-11-19T10:00 -> applied points 10 balance 20
		K earn anna s4 1000 at=2026-11-19T09:59 -> refused business_time_too_old
		K earn anna s5 1000 at=2026-10-23T10:00 -> refused business_time_too_old
		K earn anna s6 1000 at=1960-01-01 -> refused basket_malformed unrecorded
		K earn anna s7 1000 at=9500-01-01 -> refused basket_malformed unrecorded`},
	{"a chain without terms on that day gives no points", `
		K:manager publish 1 from=2026-11-22 -> refused version_must_be_next
		D earn anna s1 1000               -> applied points 10 balance 10
		now 2019-12-31T23:00
		D enrol carl                      -> applied
		D earn carl s2 1000               -> refused terms_unknown`},
	{"one programme, one currency", `
		K earn anna s1 1000 cur=GBP       -> refused currency_mismatch
		K earn anna s2 1000 cur=eur       -> refused basket_malformed unrecorded
		K earn anna s3 1000 cur=EURO      -> refused basket_malformed unrecorded`},
	{"no amount mints, wraps or is guessed at", `
		K earn anna s1 0                  -> refused amount_must_be_positive unrecorded
		K earn anna s1 -1000              -> refused amount_must_be_positive unrecorded
		K earn anna s1 -9223372036854775808 -> refused amount_must_be_positive unrecorded
		K earn anna s1 9223372036854775807 -> refused amount_too_large unrecorded
		K earn anna s1 9000000000000001   -> refused amount_too_large unrecorded
		K earn anna s1 9000000000000000   -> applied points 90000000000000 balance 90000000000000`},
	{"a basket must be whole", `
		K earn anna s1 1000 details=none  -> refused basket_missing unrecorded
		K earn anna s1 1000 salt=short    -> refused basket_malformed unrecorded
		K earn anna s1 1000 store=        -> refused basket_malformed unrecorded
		K earn anna s1 1000 lines=2x500   -> refused lines_must_sum_to_total unrecorded
		K earn anna s1 1000 lines=2x1500,1x-500 -> refused amount_must_be_positive unrecorded
		K earn anna s1 1000 lines=0x1000  -> refused basket_malformed unrecorded
		K earn anna s1 1000 lines=1x9000000000000001 -> refused amount_too_large unrecorded
		K earn anna s1 1000 lines=2x400,3x600 -> applied points 10 balance 10`},
	{"points repay what the member owes the same chain", `
		K earn anna s1 1000               -> applied points 10 balance 10
		D redeem anna 10                  -> applied points 10 balance 0
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10
		anna has                          -> owes K=10
		D earn anna s2 700                -> applied points 7 balance -3
		anna has                          -> D1@2027-11=7 owes K=10
		K earn anna s3 1300               -> applied points 13 balance 10
		anna has                          -> D1@2027-11=7 K1@2027-11=3`},
}
