package loyalty_test

import "testing"

func TestHoldCaptureVoid(t *testing.T) { runTables(t, "hold") }

var holdTables = []table{
	{"a hold reserves, a capture takes", `
		K earn anna s1 10000              -> applied points 100 balance 100
		D hold anna 40 op=h               -> applied points 40 balance 60 held 40
		hold h                            -> pending
		anna has                          -> K1@2027-11=60 held=40
		K redeem anna 61                  -> refused insufficient_points
		D capture h                       -> applied points 40 balance 60
		hold h                            -> captured 40
		anna counts K                     -> earned 100 clawed 0 redeemed 40 restored 0 sent 0 received 0 expired 0`},
	{"a partial capture gives the rest back", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		K capture h 41                    -> refused exceeds_hold
		K capture h -1                    -> refused points_must_be_positive unrecorded
		K capture h 15                    -> applied points 15 balance 85
		hold h                            -> captured 15
		K capture h 25                    -> refused hold_already_captured
		K void h                          -> refused hold_already_captured`},
	{"what expires first is captured first", `
		K earn anna s1 1000               -> applied points 10 balance 10
		now 2026-12-01
		K earn anna s2 1000               -> applied points 10 balance 20
		K hold anna 15 op=h               -> applied points 15 balance 5 held 15
		K capture h 12                    -> applied points 12 balance 8
		anna has                          -> K1@2027-12=8`},
	{"a void gives all of it back", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		K void h                          -> applied points 40 balance 100
		hold h                            -> voided
		K void h                          -> refused hold_already_voided
		K capture h                       -> refused hold_already_voided
		anna has                          -> K1@2027-11=100`},
	{"a repeat of a capture or void is answered", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40 replayed
		K capture h 10 op=c               -> applied points 10 balance 90
		K capture h 10 op=c               -> applied points 10 balance 90 replayed
		K capture h 11 op=c               -> refused operation_reused unrecorded`},
	{"a hold lapses by itself, to the millisecond", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h seconds=60    -> applied points 40 balance 60 held 40
		now 2026-11-22T10:00:59.999
		hold h                            -> pending
		now 2026-11-22T10:01:00
		hold h                            -> expired
		anna has                          -> K1@2027-11=100
		K capture h                       -> refused hold_expired
		K redeem anna 100                 -> applied points 100 balance 0
		hold h                            -> expired
		K void h                          -> refused hold_expired`},
	{"the last millisecond of a hold still counts", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h seconds=60    -> applied points 40 balance 60 held 40
		now 2026-11-22T10:00:59.999
		K capture h                       -> applied points 40 balance 60`},
	{"the programme sets a hold's life", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 1 seconds=3600        -> applied points 1 balance 99 held 1
		K hold anna 1 seconds=3601        -> refused hold_too_long
		K hold anna 1 seconds=-1          -> refused malformed_command unrecorded
		K hold anna 1 seconds=9223372036854775807 -> refused hold_too_long
		K hold anna 1 op=h                -> applied points 1 balance 98 held 2
		now 2026-11-22T10:15
		hold h                            -> expired`},
	{"only the chain that placed a hold ends it", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		D capture h                       -> refused not_the_holding_chain
		D void h                          -> refused not_the_holding_chain
		L:manager void h                  -> refused not_the_holding_chain
		hold h                            -> pending`},
	{"a hold that never was is unknown", `
		K capture h                       -> refused hold_unknown
		K void h                          -> refused hold_unknown
		hold h                            -> unknown
		K earn anna s1 1000               -> applied points 10 balance 10
		K hold anna 11 op=g               -> refused insufficient_points
		K capture g                       -> refused hold_unknown`},
	{"no hold of nothing, of less than nothing, or for nobody", `
		K hold anna 0                     -> refused points_must_be_positive unrecorded
		K hold anna -40                   -> refused points_must_be_positive unrecorded
		K hold anna 9000000000000001      -> refused points_too_large unrecorded
		K hold anna 1                     -> refused insufficient_points
		K hold carl 1                     -> refused member_unknown`},
	{"another organisation's key cannot be captured by using it oneself", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		D hold anna 40 op=h               -> refused operation_reused
		K void h                          -> applied points 40 balance 100
		L hold anna 40 op=h               -> refused operation_reused`},
	{"a capture tells the receipt what paid for it", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h receipt=s2    -> applied points 40 balance 60 held 40
		K capture h                       -> applied points 40 balance 60
		K earn anna s2 4000 by=4000       -> applied points 0 balance 60
		K return anna s2 amount=1000      -> applied points 0 restored 10 balance 70`},
	{"a capture's receipt takes the place of the hold's", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K hold anna 40 op=h receipt=s2    -> applied points 40 balance 60 held 40
		K capture h receipt=s3            -> applied points 40 balance 60
		K earn anna s2 4000               -> applied points 40 balance 100
		K earn anna s3 4000               -> applied points 39 balance 139
		K return anna s2 amount=4000      -> applied points 40 restored 0 balance 99
		K return anna s3 amount=4000      -> applied points 39 restored 40 balance 100`},
	{"points of one member do not pay for another member's receipt", `
		K earn anna s1 10000              -> applied points 100 balance 100
		K earn ben s2 10000               -> applied points 100 balance 100
		K hold anna 40 receipt=s2         -> refused receipt_of_another_member
		K hold anna 40 op=h               -> applied points 40 balance 60 held 40
		K capture h receipt=s2            -> refused receipt_of_another_member
		hold h                            -> pending`},
	{"points on hold cannot be clawed back, but what is missing is owed", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K hold anna 10 op=h               -> applied points 10 balance 0 held 10
		K return anna s1 amount=1000      -> applied points 10 restored 0 balance -10 held 10
		K void h                          -> applied points 10 balance 0
		anna has                          -> nothing`},
}
