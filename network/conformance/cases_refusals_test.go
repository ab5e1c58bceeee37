package conformance_test

// refusalCases are about what a client hears when something does not work.
var refusalCases = []Case{
	{"chaincode refuses a query", `
		evaluate: fail "no stock" -> evaluate Unknown: <endorser>: chaincode response 500, no stock
		| AlphaMSP alpha: the same
		evaluate as auditor: fail "no stock" -> evaluate Unknown: <endorser>: chaincode response 500, no stock
		| AlphaMSP alpha: the same
	`},
	{"chaincode refuses a transaction", `
		endorse: fail "no stock" -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, no stock
		endorse by alpha,beta: fail "no stock" -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, no stock
		| BetaMSP beta: chaincode response 500, no stock
		endorse by alpha,beta,clearing: fail "no stock" -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, no stock
		| BetaMSP beta: chaincode response 500, no stock
		| ClearingMSP clearing: chaincode response 500, no stock
		submit: put ~k 1 ; fail "no stock" -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, no stock
		evaluate: get ~k -> ""
	`},
	{"a message is what chaincode makes it", `
		evaluate: fail "" -> evaluate Unknown: <endorser>: chaincode response 500,
		| AlphaMSP alpha: the same
		evaluate: fail "{\"code\":\"balance_low\",\"need\":100}" -> evaluate Unknown: <endorser>: chaincode response 500, {"code":"balance_low","need":100}
		| AlphaMSP alpha: the same
		endorse: fail "{\"code\":\"balance_low\",\"need\":100}" -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, {"code":"balance_low","need":100}
		evaluate: fail "two\nlines" -> evaluate Unknown: <endorser>: chaincode response 500, two
		| lines
		| AlphaMSP alpha: the same
	`},
	{"a status is what chaincode makes it", `
		evaluate: status 200 fine payload -> payload
		evaluate: status 201 created payload -> payload
		evaluate: status 399 odd payload -> payload
		evaluate: status 400 bad payload -> evaluate Unknown: <endorser>: chaincode response 400, bad
		| AlphaMSP alpha: the same
		evaluate: status 404 missing payload -> evaluate Unknown: <endorser>: chaincode response 404, missing
		| AlphaMSP alpha: the same
		evaluate: status 500 broken payload -> evaluate Unknown: <endorser>: chaincode response 500, broken
		| AlphaMSP alpha: the same
		evaluate: status 199 early payload -> evaluate Unknown: <endorser>: chaincode response 199, early
		| AlphaMSP alpha: the same
		evaluate: status 0 nothing payload -> evaluate Unknown: <endorser>: chaincode response 0, nothing
		| AlphaMSP alpha: the same
		endorse: status 201 created payload -> payload
		endorse: status 399 odd payload -> payload
		endorse: status 400 bad payload -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 400, bad
		endorse: status 404 missing payload -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 404, missing
		endorse: status 500 broken payload -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, broken
		endorse: status 199 early payload -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 199, early
	`},
	{"a status below 400 commits", `
		submit: put ~k 1 ; status 399 odd payload -> VALID payload
		evaluate: get ~k -> 1
	`},
	{"chaincode that panics", `
		endorse by alpha: panic boom -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: error in simulation: failed to execute transaction <tx>: error sending: chaincode stream terminated
		revive
		evaluate: panic boom -> evaluate Aborted: <nobody evaluated>
		| AlphaMSP alpha: error in simulation: failed to execute transaction <tx>: error sending: chaincode stream terminated
		| BetaMSP beta: error in simulation: failed to execute transaction <tx>: error sending: chaincode stream terminated
		| ClearingMSP clearing: error in simulation: failed to execute transaction <tx>: error sending: chaincode stream terminated
		revive
		evaluate: get ~k -> ""
	`},
	{"an unknown function", `
		evaluate: nothing -> evaluate Unknown: <endorser>: chaincode response 500, unknown function nothing
		| AlphaMSP alpha: the same
		endorse: nothing -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, unknown function nothing
	`},
	{"an unknown chaincode", `
		evaluate on nobody: get ~k -> evaluate FailedPrecondition: no peers available to evaluate chaincode nobody in channel trial
		endorse on nobody: put ~k 1 -> endorse FailedPrecondition: no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode nobody in channel trial
		endorse on nobody by alpha,beta: put ~k 1 -> endorse Unavailable: failed to find any endorsing peers for org(s): AlphaMSP, BetaMSP
		endorse on nobody with value=x: put ~k 1 -> endorse FailedPrecondition: no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data
		evaluate on nobody with value=x: get ~k -> evaluate FailedPrecondition: no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: no peers available to evaluate chaincode nobody in channel trial
		evaluate on nobody by alpha: get ~k -> evaluate FailedPrecondition: no peers available to evaluate chaincode nobody in channel trial
	`},
	{"an unknown channel", `
		evaluate in nowhere: get ~k -> evaluate Unavailable: failed to get config for channel [nowhere]: could not get last config for channel nowhere
		endorse in nowhere: put ~k 1 -> endorse FailedPrecondition: no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode probe in channel nowhere
		endorse in nowhere by alpha,beta: put ~k 1 -> endorse Unavailable: failed to find any endorsing peers for org(s): AlphaMSP, BetaMSP
	`},
	{"an event without a name", `
		endorse: event "" 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, event name can not be empty string
	`},
	{"requests that say nothing", `
		raw evaluate-nothing -> evaluate-nothing InvalidArgument: failed to unpack transaction proposal: a signed proposal is required
		raw endorse-nothing -> endorse-nothing InvalidArgument: the proposed transaction must contain a signed proposal
		raw endorse-garbage -> endorse-garbage InvalidArgument: error unmarshalling Proposal: proto: cannot parse invalid wire-format data
		raw submit-nothing -> submit-nothing InvalidArgument: a prepared transaction is required
		raw submit-unsigned -> submit-unsigned InvalidArgument: prepared transaction must be signed
		raw submit-elsewhere -> submit-elsewhere FailedPrecondition: failed to get config for channel [nowhere]: could not get last config for channel nowhere
		raw submit-garbage -> submit-garbage Aborted: received unsuccessful response from orderer: status=BAD_REQUEST, info=could not determine channel ID: error unmarshalling Payload: proto: cannot parse invalid wire-format data
	`},
	{"questions after a transaction that say nothing", `
		raw status-nothing -> status-nothing InvalidArgument: a commit status request is required
		raw status-no-identity -> status-no-identity InvalidArgument: no identity provided
		raw status-no-channel -> status-no-channel InvalidArgument: no channel ID provided
		raw status-no-txid -> status-no-txid InvalidArgument: transaction ID should not be empty
		raw status-elsewhere -> status-elsewhere PermissionDenied: Failed to get policy manager for channel [nowhere]
		raw status-unsigned -> status-unsigned PermissionDenied: <no Readers>
		raw events-nothing -> events-nothing InvalidArgument: a chaincode events request is required
		raw events-elsewhere -> events-elsewhere PermissionDenied: Failed to get policy manager for channel [nowhere]
		raw events-unsigned -> events-unsigned PermissionDenied: <no Readers>
	`},
}
