package conformance_test

// scanCases are about ranges, pages, composite keys and history.
var scanCases = []Case{
	{"a range ends before its end", `
		submit: put ~a 1 ; put ~b 2 ; put ~c 3
		a = endorse: range ~a ~c -> ~a,~b
		set a -> scan from ~a to ~c ~a (0.0) ~b (0.0)
		evaluate: range ~b ~b -> ""
		evaluate: range ~c ~a -> ""
	`},
	{"a range does not see the transaction's own writes", `
		submit: put ~a 1
		evaluate: put ~b 2 ; del ~a ; range ~a ~z -> ;;~a
	`},
	{"an empty range is recorded, too", `
		a = endorse: range ~a ~z
		set a -> scan from ~a to ~z
	`},
	{"a scan that is left early records what the peer has read ahead", `
		submit: put ~a 1 ; put ~b 2 ; put ~c 3
		a = endorse: peek ~a ~z 1 -> ~a
		set a -> scan from ~a to ~z ~a (0.0) ~b (0.0) ~c (0.0)
		b = endorse: peek ~a ~z 0 -> ""
		set b -> scan from ~a to ~z ~a (0.0) ~b (0.0) ~c (0.0)
	`},
	{"a peer reads a hundred rows ahead and one", `
		submit: fill ~r 250
		a = endorse: peek ~r ~s 1 -> ~r000
		set a -> scan from ~r to ~r100 unfinished as 2 hashes of level 1 and degree 50
		b = endorse: peek ~r ~s 99
		set b -> scan from ~r to ~r100 unfinished as 2 hashes of level 1 and degree 50
		c = endorse: peek ~r ~s 100
		set c -> scan from ~r to ~r200 unfinished as 4 hashes of level 1 and degree 50
		d = endorse: peek ~r ~s 101
		set d -> scan from ~r to ~r200 unfinished as 4 hashes of level 1 and degree 50
	`},
	{"exactly a hundred rows", `
		submit: fill ~r 100
		a = endorse: rows ~r ~s -> 100
		set a -> scan from ~r to ~s as 2 hashes of level 1 and degree 50
		b = endorse: peek ~r ~s 100
		set b -> scan from ~r to ~s as 2 hashes of level 1 and degree 50
	`},
	{"a hundred and one rows", `
		submit: fill ~r 101
		a = endorse: rows ~r ~s -> 101
		set a -> scan from ~r to ~s as 2 hashes of level 1 and degree 50
	`},
	{"fifty rows and one are the most that are recorded one by one", `
		submit: fill ~r 51
		a = endorse: rows ~r ~r049 -> 49
		set a -> scan from ~r to ~r049 49 rows
		b = endorse: rows ~r ~r050 -> 50
		set b -> scan from ~r to ~r050 50 rows
		c = endorse: rows ~r ~s -> 51
		set c -> scan from ~r to ~s as 1 hashes of level 1 and degree 50
	`},
	{"many rows are recorded as hashes", `
		submit: batch ; fill ~r 3000
		a = endorse: rows ~r ~s -> 3000
		set a -> scan from ~r to ~s as 2 hashes of level 2 and degree 50
	`},
	{"two scans are recorded one after the other", `
		submit: put ~a 1 ; put ~b 2
		a = endorse: range ~b ~c ; range ~a ~b ; range ~b ~c -> ~b;~a;~b
		set a -> scan from ~b to ~c ~b (0.0), scan from ~a to ~b ~a (0.0)
	`},
	{"a range from the very beginning does not see composite keys", `
		submit: composed ~kind x
		submit: put "\x01~" first
		evaluate: peek "" "" 1 -> "\x01~"
	`},
	{"a range cannot begin within composite keys", `
		evaluate: range "\x00~" "\x01" -> evaluate Unknown: <endorser>: chaincode response 500, first character of the key [\x00~] contains a null character which is not allowed
		| AlphaMSP alpha: the same
		evaluate: put "\x00~k" v -> ""
		evaluate: get "\x00~k" -> ""
	`},
	{"a page ends with the key where the next begins", `
		submit: fill ~r 5
		evaluate: page ~r ~s 2 "" -> ~r000,~r001 (2, next "~r002")
		evaluate: page ~r ~s 2 ~r002 -> ~r002,~r003 (2, next "~r004")
		evaluate: page ~r ~s 2 ~r004 -> ~r004 (1, next "")
		evaluate: page ~r ~s 5 "" -> ~r000,~r001,~r002,~r003,~r004 (5, next "")
		evaluate: page ~r ~s 6 "" -> ~r000,~r001,~r002,~r003,~r004 (5, next "")
		evaluate: page ~x ~y 2 "" -> " (0, next \"\")"
		evaluate: page ~r ~s 2 ~zzz -> " (0, next \"\")"
	`},
	{"a page size that is none", `
		submit: fill ~r 3
		evaluate: page ~r ~s 0 "" -> ~r000,~r001,~r002 (0, next "")
		evaluate: page ~r ~s -1 "" -> ~r000,~r001,~r002 (3, next "")
		evaluate: page ~r ~s 0 ~r001 -> ~r001,~r002 (2, next "")
	`},
	{"a page is larger than the peer's batch", `
		submit: fill ~r 230
		evaluate: page ~r229 ~s 150 "" -> ~r229 (1, next "")
		evaluate: pagecount ~r ~s 150 "" -> 150 (150, next "~r150")
		evaluate: pagecount ~r ~s 150 ~r150 -> 80 (80, next "")
		evaluate: pagecount ~r ~s 100 ~r100 -> 100 (100, next "~r200")
	`},
	{"pages are for queries that write nothing", `
		submit: fill ~r 3
		endorse: page ~r ~s 2 "" ; put ~k v -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, PUT_STATE failed: transaction ID: <tx>: txid [<tx>]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed
		endorse: put ~k v ; page ~r ~s 2 "" -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: chaincode response 500, GET_STATE_BY_RANGE failed: transaction ID: <tx>: txid [<tx>]: unsuppored transaction. Paginated queries are supported only in a read-only transaction
		a = endorse: page ~r ~s 2 ""
		set a -> scan from ~r to ~r001 unfinished ~r000 (0.0) ~r001 (0.0)
	`},
	{"composite keys are found by their beginning", `
		submit: composed ~kind a 1 ; composed ~kind a 2 ; composed ~kind b 1 ; composed ~kindred a 1
		evaluate: partial ~kind -> a/1,a/2,b/1
		evaluate: partial ~kind a -> a/1,a/2
		evaluate: partial ~kind a 1 -> a/1
		evaluate: partial ~kin -> ""
		a = endorse: partial ~kind a
		set a -> scan from "\x00~kind\x00a\x00" to "\x00~kind\x00a\x00\U0010ffff" "\x00~kind\x00a\x001\x00" (0.0) "\x00~kind\x00a\x002\x00" (0.0)
		evaluate: pagepartial 2 "" ~kind -> a/1,a/2 (2, next "\x00~kind\x00b\x001\x00")
	`},
	{"composite keys come apart again", `
		evaluate: compose ~kind a "" b -> "\x00~kind\x00a\x00\x00b\x00"
		evaluate: split "\x00~kind\x00a\x00\x00b\x00" -> ~kind,a,,b
	`},
	{"composite keys have rules", `
		evaluate: compose "" -> "\x00\x00"
		evaluate: compose "a\x00b" -> evaluate Unknown: <endorser>: chaincode response 500, input contains unicode U+0000 starting at position [1]. U+0000 and U+10FFFF are not allowed in the input attribute of a composite key
		| AlphaMSP alpha: the same
		evaluate: compose a "b\U0010ffff" -> evaluate Unknown: <endorser>: chaincode response 500, input contains unicode U+10FFFF starting at position [1]. U+0000 and U+10FFFF are not allowed in the input attribute of a composite key
		| AlphaMSP alpha: the same
		evaluate: compose a "\xff" -> evaluate Unknown: <endorser>: chaincode response 500, not a valid utf8 string: [ff]
		| AlphaMSP alpha: the same
		evaluate: partial "" -> ""
	`},
	{"history is newest first and shows deletions", `
		submit: put ~k 1
		submit: put ~k 2
		submit: del ~k
		submit: put ~k 3
		evaluate: history ~k -> 3,deleted,2,1
		evaluate: history ~absent -> ""
	`},
	{"history carries transaction and the client's time", `
		submit: put ~k 1
		evaluate: past ~k -> 1 <tx> <time>
	`},
	{"history knows valid transactions only", `
		submit: put ~k 1
		a = endorse: add ~k 1
		b = endorse: add ~k 1
		order a b -> VALID MVCC_READ_CONFLICT
		submit by alpha: put ~k 9 -> ENDORSEMENT_POLICY_FAILURE
		evaluate: history ~k -> 2,1
	`},
	{"history knows what one block did twice", `
		a = endorse: put ~k 1
		b = endorse: put ~k 2
		order a b -> VALID VALID
		evaluate: history ~k -> 2,1
	`},
	{"history is not in the read set, and does not see the own writes", `
		submit: put ~k 1
		a = endorse: put ~k 2 ; history ~k -> ;1
		set a -> write ~k=2
	`},
	{"history of keys that contain one another", `
		submit: put ~k 1
		submit: put "~k\x00" 2
		submit: put ~kk 3
		evaluate: history ~k -> 1
	`},
	{"rich queries need another database", `
		evaluate: rich "{\"selector\":{}}" -> evaluate Unknown: <endorser>: chaincode response 500, GET_QUERY_RESULT failed: transaction ID: <tx>: ExecuteQuery not supported for leveldb
		| AlphaMSP alpha: the same
		evaluate: richp shared "{\"selector\":{}}" -> evaluate Unknown: <endorser>: chaincode response 500, GET_QUERY_RESULT failed: transaction ID: <tx>: ExecuteQuery not supported for leveldb
		| AlphaMSP alpha: the same
	`},
}
