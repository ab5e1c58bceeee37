package loyalty_test

import "testing"

func TestCancel(t *testing.T) { runTables(t, "cancel") }

var cancelTables = []table{
	{"a cancel that comes first stops the original, for good", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K cancel r                        -> cancelled
		K cancel r                        -> cancelled replayed
		K redeem anna 5 op=r              -> cancelled replayed
		K redeem anna 5 op=r              -> cancelled replayed
		K redeem anna 6 op=r              -> cancelled replayed
		anna has                          -> K1@2027-11=10`},
	{"a cancel that comes second hears what happened", `
		K earn anna s1 1000               -> applied points 10 balance 10
		K redeem anna 5 op=r              -> applied points 5 balance 5
		K cancel r                        -> applied points 5 balance 5 replayed
		K redeem anna 50 op=q             -> refused insufficient_points
		K cancel q                        -> refused insufficient_points replayed`},
	{"a cancelled sale can be rung up under another key", `
		K cancel a                        -> cancelled
		K earn anna s1 1000 op=a          -> cancelled replayed
		K earn anna s1 1000 op=b          -> applied points 10 balance 10`},
	{"nobody cancels another organisation's operation", `
		D cancel r                        -> cancelled
		K earn anna s1 1000 op=r          -> applied points 10 balance 10
		C cancel r                        -> refused not_authorised unrecorded
		K cancel "r"                      -> refused malformed_command unrecorded
		K cancel q print=p                -> refused malformed_command unrecorded`},
	{"an unrecorded refusal leaves the key free to cancel or to use", `
		K redeem anna -5 op=r             -> refused points_must_be_positive unrecorded
		K cancel r                        -> cancelled`},
}
