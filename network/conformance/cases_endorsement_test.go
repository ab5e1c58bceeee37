package conformance_test

// endorsementCases are about who has to agree, and on what. Two of Alpha, Beta and Clearing are enough for the probe.
var endorsementCases = []Case{
	{"two organisations are enough", `
		submit by alpha,beta: put ~k 1 -> VALID
		submit by beta,clearing: put ~k 2 -> VALID
		submit by alpha,beta,clearing: put ~k 3 -> VALID
		submit as beta: put ~k 4 -> VALID
	`},
	{"one is not", `
		submit by alpha: put ~k 1 -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha,alpha: put ~k 1 -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha: noop -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha: get ~k -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"endorsers who disagree", `
		submit: put ~k v
		submit: demand ~k AlphaMSP BetaMSP
		endorse: differ ~k -> endorse Aborted: <not enough endorsed>
		| BetaMSP beta: ProposalResponsePayloads do not match
	`},
	{"a key has a policy of its own", `
		submit: put ~k 1
		a = endorse: demand ~k ClearingMSP
		set a -> describe ~k in 1 entries
		order a -> VALID
		evaluate: demands ~k -> ClearingMSP
		submit by alpha,beta: put ~k 2 -> ENDORSEMENT_POLICY_FAILURE
		submit by clearing: put ~k 3 -> VALID
		submit by alpha,beta: del ~k -> ENDORSEMENT_POLICY_FAILURE
		evaluate: get ~k -> 3
	`},
	{"the gateway finds whom a key's policy asks for", `
		submit: put ~k 1
		submit: demand ~k BetaMSP ClearingMSP
		submit: put ~k 2 -> VALID
		submit as clearing: put ~k 3 -> VALID
	`},
	{"a new key takes its policy along", `
		submit: put ~k 1 ; demand ~k AlphaMSP -> VALID ;
		submit by alpha: put ~k 2 -> VALID
		submit by beta,clearing: put ~k 3 -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"a policy for an absent key says nothing", `
		submit: demand ~k AlphaMSP -> VALID
		evaluate: demands ~k -> ""
		submit by beta,clearing: put ~k 1 -> VALID
	`},
	{"a policy goes with its key", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		submit by alpha: del ~k -> VALID
		evaluate: demands ~k -> ""
		submit by beta,clearing: put ~k 2 -> VALID
	`},
	{"a policy stays when the value changes", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		submit by alpha: put ~k 2 -> VALID
		evaluate: demands ~k -> AlphaMSP
	`},
	{"a policy is changed under the policy there is", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		submit by beta,clearing: demand ~k BetaMSP -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha: demand ~k BetaMSP -> VALID
		submit by beta: put ~k 2 -> VALID
	`},
	{"a policy is taken away", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		a = endorse by alpha: demand ~k
		set a -> describe ~k in 1 entries
		order a -> VALID
		evaluate: demands ~k -> ""
		submit by beta,clearing: put ~k 2 -> VALID
		submit by alpha: put ~k 3 -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"keys with and without a policy in one transaction", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		submit by alpha: put ~k 2 ; put ~j 2 -> ENDORSEMENT_POLICY_FAILURE
		submit by beta,clearing: put ~k 2 ; put ~j 2 -> ENDORSEMENT_POLICY_FAILURE
		submit by alpha,beta: put ~k 2 ; put ~j 2 -> VALID ;
		submit: put ~k 3 ; put ~j 3 -> VALID ;
	`},
	{"reading a key does not bring its policy in", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		submit by beta,clearing: get ~k ; put ~j 1 -> VALID 1;
	`},
	{"a policy's change and a write in one block", `
		submit: put ~k 1
		a = endorse: demand ~k ClearingMSP
		b = endorse by alpha,beta: put ~k 2
		order a b -> VALID ENDORSEMENT_POLICY_FAILURE
		evaluate: get ~k -> 1
	`},
	{"a write and a policy's change in one block", `
		submit: put ~k 1
		a = endorse by alpha,beta: put ~k 2
		b = endorse: demand ~k ClearingMSP
		order a b -> VALID VALID
		evaluate: get ~k -> 2
		evaluate: demands ~k -> ClearingMSP
	`},
	{"an invalid change of a policy does not count in its block", `
		submit: put ~k 1
		a = endorse by alpha: demand ~k ClearingMSP
		b = endorse by alpha,beta: put ~k 2
		order a b -> ENDORSEMENT_POLICY_FAILURE VALID
	`},
	{"setting a policy is a write for readers of the key", `
		submit: put ~k 1
		a = endorse: get ~k ; put ~z 1
		submit: demand ~k AlphaMSP BetaMSP
		order a -> MVCC_READ_CONFLICT
	`},
	{"reading a policy conflicts with its change", `
		submit: put ~k 1 ; demand ~k AlphaMSP BetaMSP
		a = endorse: demands ~k ; put ~z 1
		set a -> read ~k (0.0), write ~z=1
		submit: demand ~k AlphaMSP
		order a -> MVCC_READ_CONFLICT
	`},
	{"a policy is not read back in its own transaction", `
		submit: put ~k 1 ; demand ~k AlphaMSP
		evaluate: demand ~k BetaMSP ; demands ~k -> ;AlphaMSP
	`},
	{"a private key has a policy of its own", `
		submit by alpha,clearing with value=1: putp baskets-AlphaMSP ~k
		a = endorse by alpha,clearing: demandp baskets-AlphaMSP ~k BetaMSP
		set a -> baskets-AlphaMSP: describe
		order a -> VALID
		evaluate: demandsp baskets-AlphaMSP ~k -> BetaMSP
		submit by alpha,clearing with value=2: putp baskets-AlphaMSP ~k -> ENDORSEMENT_POLICY_FAILURE
		submit by beta with value=3: putp baskets-AlphaMSP ~k -> VALID
	`},
	{"a policy that is none", `
		submit: put ~k 1
		submit: baddemand ~k -> VALID
		submit by alpha,beta: put ~k 2 -> endorse Aborted: <not enough endorsed>
		| AlphaMSP alpha: error in simulation: error unmarshalling SignaturePolicyEnvelope: proto: cannot parse invalid wire-format data
		| BetaMSP beta: error in simulation: error unmarshalling SignaturePolicyEnvelope: proto: cannot parse invalid wire-format data
		evaluate: demands ~k -> evaluate Unknown: <endorser>: chaincode response 500, Error unmarshaling to SignaturePolicy: proto: cannot parse invalid wire-format data
		| AlphaMSP alpha: the same
	`},
	{"an organisation nobody knows", `
		submit: put ~k 1 ; demand ~k NobodyMSP -> VALID ;
		submit: put ~k 2 -> endorse FailedPrecondition: no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy
		submit by alpha,beta,clearing: put ~k 2 -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"an organisation without a peer", `
		endorse by alpha,nobody: put ~k 1 -> endorse Unavailable: failed to find any endorsing peers for org(s): NobodyMSP
		endorse by auditor: put ~k 1 -> endorse Unavailable: failed to find any endorsing peers for org(s): AuditorMSP
		endorse by nobody,auditor: put ~k 1 -> endorse Unavailable: failed to find any endorsing peers for org(s): NobodyMSP, AuditorMSP
		evaluate by nobody: get ~k -> evaluate FailedPrecondition: no peers available to evaluate chaincode probe in channel trial
	`},
	{"what was endorsed cannot be changed", `
		a = endorse by alpha,beta: put ~k endorsed
		b = forge a result
		order b -> ENDORSEMENT_POLICY_FAILURE
		c = endorse by alpha,beta: put ~k endorsed
		d = forge c response
		order d -> ENDORSEMENT_POLICY_FAILURE
		evaluate: get ~k -> ""
	`},
	{"what was proposed cannot be changed", `
		a = endorse by alpha,beta: put ~k v
		b = forge a proposal
		order b -> INVALID_ENDORSER_TRANSACTION
		c = endorse by alpha,beta: put ~k v
		d = forge c no-proposal-hash
		order d -> INVALID_ENDORSER_TRANSACTION
	`},
	{"endorsements cannot be left out or repeated", `
		a = endorse by alpha,beta: put ~k v
		b = forge a unendorsed
		order b -> ENDORSEMENT_POLICY_FAILURE
		c = endorse by alpha,beta: put ~k v
		d = forge c endorsed-once
		order d -> ENDORSEMENT_POLICY_FAILURE
		e = endorse by alpha,beta: put ~k v
		f = forge e endorsed-twice
		order f -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"an endorsement has one form", `
		a = endorse by alpha,beta: put ~k v
		b = forge a high-s
		order b -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"a transaction belongs to its proposal", `
		a = endorse by alpha,beta: put ~k v
		b = forge a txid
		order b -> BAD_PROPOSAL_TXID
		c = forge a epoch
		order c -> BAD_COMMON_HEADER
		d = forge a type
		order d -> BAD_COMMON_HEADER
		e = forge a no-extension
		order e -> INVALID_ENDORSER_TRANSACTION
		f = forge a two-actions
		order f -> INVALID_ENDORSER_TRANSACTION
	`},
	{"even if enough endorse it: another chaincode's keys", `
		a = endorse by alpha,beta: put ~k v
		b = forge a unknown-namespace
		order b -> INVALID_CHAINCODE
		c = endorse by alpha,beta: put ~k v
		d = forge c system
		order d -> INVALID_CHAINCODE
		e = endorse by alpha,beta: put ~k v
		f = forge e definition
		order f -> ENDORSEMENT_POLICY_FAILURE
	`},
	{"even if enough endorse it: another chaincode's name", `
		a = endorse by alpha,beta: put ~k v
		b = forge a other-chaincode
		order b -> INVALID_CHAINCODE
		c = endorse by alpha,beta: put ~k v
		d = forge c no-version
		order d -> INVALID_CHAINCODE
		e = endorse by alpha,beta: put ~k v
		f = forge e other-version
		order f -> VALID
		g = endorse by alpha,beta: event e 1
		h = forge g other-event
		order h -> INVALID_OTHER_REASON
	`},
	{"even if enough endorse it: what no peer can read", `
		a = endorse by alpha,beta: put ~k v
		b = forge a garbage
		order b -> BAD_RWSET
		c = endorse by alpha,beta: put ~k v
		d = forge c namespace-twice
		order d -> ILLEGAL_WRITESET
	`},
	{"even if enough endorse it: a refusal", `
		a = endorse by alpha,beta: put ~k v
		b = forge a refusal
		order b -> VALID
		evaluate: get ~k -> v
	`},
}
