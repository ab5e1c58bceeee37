package conformance_test

// orderingCases are about what the orderer takes, and how it cuts blocks: two transactions, at most 1 MiB if it can be
// done, never more than 2 MiB in one, and after two seconds whatever there is.
var orderingCases = []Case{
	{"a transaction on its own is cut after a while", `
		a = endorse: put ~k 1
		send a -> VALID
	`},
	{"a transaction larger than a block should be has one to itself", `
		a = endorse: put ~k 1
		b = endorse: large ~l 1100000
		send a b -> VALID / VALID
	`},
	{"a transaction that would make a block too large opens the next", `
		a = endorse: large ~k 600000
		b = endorse: large ~l 600000
		send a b -> VALID / VALID
	`},
	{"a transaction larger than may be is refused", `
		a = endorse: large ~k 2200000
		order a -> submit Aborted: received unsuccessful response from orderer: status=BAD_REQUEST, info=message payload is <size> bytes and exceeds maximum allowed 2097152 bytes
	`},
	{"the orderer takes transactions from clients directly", `
		a = endorse: put ~k 1
		sendto a -> SUCCESS VALID
		evaluate: get ~k -> 1
	`},
	{"whoever cannot write is refused", `
		a = endorse: put ~k 1
		sendto a as auditor -> FORBIDDEN <no Writers>: permission denied
		sendto a as alpha.peer0 -> FORBIDDEN <no Writers>: permission denied
		sendto a as mallory -> FORBIDDEN <no Writers>: permission denied
		sendto a as stranger -> FORBIDDEN <no Writers>: permission denied
		sendto a as expired -> FORBIDDEN <no Writers>: permission denied
		sendto a unsigned -> FORBIDDEN <no Writers>: permission denied
		sendto a high-s -> FORBIDDEN <no Writers>: permission denied
	`},
	{"another member's signature is refused", `
		a = endorse: put ~k 1
		sendto a as beta -> FORBIDDEN <no Writers>: permission denied
		evaluate: get ~k -> ""
	`},
	{"what is no transaction is refused", `
		a = endorse: put ~k 1
		sendto a elsewhere -> BAD_REQUEST channel does not exist
		sendto a garbage -> BAD_REQUEST could not determine channel ID: error unmarshalling Payload: proto: cannot parse invalid wire-format data
		sendto a empty -> BAD_REQUEST could not determine channel ID: header not set
		sendto a no-header -> BAD_REQUEST could not determine channel ID: header not set
		sendto a no-channel-header -> BAD_REQUEST could not determine channel ID: channel header not set
		sendto a config -> BAD_REQUEST message is of type that cannot be processed directly
	`},
}

// upgradeCases come last: what follows runs on the next definition.
var upgradeCases = []Case{
	{"an upgrade invalidates what was endorsed before it", `
		a = endorse: put ~k old
		b = endorse: noop
		submit: put ~j 1
		upgrade
		order a -> MVCC_READ_CONFLICT
		order b -> MVCC_READ_CONFLICT
		evaluate: get ~k ; get ~j -> ;1
		submit: put ~k new -> VALID
		evaluate: get ~k -> new
		evaluate on _lifecycle: QueryChaincodeDefinition "\n\x05probe" -> version 1.1, sequence 2, escc, vscc, 8 collections, approved by AlphaMSP true AuditorMSP false BetaMSP true ClearingMSP true
	`},
	{"data, policies and private data outlive it", `
		submit with value=secret: putp shared ~k
		evaluate as beta: getp shared ~k -> secret
	`},
}
