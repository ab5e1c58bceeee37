package loyalty_test

import "testing"

func TestEnrol(t *testing.T) { runTables(t, "enrol") }

var enrolTables = []table{
	{"a new member starts with nothing", `
		K enrol carl                      -> applied
		carl has                          -> nothing`},
	{"a reference can be taken once, by whoever is first", `
		D enrol anna                      -> refused member_already_enrolled
		K enrol anna                      -> refused member_already_enrolled   # not a repeat: another key`},
	{"a repeat is answered, not refused", `
		K enrol carl op=e                 -> applied
		K enrol carl op=e                 -> applied replayed
		K enrol dora op=e                 -> refused operation_reused unrecorded`},
	{"a malformed command is never recorded", `
		K enrol "ABC"                     -> refused malformed_command unrecorded
		K enrol carl op="12"              -> refused malformed_command unrecorded
		K enrol carl print="xyz"          -> refused malformed_command unrecorded
		K enrol carl print=""             -> refused malformed_command unrecorded
		K enrol carl extra=1              -> refused malformed_command unrecorded
		K enrol carl 5                    -> refused malformed_command unrecorded
		K enrol carl receipt=s1           -> refused malformed_command unrecorded
		K grant carl                      -> refused malformed_command unrecorded`},
	{"only a till of a chain may, and it is asked before anything else", `
		C enrol carl                      -> refused not_authorised unrecorded
		A:auditor enrol carl              -> refused not_authorised unrecorded
		X enrol carl                      -> refused not_authorised unrecorded
		K:admin enrol carl                -> refused not_authorised unrecorded
		K:auditor enrol carl              -> refused not_authorised unrecorded
		K:owner enrol carl                -> refused not_authorised unrecorded
		K:agent enrol carl                -> applied
		K:manager enrol dora              -> applied`},
	{"nothing works before there is a programme", `
		programme none=1
		K enrol carl                      -> refused programme_unknown unrecorded`},
}
