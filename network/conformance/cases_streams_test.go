package conformance_test

// streamCases are about what is told of blocks as they come.
var streamCases = []Case{
	{"an event is told with its transaction", `
		submit: event made "1 coin"
		events -> made=1 coin in block 0
		events as auditor -> made=1 coin in block 0
		events as beta -> made=1 coin in block 0
	`},
	{"a transaction has one event, the last", `
		submit: event first 1 ; event second 2
		events -> second=2 in block 0
	`},
	{"an event without a payload, and one that is not text", `
		submit: event empty ""
		submit: event binary "\x00\xff"
		events -> empty="" in block 0, binary="\x00\xff" in block 1
	`},
	{"an event of an invalid transaction is not told", `
		submit by alpha: event refused 1 -> ENDORSEMENT_POLICY_FAILURE
		a = endorse: add ~n 1 ; event lost 1
		b = endorse: add ~n 1 ; event won 1
		order b a -> VALID MVCC_READ_CONFLICT
		events -> won=1 in block 1
	`},
	{"a transaction sent twice has its event once", `
		a = endorse: event made 1
		order a a -> VALID DUPLICATE_TXID
		order a -> DUPLICATE_TXID
		events -> made=1 in block 0
	`},
	{"events come in the order of the chain", `
		a = endorse: event made a
		b = endorse: event made b
		order b a -> VALID VALID
		submit: event made c
		events -> made=b in block 0, made=a in block 0, made=c in block 1
	`},
	{"events are resumed after a transaction, also within its block", `
		a = endorse: event made a
		b = endorse: event made b
		order a b -> VALID VALID
		c = submit: event made c -> VALID
		events a -> made=b in block 0, made=c in block 1
		events b -> made=c in block 1
		events c ->
	`},
	{"filtered blocks have codes and the names of events", `
		submit: event made secret
		a = endorse: add ~n 1
		b = endorse: add ~n 1 ; event lost 1
		order a b -> VALID MVCC_READ_CONFLICT
		submit: put ~k 1
		filtered -> VALID made="" / VALID, MVCC_READ_CONFLICT lost="" / VALID
		filtered as auditor -> VALID made="" / VALID, MVCC_READ_CONFLICT lost="" / VALID
	`},
	{"whole blocks hang together", `
		submit: put ~k 1
		submit by alpha: put ~k 2 -> ENDORSEMENT_POLICY_FAILURE
		blocks -> VALID / ENDORSEMENT_POLICY_FAILURE
		blocks as beta -> VALID / ENDORSEMENT_POLICY_FAILURE
		blocks as auditor -> VALID / ENDORSEMENT_POLICY_FAILURE
	`},
	{"strangers are told nothing", `
		seek block oldest oldest as mallory -> FORBIDDEN
		seek filtered oldest oldest as mallory -> FORBIDDEN
		seek private oldest oldest as stranger -> FORBIDDEN
		seek block oldest oldest as expired -> FORBIDDEN
		seek block oldest oldest unsigned -> FORBIDDEN
	`},
	{"a stream ends where it is asked to", `
		submit: put ~k 1
		submit: put ~k 2
		seek block 0 1 -> 0 1 SUCCESS
		seek filtered 0 1 -> 0 1 SUCCESS
		seek private 0 0 -> 0 SUCCESS
		seek block 0 newest -> 0 1 SUCCESS
		seek block newest newest -> 1 SUCCESS
		seek block 1 0 -> BAD_REQUEST
		seek block 0 oldest -> 0 SUCCESS
		seek block 0 1 as auditor -> 0 1 SUCCESS
	`},
	{"what is not there yet is waited for, or not", `
		submit: put ~k 1
		seek block 0 head+0 now -> 0 NOT_FOUND
		seek block head+0 head+0 now -> NOT_FOUND
		seek block head+1 head+1 now -> NOT_FOUND
		seek block head+1 head+1 -> NOT_FOUND
		seek block head+100 head+100 -> NOT_FOUND
		seek block next next now -> NOT_FOUND
		seek block newest head+0 now -> 0 NOT_FOUND
	`},
	{"requests for blocks that say nothing", `
		seek block none none -> BAD_REQUEST
		seek block oldest none -> BAD_REQUEST
		seek block none oldest -> BAD_REQUEST
		seek block oldest oldest garbage -> BAD_REQUEST
		seek block oldest oldest elsewhere -> NOT_FOUND
		seek block oldest oldest late -> BAD_REQUEST
		seek block oldest oldest no-time -> BAD_REQUEST
	`},
	{"the orderer has the same blocks", `
		submit: put ~k 1
		seek orderer 0 0 -> 0 SUCCESS
		seek orderer newest newest -> 0 SUCCESS
		seek orderer head+0 head+0 now -> NOT_FOUND
		seek orderer head+1 head+1 -> NOT_FOUND
		seek orderer 0 0 as mallory -> FORBIDDEN
		seek orderer 0 0 as auditor -> 0 SUCCESS
		seek orderer 0 0 elsewhere -> NOT_FOUND
		seek orderer 0 0 late -> BAD_REQUEST
		seek orderer none none -> BAD_REQUEST
	`},
	{"the status of a transaction is the same everywhere", `
		a = submit: put ~k 1 -> VALID
		status a -> VALID in block 0
		status a as beta -> VALID in block 0
		status a as clearing -> VALID in block 0
		status a as auditor -> VALID in block 0
		status a as mallory -> commit status PermissionDenied: <no Readers>
		status a as stranger -> commit status PermissionDenied: <no Readers>
	`},
	{"a transaction that nobody has sent is waited for", `
		a = endorse: put ~k 1
		pending a -> DeadlineExceeded
		order a -> VALID
		status a -> VALID in block 0
	`},
}
