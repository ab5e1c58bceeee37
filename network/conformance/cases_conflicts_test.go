package conformance_test

// conflictCases are about transactions that were endorsed on what another has changed meanwhile.
var conflictCases = []Case{
	{"in one block the first of two readers of a key wins", `
		a = endorse: add ~n 1 -> 1
		b = endorse as beta: add ~n 1 -> 1
		order a b -> VALID MVCC_READ_CONFLICT
		evaluate: get ~n -> 1
	`},
	{"a block later it is the same", `
		submit: add ~n 1 -> VALID 1
		a = endorse: add ~n 1 -> 2
		b = endorse: add ~n 1 -> 2
		order a -> VALID
		order b -> MVCC_READ_CONFLICT
		evaluate: get ~n -> 2
	`},
	{"the order in the block decides", `
		a = endorse: add ~n 1 -> 1
		b = endorse: add ~n 5 -> 5
		order b a -> VALID MVCC_READ_CONFLICT
		evaluate: get ~n -> 5
	`},
	{"blind writers never conflict", `
		a = endorse: put ~k 1
		b = endorse: put ~k 2
		c = endorse: put ~k 3
		order a b -> VALID VALID
		order c -> VALID
		evaluate: get ~k -> 3
	`},
	{"a reader conflicts with a writer before it, not behind it", `
		submit: put ~k 1
		a = endorse: get ~k ; put ~j x
		b = endorse: put ~k 2
		c = endorse: get ~k ; put ~j y
		order a b -> VALID VALID
		order c -> MVCC_READ_CONFLICT
	`},
	{"reading an absent key conflicts with its creation", `
		a = endorse: get ~k ; put ~k 1
		b = endorse: get ~k ; put ~k 2
		order a b -> VALID MVCC_READ_CONFLICT
	`},
	{"two who create a key without reading it do not conflict", `
		a = endorse: put ~k 1
		b = endorse: put ~k 2
		order a b -> VALID VALID
		evaluate: get ~k -> 2
	`},
	{"a deletion conflicts with readers", `
		submit: put ~k 1
		a = endorse: del ~k
		b = endorse: get ~k
		order a b -> VALID MVCC_READ_CONFLICT
	`},
	{"a key that was deleted and made again has another version", `
		submit: put ~k 1
		a = endorse: get ~k
		submit: del ~k
		submit: put ~k 1
		order a -> MVCC_READ_CONFLICT
	`},
	{"deleting an absent key does not disturb who read it as absent", `
		a = endorse: get ~k
		submit: del ~k
		order a -> VALID
		b = endorse: get ~k
		c = endorse: del ~k
		order c b -> VALID MVCC_READ_CONFLICT
	`},
	{"an invalid transaction disturbs nobody", `
		a = endorse by alpha: add ~n 1
		b = endorse: add ~n 2
		order a b -> ENDORSEMENT_POLICY_FAILURE VALID
		evaluate: get ~n -> 2
	`},
	{"what a transaction that lost would have written is not there", `
		a = endorse: add ~n 1 ; put ~a 1
		b = endorse: add ~n 1 ; put ~b 1
		c = endorse: get ~b ; put ~c 1
		order a b -> VALID MVCC_READ_CONFLICT
		order c -> VALID
		evaluate: many ~a ~b ~c -> 1,-,1
	`},
	{"a row that appears in a scanned range is a phantom", `
		submit: put ~a 1 ; put ~c 1
		a = endorse: put ~b 1
		b = endorse: range ~a ~z ; put ~sum 2
		order a b -> VALID PHANTOM_READ_CONFLICT
	`},
	{"a block later it is the same for ranges", `
		submit: put ~a 1
		a = endorse: range ~a ~m ; put ~z 1
		submit: put ~b 1
		order a -> PHANTOM_READ_CONFLICT
	`},
	{"a row that goes is a phantom", `
		submit: put ~a 1 ; put ~b 1
		a = endorse: del ~b
		b = endorse: range ~a ~m ; put ~z 1
		order a b -> VALID PHANTOM_READ_CONFLICT
	`},
	{"a row that changes is a phantom", `
		submit: put ~a 1 ; put ~b 1
		a = endorse: put ~b 2
		b = endorse: range ~a ~m ; put ~z 1
		order a b -> VALID PHANTOM_READ_CONFLICT
		c = endorse: range ~a ~m ; put ~z 1
		submit: put ~b 3
		order c -> PHANTOM_READ_CONFLICT
	`},
	{"a row beside the range is none", `
		submit: put ~b 1
		a = endorse: put ~a 1 ; put ~m 1
		b = endorse: range ~b ~m ; put ~z 1
		order a b -> VALID VALID
	`},
	{"a row that would have come is none if its transaction is invalid", `
		a = endorse by alpha: put ~b 1
		b = endorse: range ~a ~m ; put ~z 1
		order a b -> ENDORSEMENT_POLICY_FAILURE VALID
	`},
	{"the own writes in the range are no phantoms", `
		a = endorse: range ~a ~m ; put ~b 1
		order a -> VALID
	`},
	{"the second of two who fill an empty range", `
		a = endorse: range ~a ~m ; put ~b 1
		b = endorse: range ~a ~m ; put ~c 1
		order a b -> VALID PHANTOM_READ_CONFLICT
	`},
	{"what is behind a scan left early does not count", `
		submit: fill ~r 250
		a = endorse: peek ~r ~s 1 ; put ~z 1
		b = endorse: peek ~r ~s 1 ; put ~z 1
		submit: put ~r150 new
		order a -> VALID
		submit: put ~r099 new
		order b -> PHANTOM_READ_CONFLICT
	`},
	{"the edge of what the peer has read ahead", `
		submit: fill ~r 250
		a = endorse: peek ~r ~s 1 ; put ~z 1
		b = endorse: peek ~r ~s 1 ; put ~z 1
		submit: put ~r101 new
		order a -> VALID
		submit: put ~r100 new
		order b -> PHANTOM_READ_CONFLICT
	`},
	{"phantoms among rows recorded as hashes", `
		submit: fill ~r 200
		a = endorse: rows ~r ~s ; put ~z 1
		b = endorse: rows ~r ~s ; put ~z 1
		order a -> VALID
		submit: put ~r150x new
		order b -> PHANTOM_READ_CONFLICT
		c = endorse: rows ~r ~s ; put ~z 1
		submit: put ~r010 new
		order c -> PHANTOM_READ_CONFLICT
		d = endorse: rows ~r ~s ; put ~z 1
		submit: del ~r199
		order d -> PHANTOM_READ_CONFLICT
	`},
	{"a composite range has phantoms, too", `
		submit: composed ~kind a 1
		a = endorse: partial ~kind a ; put ~z 1
		submit: composed ~kind a 2
		order a -> PHANTOM_READ_CONFLICT
	`},
	{"a read conflict is found before a phantom", `
		submit: put ~a 1
		a = endorse: range ~a ~m ; get ~a ; put ~z 1
		submit: put ~a 2
		order a -> MVCC_READ_CONFLICT
	`},
	{"a page is checked as a range is", `
		submit: put ~a 1
		a = endorse: page ~a ~m 10 ""
		submit: put ~b 1
		order a -> PHANTOM_READ_CONFLICT
	`},
	{"the same transaction twice in a block", `
		a = endorse: add ~n 1
		order a a -> VALID DUPLICATE_TXID
		evaluate: get ~n -> 1
	`},
	{"the same transaction a block later", `
		a = submit: add ~n 1 -> VALID 1
		order a -> DUPLICATE_TXID
		status a -> VALID in block 0
		evaluate: get ~n -> 1
	`},
	{"an invalid transaction sent again", `
		a = endorse: add ~n 1
		submit: add ~n 5 -> VALID 5
		order a -> MVCC_READ_CONFLICT
		order a -> DUPLICATE_TXID
		status a -> MVCC_READ_CONFLICT in block 1
	`},
	{"an invalid transaction twice in a block", `
		a = endorse: add ~n 1
		submit: add ~n 5 -> VALID 5
		order a a -> MVCC_READ_CONFLICT DUPLICATE_TXID
		b = endorse by alpha: add ~n 1
		order b b -> ENDORSEMENT_POLICY_FAILURE ENDORSEMENT_POLICY_FAILURE
		status b -> ENDORSEMENT_POLICY_FAILURE in block 2
	`},
	{"a proposal whose transaction has committed is not endorsed again", `
		a = submit: add ~n 1 -> VALID 1
		again a -> endorse Aborted: <not endorsed>
		| AlphaMSP alpha: duplicate transaction found [<tx>]. Creator [<hex>]
	`},
	{"a proposal whose transaction was invalid is not endorsed again either", `
		a = endorse by alpha: add ~n 1
		order a -> ENDORSEMENT_POLICY_FAILURE
		again a -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: duplicate transaction found [<tx>]. Creator [<hex>]
	`},
	{"a proposal can be endorsed twice before its transaction commits", `
		a = endorse: add ~n 1 -> 1
		again a -> 1
		order a -> VALID
	`},
}
