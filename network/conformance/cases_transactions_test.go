package conformance_test

// transactionCases are about single keys and single transactions.
var transactionCases = []Case{
	{"a transaction does not read its own writes", `
		submit: put ~k old -> VALID
		evaluate: put ~k new ; get ~k -> ;old
		submit: put ~k new ; get ~k -> VALID ;old
		evaluate: get ~k -> new
	`},
	{"an absent key reads as nothing", `
		a = endorse: get ~k -> ""
		set a -> read ~k (absent)
	`},
	{"a read records the version it saw", `
		submit: put ~k v
		a = endorse: get ~k -> v
		set a -> read ~k (0.0)
	`},
	{"a deleted key is absent", `
		submit: put ~k v
		submit: del ~k
		evaluate: get ~k -> ""
	`},
	{"deleting an absent key is a write like any other", `
		a = endorse: del ~k
		set a -> delete ~k
		order a -> VALID
	`},
	{"an empty value deletes", `
		submit: put ~k v
		a = endorse: put ~k ""
		set a -> delete ~k
		order a -> VALID
		evaluate: range ~a ~z -> ""
		evaluate: many ~k -> -
	`},
	{"the last write of a key counts", `
		a = endorse: put ~k 1 ; put ~k 2 ; del ~k ; put ~k 3
		set a -> write ~k=3
	`},
	{"a key is recorded once, however often it is read", `
		submit: put ~k v
		a = endorse: get ~k ; get ~k ; many ~k ~k -> v;v;v,v
		set a -> read ~k (0.0)
	`},
	{"reads and writes are recorded in the order of their keys", `
		a = endorse: put ~c 1 ; put ~a 1 ; get ~z ; get ~b ; put ~b 1
		set a -> read ~b (absent), read ~z (absent), write ~a=1, write ~b=1, write ~c=1
	`},
	{"an empty key can be read and deleted, but not written", `
		endorse: put "" v -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, key must not be an empty string
		endorse: get "" -> ""
		endorse: del "" -> ""
	`},
	{"odd keys are keys", `
		submit: put "~a b\n" 1
		submit: put ~ключ 2
		submit: put "~\U0010fffe" 3
		evaluate: get "~a b\n" ; get ~ключ ; get "~\U0010fffe" -> 1;2;3
		evaluate: range ~ "~\U0010ffff" -> "~a b\n,~ключ,~\U0010fffe"
	`},
	{"a key that is not UTF-8", `
		a = endorse: put "~\xff" v -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: error in simulation: failed to execute transaction <tx>: error sending: chaincode stream terminated
		revive
	`},
	{"many keys are read at once", `
		submit: put ~a 1 ; put ~c 3
		a = endorse: many ~a ~b ~c -> 1,-,3
		set a -> read ~a (0.0), read ~b (absent), read ~c (0.0)
		evaluate: many ~a "" -> 1,-
	`},
	{"writes go in batches", `
		a = endorse: batch ; put ~a 1 ; put ~b 2 ; del ~c ; put ~a 3 ; flush
		set a -> write ~a=3, write ~b=2, delete ~c
		order a -> VALID
		evaluate: many ~a ~b -> 3,2
	`},
	{"a batch that is not flushed is flushed at the end", `
		a = endorse: batch ; put ~a 1 ; put ~b 2
		set a -> write ~a=1, write ~b=2
	`},
	{"a batch holds more keys than one message", `
		submit: batch ; fill ~k 1001 ; flush
		evaluate: rows ~k ~l -> 1001
	`},
	{"an error in a batch comes when it is flushed", `
		endorse: batch ; put ~k 1 ; putp nowhere ~k ; flush -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, failed send batch: WRITE_BATCH_STATE failed: transaction ID: <tx>: collection trial/probe/nowhere could not be found
		endorse: batch ; putp nowhere ~k -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: error in simulation: transaction returned with failure: failed send batch: failed send batch: WRITE_BATCH_STATE failed: transaction ID: <tx>: collection trial/probe/nowhere could not be found
	`},
	{"a large value", `
		submit: large ~k 300000
		evaluate: length ~k -> 300000
	`},
	{"a transaction knows who it is for", `
		evaluate: channel -> trial
		evaluate: txid -> <tx>
		evaluate: who -> AlphaMSP pos
		evaluate as beta.manager: who -> BetaMSP manager
		evaluate as auditor: who -> AuditorMSP auditor
		evaluate: time -> <time>
		evaluate: decorations -> 0
	`},
	{"transient data reach the chaincode and nothing else", `
		a = endorse with value=hidden: transient value -> hidden
		evaluate with value=hidden: transient value -> hidden
		evaluate with value=hidden: transient other -> ""
	`},
	{"chaincode cannot call itself", `
		endorse: call probe "" get ~k -> 500 INVOKE_CHAINCODE failed: transaction ID: <tx>: execute failed: error sending: txid: <tx>(trial) exists
	`},
	{"chaincode that calls nobody hears why", `
		endorse: call nobody "" get ~k -> 500 INVOKE_CHAINCODE failed: transaction ID: <tx>: execute failed: invalid invocation: [channel trial] failed to get chaincode container info for nobody: chaincode nobody not found
		endorse: call probe nowhere get ~k -> 500 INVOKE_CHAINCODE failed: transaction ID: <tx>: Failed to get policy manager for channel [nowhere]
		endorse: call qscc "" GetChainInfo $channel -> 500 Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for 'probe'
		endorse: call probe $channel get ~k -> 500 INVOKE_CHAINCODE failed: transaction ID: <tx>: execute failed: error sending: txid: <tx>(trial) exists
	`},
	{"a proposal without a write changes nothing and commits", `
		a = endorse: noop
		set a ->
		order a -> VALID
	`},
	{"a transaction that is only evaluated leaves no trace", `
		evaluate: put ~k v
		evaluate: get ~k -> ""
	`},
	{"signatures can be made elsewhere", `
		offline: put ~k offline -> VALID
		evaluate: get ~k -> offline
		offline as beta.agent: put ~k again -> VALID
	`},
	{"the client's own submit waits for the block", `
		a = endorse: put ~k v
		send a -> VALID
		status a -> VALID in block 0
	`},
}
