package conformance_test

// queryCases are about the chaincodes that are part of a peer.
var queryCases = []Case{
	{"how long is the chain", `
		evaluate on qscc: GetChainInfo $channel -> height true, current hash true, previous hash true
		submit: put ~k 1
		evaluate on qscc: GetChainInfo $channel -> height true, current hash true, previous hash true
		evaluate on qscc as auditor: GetChainInfo $channel -> height true, current hash true, previous hash true
		evaluate on qscc as beta: GetChainInfo $channel -> height true, current hash true, previous hash true
	`},
	{"a block by its number", `
		submit: put ~k 1
		evaluate on qscc: GetBlockByNumber $channel @0 -> block 0, the same true
		evaluate on qscc: GetBlockByNumber $channel @1 -> evaluate Unknown: <endorser>: chaincode response 500, Failed to get block number <n>, error no such block number [<n>] in index
		| AlphaMSP alpha: the same
		evaluate on qscc: GetBlockByNumber $channel 18446744073709551615 -> block 0, the same true
		evaluate on qscc: GetBlockByNumber $channel x -> evaluate Unknown: <endorser>: chaincode response 500, Failed to parse block number with error strconv.ParseUint: parsing "x": invalid syntax
		| AlphaMSP alpha: the same
		evaluate on qscc: GetBlockByNumber $channel -> evaluate Unknown: <endorser>: chaincode response 500, missing 3rd argument for GetBlockByNumber
		| AlphaMSP alpha: the same
		evaluate on qscc: GetBlockByNumber nowhere 0 -> evaluate Unknown: <endorser>: chaincode response 500, Invalid chain ID, nowhere
		| AlphaMSP alpha: the same
	`},
	{"a block by one of its transactions", `
		a = submit: put ~k 1 -> VALID
		evaluate on qscc: GetBlockByTxID $channel $a -> block 0, the same true
		evaluate on qscc: GetBlockByTxID $channel nobody -> evaluate Unknown: <endorser>: chaincode response 500, Failed to get block for txID nobody, error no such transaction ID [nobody] in index
		| AlphaMSP alpha: the same
		evaluate on qscc: GetBlockByTxID $channel "" -> evaluate Unknown: <endorser>: chaincode response 500, Failed to get block for txID , error no such transaction ID [] in index
		| AlphaMSP alpha: the same
	`},
	{"a block by its hash", `
		submit: put ~k 1
		evaluate on qscc: GetBlockByHash $channel #0 -> block 0, the same true
		evaluate on qscc: GetBlockByHash $channel nobody -> evaluate Unknown: <endorser>: chaincode response 500, Failed to get block hash nobody, error no such block hash [6e6f626f6479] in index
		| AlphaMSP alpha: the same
	`},
	{"a transaction by its identifier", `
		a = submit: put ~k 1 -> VALID
		b = submit by alpha: put ~k 2 -> ENDORSEMENT_POLICY_FAILURE
		evaluate on qscc: GetTransactionByID $channel $a -> <tx> VALID
		evaluate on qscc: GetTransactionByID $channel $b -> <tx> ENDORSEMENT_POLICY_FAILURE
		order a -> DUPLICATE_TXID
		evaluate on qscc: GetTransactionByID $channel $a -> <tx> VALID
		evaluate on qscc: GetTransactionByID $channel nobody -> evaluate Unknown: <endorser>: chaincode response 500, Failed to get transaction with id nobody, error no such transaction ID [nobody] in index
		| AlphaMSP alpha: the same
	`},
	{"a question qscc does not know", `
		evaluate on qscc: Nothing $channel -> evaluate Unknown: <endorser>: chaincode response 500, missing 3rd argument for Nothing
		| AlphaMSP alpha: the same
		evaluate on qscc: GetChainInfo -> evaluate Unknown: <endorser>: chaincode response 500, Incorrect number of arguments, 1
		| AlphaMSP alpha: the same
		evaluate on qscc: GetChainInfo "" -> evaluate Unknown: <endorser>: chaincode response 500, Invalid chain ID,
		| AlphaMSP alpha: the same
		evaluate on qscc as mallory: GetChainInfo $channel -> evaluate FailedPrecondition: <endorser>: <malformed>
		| AlphaMSP alpha: the same
	`},
	{"which channels a peer has joined", `
		evaluate on cscc: GetChannels -> trial
		evaluate on cscc as alpha.admin: GetChannels -> trial
		evaluate on cscc as auditor: GetChannels -> evaluate Unknown: <endorser>: chaincode response 500, access denied for [GetChannels]: Failed deserializing proposal creator during channelless check policy with policy [Members]: [expected MSP ID AlphaMSP, received AuditorMSP]
		| AlphaMSP alpha: the same
		evaluate on cscc: Nothing x -> evaluate Unknown: <endorser>: chaincode response 500, Requested function Nothing not found.
		| AlphaMSP alpha: the same
	`},
	{"how the channel is configured", `
		evaluate on cscc: GetConfigBlock $channel -> the first block, the same true
		evaluate on cscc: GetChannelConfig $channel -> Application AlphaMSP,AuditorMSP,BetaMSP,ClearingMSP; Orderer ClearingMSP
		evaluate on cscc: GetConfigBlock nowhere -> evaluate Unknown: <endorser>: chaincode response 500, access denied for [GetConfigBlock][nowhere]: Failed to get policy manager for channel [nowhere]
		| AlphaMSP alpha: the same
		evaluate on cscc as auditor: GetConfigBlock $channel -> the first block, the same true
	`},
	{"a peer's own chaincode endorses nothing", `
		endorse on qscc: GetChainInfo $channel -> endorse FailedPrecondition: no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode qscc in channel trial
	`},
	{"how chaincode is defined", `
		evaluate on _lifecycle as alpha.admin: QueryChaincodeDefinition "\n\x05probe" -> version 1.0, sequence 1, escc, vscc, 8 collections, approved by AlphaMSP true AuditorMSP false BetaMSP true ClearingMSP true
		evaluate on _lifecycle: QueryChaincodeDefinition "\n\x05probe" -> version 1.0, sequence 1, escc, vscc, 8 collections, approved by AlphaMSP true AuditorMSP false BetaMSP true ClearingMSP true
		evaluate on _lifecycle as auditor: QueryChaincodeDefinition "\n\x05probe" -> version 1.0, sequence 1, escc, vscc, 8 collections, approved by AlphaMSP true AuditorMSP false BetaMSP true ClearingMSP true
		evaluate on _lifecycle: QueryChaincodeDefinition "\n\x06nobody" -> evaluate Unknown: <endorser>: chaincode response 404, namespace nobody is not defined
		| AlphaMSP alpha: the same
		evaluate on _lifecycle: QueryChaincodeDefinitions "" -> probe version 1.0, sequence 1
		evaluate on _lifecycle: Nothing "" -> evaluate Unknown: <endorser>: chaincode response 500, Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/Nothing
		| AlphaMSP alpha: the same
	`},
}
