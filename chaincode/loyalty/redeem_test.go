package loyalty_test

import "testing"

func TestRedeem(t *testing.T) { runTables(t, "redeem") }

var redeemTables = []table{
	{"points are spent at any chain", `
		K earn anna s1 10000              -> applied points 100 balance 100
		D redeem anna 40                  -> applied points 40 balance 60
		D redeem anna 61                  -> refused insufficient_points
		D redeem anna 60                  -> applied points 60 balance 0
		anna counts K                     -> earned 100 clawed 0 redeemed 100 restored 0 sent 0 received 0 expired 0`},
	{"redeeming less than nothing mints nothing", `
		K redeem anna -100                -> refused points_must_be_positive unrecorded
		K redeem anna 0                   -> refused points_must_be_positive unrecorded
		K redeem anna -9223372036854775808 -> refused points_must_be_positive unrecorded
		K redeem anna 9223372036854775807 -> refused points_too_large unrecorded
		K redeem anna max                 -> refused insufficient_points
		K redeem carl 1                   -> refused member_unknown
		anna has                          -> nothing`},
	{"a repeat spends once", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K redeem anna 40 op=r             -> applied points 40 balance 60
		K redeem anna 40 op=r             -> applied points 40 balance 60 replayed
		D redeem anna 40 op=r             -> applied points 40 balance 20      # each organisation has its own keys
		K earn anna s3 4000               -> applied points 40 balance 60
		K hold anna 40 op=q print=p       -> applied points 40 balance 20 held 40
		K void q op=v print=p             -> applied points 40 balance 60
		K redeem anna 40 op=q print=p     -> refused operation_reused unrecorded  # the same digest, another kind
		K redeem anna 40                  -> applied points 40 balance 20
		K redeem anna 41 op=r             -> refused operation_reused unrecorded
		K redeem anna 99 op=x             -> refused insufficient_points
		K earn anna s2 10000              -> applied points 100 balance 120
		K redeem anna 99 op=x             -> refused insufficient_points replayed`},
	{"earliest expiry goes first, then earliest earned, then issuer", `
		L earn anna s1 1000               -> applied points 10 balance 10
		D earn anna s1 1000 at=2026-11-21T10:00 -> applied points 10 balance 20
		K earn anna s1 1000               -> applied points 10 balance 30
		now 2026-12-01
		D earn anna s2 1000               -> applied points 10 balance 40
		L redeem anna 15                  -> applied points 15 balance 25
		anna has                          -> D1@2027-12=10 K1@2027-11=5 L1@2027-11=10
		L redeem anna 10                  -> applied points 10 balance 15
		anna has                          -> D1@2027-12=10 L1@2027-11=5`},
	{"own points first, if so agreed", `
		programme burn=own_first
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-12-01
		D earn anna s1 1000               -> applied points 10 balance 20
		D redeem anna 15                  -> applied points 15 balance 5
		anna has                          -> K1@2027-11=5`},
	{"oldest points first, if so agreed", `
		programme burn=oldest
		D:manager publish 2 valid=1 from=2026-11-23 -> version 2
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-11-23T10:00
		D earn anna s1 1000               -> applied points 10 balance 20
		L redeem anna 15                  -> applied points 15 balance 5
		anna has                          -> D2@2026-12=5`},
	{"what is owed to one chain cannot be spent at another", `
		K earn anna s1 1000               -> applied points 10 balance 10
		L redeem anna 10                  -> applied points 10 balance 0
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10
		D earn anna s1 1500               -> applied points 15 balance 5
		L redeem anna 6                   -> refused insufficient_points
		L hold anna 6                     -> refused insufficient_points
		L transfer anna ben 6             -> refused insufficient_points
		L redeem anna 5                   -> applied points 5 balance 0`},
	{"a receipt remembers whose it is and what it is", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K earn ben s2 1000                -> applied points 10 balance 10
		K redeem anna 1 receipt=s2        -> refused receipt_of_another_member
		K redeem anna 1 receipt=s3        -> applied points 1 balance 9        # before it is rung up
		K earn ben s3 1000                -> refused receipt_of_another_member
		K earn anna s3 1000               -> applied points 9 balance 18
		K return anna s1 amount=100 slip=s4 -> applied points 1 restored 0 balance 17
		K redeem anna 1 receipt=s4        -> refused receipt_already_used
		K hold anna 1 receipt=s4          -> refused receipt_already_used
		K earn anna s4 1000               -> refused receipt_already_used
		D redeem anna 1 receipt=s2        -> applied points 1 balance 16`},
	{"nothing but the caller's right is asked first", `
		C redeem carl 1                   -> refused not_authorised unrecorded
		A:auditor redeem anna 1           -> refused not_authorised unrecorded
		X:manager redeem anna 1           -> refused not_authorised unrecorded`},
}
