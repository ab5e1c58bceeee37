package conformance_test

// privateCases are about private data. Of the collections, "profiles-AlphaMSP" is Alpha's, with a policy of its own;
// "baskets-AlphaMSP" is Alpha's under the chaincode's policy; "shared" is Alpha's and Beta's. All three are for members
// alone. Nothing is said about who may use "open", which is Alpha's, and "brief", whose values stay for three blocks;
// "readable" is Alpha's, to be written by members alone.
var privateCases = []Case{
	{"members read private data on their own peers", `
		submit with value=secret: putp shared ~k -> VALID
		evaluate: getp shared ~k -> secret
		evaluate as beta: getp shared ~k -> secret
	`},
	{"others are refused", `
		submit with value=secret: putp shared ~k
		evaluate as clearing: getp shared ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: shared
		| ClearingMSP clearing: the same
		endorse as clearing by alpha: getp shared ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, GET_STATE failed: transaction ID: <tx>: tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: shared
		endorse as clearing by alpha with value=x: putp shared ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: shared
		endorse as clearing by alpha: delp shared ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, DEL_STATE failed: transaction ID: <tx>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: shared
		endorse as clearing by alpha: purge shared ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, PURGE_PRIVATE_DATA failed: transaction ID: <tx>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: shared
		evaluate as auditor: getp shared ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: shared
		| AlphaMSP alpha: the same
	`},
	{"everybody reads the hash", `
		submit with value=secret: putp shared ~k
		evaluate as clearing: hashp shared ~k -> 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
		evaluate as auditor: hashp shared ~k -> 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
		evaluate as beta: hashp shared ~k -> 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
		evaluate: hashp shared ~absent -> ""
	`},
	{"a peer that may not hold a value does not have it", `
		submit by alpha,beta with value=secret: putp open ~k
		evaluate: getp open ~k -> secret
		evaluate as clearing: getp open ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: private data matching public hash version is not available. Public hash version = {BlockNum: <n>, TxNum: 0}, Private data version = <nil>
		| ClearingMSP clearing: the same
		evaluate as clearing: manyp open ~k -> -
		evaluate as clearing: getp open ~absent -> ""
		evaluate as clearing: hashp open ~k -> 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
	`},
	{"members alone write, everybody reads", `
		submit by alpha,beta with value=secret: putp readable ~k
		evaluate as beta by alpha: getp readable ~k -> secret
		endorse as beta by alpha with value=x: putp readable ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: readable
	`},
	{"nothing of a private value is in the transaction", `
		a = endorse with value=secret: putp shared ~k
		set a -> shared: write
		order a -> VALID
		b = endorse: getp shared ~k -> secret
		set b -> shared: read (0.0)
		c = endorse: hashp shared ~k
		set c -> shared: read (0.0)
		d = endorse: manyp shared ~k ~absent
		set d -> shared: read (absent) read (0.0)
	`},
	{"private data are not read back in their own transaction", `
		submit with value=old: putp shared ~k
		evaluate with value=new: putp shared ~k ; getp shared ~k -> ;old
	`},
	{"an absent private value reads as nothing", `
		a = endorse: getp shared ~k -> ""
		set a -> shared: read (absent)
	`},
	{"an empty private value", `
		submit with value=secret: putp shared ~k
		a = endorse with value=: putp shared ~k -> ""
	`},
	{"an empty private key", `
		endorse with value=x: putp shared "" -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, key must not be an empty string
		endorse with value=x: putp "" ~k -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, collection must not be an empty string
		endorse: getp "" ~k -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, collection must not be an empty string
		endorse: getp shared "" -> ""
	`},
	{"a private value is deleted", `
		submit with value=secret: putp shared ~k
		a = endorse: delp shared ~k
		set a -> shared: delete
		order a -> VALID
		evaluate: getp shared ~k -> ""
		evaluate as beta: getp shared ~k -> ""
		evaluate: hashp shared ~k -> ""
	`},
	{"a private value is purged", `
		submit with value=secret: putp shared ~k
		a = endorse: purge shared ~k
		set a -> shared: purge
		order a -> VALID
		evaluate: getp shared ~k -> ""
		evaluate as beta: getp shared ~k -> ""
		evaluate: hashp shared ~k -> ""
		submit with value=again: putp shared ~k
		evaluate as beta: getp shared ~k -> again
	`},
	{"what was never there is purged", `
		a = endorse: purge shared ~k -> ""
		order a -> VALID
	`},
	{"a purge is over what the transaction writes", `
		submit with value=old: putp shared ~k
		a = endorse with value=new: putp shared ~k ; purge shared ~k -> ;
		set a -> shared: purge
		order a -> VALID
		evaluate: getp shared ~k -> ""
		b = endorse with value=new: purge shared ~k ; putp shared ~k -> ;
		set b -> shared: write
		order b -> VALID
		evaluate: getp shared ~k -> new
	`},
	{"after a purge, blocks come without the value", `
		submit with value=secret: putp shared ~k
		private -> block 0: shared ~k=secret
		submit: purge shared ~k
		private ->
	`},
	{"reads of private values conflict", `
		submit with value=1: putp shared ~k
		a = endorse: getp shared ~k ; put ~z 1
		submit as beta with value=2: putp shared ~k
		order a -> MVCC_READ_CONFLICT
	`},
	{"reads of private values conflict within a block", `
		submit with value=1: putp shared ~k
		a = endorse with value=2: putp shared ~k
		b = endorse: getp shared ~k ; put ~z 1
		order a b -> VALID MVCC_READ_CONFLICT
	`},
	{"reads of hashes conflict", `
		submit with value=1: putp shared ~k
		a = endorse as clearing: hashp shared ~k ; put ~z 1
		submit with value=2: putp shared ~k
		order a -> MVCC_READ_CONFLICT
	`},
	{"a purge conflicts with readers", `
		submit with value=1: putp shared ~k
		a = endorse: getp shared ~k ; put ~z 1
		submit: purge shared ~k
		order a -> MVCC_READ_CONFLICT
	`},
	{"blind private writes do not conflict", `
		a = endorse with value=1: putp shared ~k
		b = endorse with value=2: putp shared ~k
		order a b -> VALID VALID
		evaluate as beta: getp shared ~k -> 2
	`},
	{"many private values are read at once", `
		submit with value=secret: putp shared ~a ; putp shared ~c
		evaluate: manyp shared ~a ~b ~c -> secret,-,secret
	`},
	{"private ranges are for queries that write nothing", `
		submit with value=secret: putp shared ~a ; putp shared ~b
		evaluate: rangep shared ~a ~z -> ~a,~b
		a = endorse: rangep shared ~a ~z -> ~a,~b
		set a ->
		endorse: rangep shared ~a ~z ; put ~z 1 -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: txid [<tx>]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed
		endorse: put ~z 1 ; rangep shared ~a ~z -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, GET_STATE_BY_RANGE failed: transaction ID: <tx>: txid [<tx>]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction
		evaluate as clearing: rangep shared ~a ~z -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE_BY_RANGE failed: transaction ID: <tx>: tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: shared
		| ClearingMSP clearing: the same
		evaluate as clearing: rangep open ~a ~z -> ""
	`},
	{"private composite keys", `
		submit: composedp shared ~kind a 1 ; composedp shared ~kind a 2
		evaluate: partialp shared ~kind a -> a/1,a/2
	`},
	{"a collection nobody has defined", `
		evaluate: getp nowhere ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: collection trial/probe/nowhere could not be found
		| AlphaMSP alpha: the same
		evaluate: hashp nowhere ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_PRIVATE_DATA_HASH failed: transaction ID: <tx>: collection [nowhere] not defined in the collection config for chaincode [probe]
		| AlphaMSP alpha: the same
		endorse with value=x: putp nowhere ~k -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: collection trial/probe/nowhere could not be found
		evaluate: rangep nowhere ~a ~b -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE_BY_RANGE failed: transaction ID: <tx>: collection trial/probe/nowhere could not be found
		| AlphaMSP alpha: the same
		evaluate: getp "no such" ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: collection trial/probe/no such could not be found
		| AlphaMSP alpha: the same
	`},
	{"every organisation has a collection that is not defined", `
		submit by alpha with value=mine: putp _implicit_org_AlphaMSP ~k -> VALID
		evaluate: getp _implicit_org_AlphaMSP ~k -> mine
		evaluate as beta by beta: getp _implicit_org_AlphaMSP ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: private data matching public hash version is not available. Public hash version = {BlockNum: <n>, TxNum: 0}, Private data version = <nil>
		| BetaMSP beta: the same
		evaluate as beta by alpha: getp _implicit_org_AlphaMSP ~k -> mine
		submit by beta with value=theirs: putp _implicit_org_AlphaMSP ~k -> ENDORSEMENT_POLICY_FAILURE
		evaluate: getp _implicit_org_NobodyMSP ~k -> evaluate Unknown: <endorser>: chaincode response 500, GET_STATE failed: transaction ID: <tx>: collection [_implicit_org_NobodyMSP] not defined in the collection config for chaincode [probe]
		| AlphaMSP alpha: the same
		endorse with value=x: putp _implicit_org_NobodyMSP ~k -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: collection [_implicit_org_NobodyMSP] not defined in the collection config for chaincode [probe]
	`},
	{"a collection's own policy is enough for its keys", `
		submit by alpha with value=mine: putp profiles-AlphaMSP ~k -> VALID
		submit with value=mine: putp profiles-AlphaMSP ~k -> VALID
		evaluate: getp profiles-AlphaMSP ~k -> mine
	`},
	{"a collection's own policy is demanded of its keys", `
		submit by beta,clearing with value=x: putp profiles-AlphaMSP ~k -> ENDORSEMENT_POLICY_FAILURE
		evaluate: getp profiles-AlphaMSP ~k -> ""
	`},
	{"a collection without a policy has the chaincode's", `
		submit by alpha with value=mine: putp baskets-AlphaMSP ~k -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha,clearing with value=mine: putp baskets-AlphaMSP ~k -> VALID
		evaluate: getp baskets-AlphaMSP ~k -> mine
	`},
	{"public keys beside private ones have the chaincode's policy", `
		submit by alpha with value=mine: putp profiles-AlphaMSP ~k ; put ~z 1 -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha,beta with value=mine: putp profiles-AlphaMSP ~k ; put ~z 1 -> VALID ;
	`},
	{"transient data go to members only", `
		endorse with value=x: put ~k 1 -> ""
		endorse with value=x: putp baskets-AlphaMSP ~k -> endorse FailedPrecondition: requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [baskets-AlphaMSP]; retry specifying trusted endorsing organizations to protect transient data
		endorse as clearing with value=x: put ~k 1 -> ""
		evaluate as clearing with value=x: transient value -> x
	`},
	{"others endorse what they cannot read", `
		submit by beta,clearing with value=blind: putp baskets-AlphaMSP ~k -> VALID
		evaluate: getp baskets-AlphaMSP ~k -> blind
	`},
	{"a purge of another's data", `
		submit by alpha with value=mine: putp profiles-AlphaMSP ~k
		endorse as beta by alpha: purge profiles-AlphaMSP ~k -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: chaincode response 500, PURGE_PRIVATE_DATA failed: transaction ID: <tx>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: profiles-AlphaMSP
		submit by beta,clearing: purge profiles-AlphaMSP ~k -> ENDORSEMENT_POLICY_FAILURE
		evaluate: getp profiles-AlphaMSP ~k -> mine
	`},
	{"a value that stays for three blocks", `
		submit with value=brief: putp brief ~k
		idle 3
		evaluate: getp brief ~k -> brief
		idle 1
		evaluate: getp brief ~k -> ""
		evaluate: hashp brief ~k -> ""
		evaluate as clearing: hashp brief ~k -> ""
	`},
	{"writing again makes it stay for longer", `
		submit with value=1: putp brief ~k
		idle 2
		submit with value=2: putp brief ~k
		idle 2
		evaluate: getp brief ~k -> 2
		idle 2
		evaluate: getp brief ~k -> ""
	`},
	{"a value that has gone conflicts with who read it", `
		submit with value=brief: putp brief ~k
		a = endorse: getp brief ~k ; put ~z 1
		idle 4
		order a -> MVCC_READ_CONFLICT
	`},
	{"private data come with blocks, to members", `
		submit with value=secret: putp shared ~k
		submit by alpha,beta with value=open: putp open ~k
		private -> block 0: shared ~k=secret / block 1: open ~k=open
		private as beta -> block 0: shared ~k=secret
		private as clearing ->
		private as beta at alpha -> block 0: shared ~k=secret / block 1: open ~k=open
		private as auditor at alpha -> block 1: open ~k=open
	`},
	{"private data of an invalid transaction stay with its block, and change nothing", `
		submit by alpha with value=secret: putp shared ~k -> ENDORSEMENT_POLICY_FAILURE
		evaluate: getp shared ~k -> ""
		private -> block 0: shared ~k=secret
	`},
	{"private data of a transaction that has lost a race stay with its block", `
		a = endorse with value=lost: add ~n 1 ; putp shared ~k
		submit: add ~n 1
		order a -> MVCC_READ_CONFLICT
		evaluate: getp shared ~k -> ""
		private -> block 1: shared ~k=lost
	`},
	{"private data of a transaction sent twice", `
		a = endorse with value=twice: putp shared ~k
		order a a -> VALID DUPLICATE_TXID
		order a -> DUPLICATE_TXID
		evaluate: getp shared ~k -> twice
		private -> block 0: shared ~k=twice, shared ~k=twice
	`},
	{"private data that have expired do not come with their block", `
		submit with value=brief: putp brief ~k
		submit by alpha with value=invalid: putp brief ~k -> ENDORSEMENT_POLICY_FAILURE
		private -> block 0: brief ~k=brief / block 1: brief ~k=invalid
		idle 4
		private ->
	`},
	{"private data that were deleted stay with their block", `
		submit with value=secret: putp shared ~k
		submit: delp shared ~k
		private -> block 0: shared ~k=secret / block 1: shared ~k=""
	`},
	{"history does not know private data", `
		submit with value=secret: putp shared ~k
		evaluate: history ~k -> ""
	`},
}
