package conformance_test

// identityCases are about who may ask, and when.
var identityCases = []Case{
	{"the auditor reads and does not write", `
		submit: put ~k v
		evaluate as auditor: get ~k -> v
		endorse as auditor: put ~k x -> ""
		submit as auditor: put ~k x -> submit Aborted: received unsuccessful response from orderer: status=FORBIDDEN, info=<no Writers>: permission denied
		evaluate: get ~k -> v
	`},
	{"every role of a member writes", `
		submit as alpha.admin: put ~k 1 -> VALID
		submit as alpha.manager: put ~k 2 -> VALID
		submit as clearing.admin: put ~k 3 -> VALID
	`},
	{"a peer is no client", `
		evaluate as alpha.peer0: get ~k -> ""
		submit as alpha.peer0: put ~k 1 -> submit Aborted: received unsuccessful response from orderer: status=FORBIDDEN, info=<no Writers>: permission denied
	`},
	{"an orderer writes, because its organisation says so", `
		evaluate as clearing.orderer0: get ~k -> ""
		submit as clearing.orderer0: put ~k 1 -> VALID
	`},
	{"a client of one organisation at the peer of another", `
		submit at beta: put ~k 1 -> VALID
		evaluate at clearing: who -> AlphaMSP pos
	`},
	{"a certificate of another authority", `
		evaluate as mallory: get ~k -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
		endorse as mallory: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: <malformed>
		endorse as mallory by alpha,beta: put ~k 1 -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: <malformed>
		| BetaMSP beta: rpc error: code = Unknown desc = <malformed>
	`},
	{"an organisation that is not a member", `
		evaluate as stranger: get ~k -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
		endorse as stranger: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: <malformed>
	`},
	{"a certificate that has expired", `
		evaluate as expired: get ~k -> evaluate Unavailable: <nobody evaluated>
		| AlphaMSP alpha: proposal client identity expired
		| BetaMSP beta: rpc error: code = Unknown desc = proposal client identity expired
		| ClearingMSP clearing: rpc error: code = Unknown desc = proposal client identity expired
		endorse as expired: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: proposal client identity expired
	`},
	{"a certificate without a role, and one with two", `
		evaluate as roleless: get ~k -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
		evaluate as two-faced: get ~k -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
	`},
	{"proposals that are not signed properly", `
		evaluate flaw bad-signature: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: access denied: channel [trial] creator org [AlphaMSP]
		| AlphaMSP alpha: the same
		evaluate flaw high-s: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: access denied: channel [trial] creator org [AlphaMSP]
		| AlphaMSP alpha: the same
		endorse flaw bad-signature: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: error validating proposal: access denied: channel [trial] creator org [AlphaMSP]
	`},
	{"a clock may be a quarter of an hour off", `
		evaluate flaw somewhat-late: get ~k -> ""
		evaluate flaw somewhat-early: get ~k -> ""
		evaluate flaw late: get ~k -> evaluate Unavailable: <nobody evaluated>
		| AlphaMSP alpha: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| BetaMSP beta: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| ClearingMSP clearing: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		evaluate flaw early: get ~k -> evaluate Unavailable: <nobody evaluated>
		| AlphaMSP alpha: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| BetaMSP beta: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| ClearingMSP clearing: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		endorse flaw late: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		endorse by alpha,beta flaw early: put ~k 1 -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| BetaMSP beta: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		evaluate flaw no-time: get ~k -> evaluate Unavailable: <nobody evaluated>
		| AlphaMSP alpha: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| BetaMSP beta: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
		| ClearingMSP clearing: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s
	`},
	{"proposals whose header is wrong", `
		evaluate flaw txid: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: incorrectly computed txid '0123456789abcdef' -- expected '<tx>'
		| AlphaMSP alpha: the same
		evaluate flaw epoch: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: epoch is non-zero
		| AlphaMSP alpha: the same
		evaluate flaw type: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: invalid header type MESSAGE
		| AlphaMSP alpha: the same
		evaluate flaw config-type: get ~k -> ""
		evaluate flaw no-nonce: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: nonce is empty
		| AlphaMSP alpha: the same
		evaluate flaw no-creator: get ~k -> evaluate FailedPrecondition: <endorser>: error validating proposal: creator is empty
		| AlphaMSP alpha: the same
		evaluate flaw creator-not-a-cert: get ~k -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
		evaluate flaw other-chaincode: get ~k -> evaluate Aborted: <nobody evaluated>
		| AlphaMSP alpha: make sure the chaincode other has been successfully defined on channel trial and try again: chaincode other not found
		| BetaMSP beta: make sure the chaincode other has been successfully defined on channel trial and try again: chaincode other not found
		| ClearingMSP clearing: make sure the chaincode other has been successfully defined on channel trial and try again: chaincode other not found
		evaluate flaw no-chaincode: get ~k -> evaluate FailedPrecondition: <endorser>: ChaincodeHeaderExtension.ChaincodeId is nil
		| AlphaMSP alpha: the same
		endorse flaw txid: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: error validating proposal: incorrectly computed txid '0123456789abcdef' -- expected '<tx>'
		endorse flaw other-chaincode: put ~k 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: make sure the chaincode other has been successfully defined on channel trial and try again: chaincode other not found
	`},
	{"a proposal that is ten minutes old keeps its time", `
		a = endorse flaw somewhat-late: put ~k 1
		order a -> VALID
		evaluate: past ~k -> 1 <tx> <time>
	`},
}
