package loyalty_test

import "testing"

func TestTransfer(t *testing.T) { runTables(t, "transfer") }

var transferTables = []table{
	{"transferred points keep issuer and expiry", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-12-05
		D earn ben s1 1000                -> applied points 10 balance 10
		L transfer anna ben 4             -> applied points 4 balance 6
		anna has                          -> K1@2027-11=6
		ben has                           -> D1@2027-12=10 K1@2027-11=4
		ben counts K                      -> earned 0 clawed 0 redeemed 0 restored 0 sent 0 received 4 expired 0
		L transfer ben anna 4             -> applied points 4 balance 10       # back: not a day younger
		anna has                          -> K1@2027-11=10
		anna counts K                     -> earned 10 clawed 0 redeemed 0 restored 0 sent 4 received 4 expired 0`},
	{"a repeat transfers once", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K transfer anna ben 4 op=t        -> applied points 4 balance 6
		K transfer anna ben 4 op=t        -> applied points 4 balance 6 replayed
		ben has                           -> K1@2027-11=4`},
	{"refusals in order", `
		K transfer anna anna -1           -> refused points_must_be_positive unrecorded
		K transfer anna anna 9000000000000001 -> refused points_too_large unrecorded
		C transfer anna anna 1            -> refused not_authorised unrecorded
		K transfer anna anna 2000         -> refused transfer_to_self
		programme transfers=no
		K transfer anna carl 2000         -> refused transfers_not_allowed
		programme transfers=yes
		K transfer anna carl 1001         -> refused transfer_too_large
		K transfer anna carl 1000         -> refused member_unknown
		K transfer anna carl 1            -> refused member_unknown
		K transfer carl anna 1            -> refused member_unknown
		K transfer anna ben 1             -> refused insufficient_points
		programme transferMax=0
		K transfer anna ben 2000          -> refused insufficient_points`},
	{"points received repay what is owed to their issuer", `
		K earn ben s1 1000                -> applied points 10 balance 10
		D redeem ben 10                   -> applied points 10 balance 0
		K return ben s1 amount=1000       -> applied points 10 restored 0 balance -10
		K earn anna s2 3000               -> applied points 30 balance 30
		K transfer anna ben 15            -> applied points 15 balance 15
		ben has                           -> K1@2027-11=5`},
	{"a sale's points are clawed back even if they were given away", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K transfer anna ben 10            -> applied points 10 balance 0
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10
		ben has                           -> K1@2027-11=10`},
}
