package devnet_test

import (
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet"
)

// ask evaluates a system chaincode and decodes the answer.
func ask[M proto.Message](t *testing.T, g *client.Gateway, chaincode string, into M, args ...string) M {
	t.Helper()
	result, err := g.GetNetwork(channelName).GetContract(chaincode).EvaluateTransaction(args[0], args[1:]...)
	must(t, err)
	must(t, proto.Unmarshal(result, into))
	return into
}

func TestAuditorsAskAboutBlocks(t *testing.T) {
	c := newConsortium(t).start()
	tx := endorse(t, contract(c.as("AMSP")), nil, "put", "k", "v")
	if code := commit(t, tx); code != peer.TxValidationCode_VALID {
		t.Fatalf("code %s", code)
	}
	auditor := c.with("AuditorMSP", c.authorities["AuditorMSP"].issue("auditor", "client"), "AMSP")
	info := ask(t, auditor, "qscc", &common.BlockchainInfo{}, "GetChainInfo", channelName)
	if info.GetHeight() != 3 {
		t.Errorf("height %d", info.GetHeight())
	}
	byNumber := ask(t, auditor, "qscc", &common.Block{}, "GetBlockByNumber", channelName, "2")
	byHash := ask(t, auditor, "qscc", &common.Block{}, "GetBlockByHash", channelName, string(info.GetCurrentBlockHash()))
	byTx := ask(t, auditor, "qscc", &common.Block{}, "GetBlockByTxID", channelName, tx.TransactionID())
	if !proto.Equal(byNumber, byHash) || !proto.Equal(byNumber, byTx) {
		t.Error("three ways to one block lead to different blocks")
	}
	processed := ask(t, auditor, "qscc", &peer.ProcessedTransaction{}, "GetTransactionByID", channelName, tx.TransactionID())
	if processed.GetValidationCode() != int32(peer.TxValidationCode_VALID) {
		t.Errorf("code %d", processed.GetValidationCode())
	}
	config := ask(t, auditor, "cscc", &common.Block{}, "GetConfigBlock", channelName)
	if config.GetHeader().GetNumber() != 0 {
		t.Errorf("the configuration is in block %d", config.GetHeader().GetNumber())
	}
	group := ask(t, auditor, "cscc", &common.Config{}, "GetChannelConfig", channelName).GetChannelGroup()
	if len(group.GetGroups()["Application"].GetGroups()) != 4 {
		t.Errorf("groups %v", group.GetGroups())
	}
	for _, test := range []struct{ chaincode, function, argument, want string }{
		{"qscc", "GetBlockByNumber", "99", "chaincode response 500, Failed to get block number 99, error "},
		{"qscc", "GetBlockByNumber", "x", "chaincode response 500, Failed to parse block number with error "},
		{"qscc", "GetTransactionByID", "0000", "chaincode response 500, Failed to get transaction with id 0000, error "},
		{"qscc", "Nothing", "", "chaincode response 500, access denied for [Nothing][trade]: [Unmapped policy for qscc/Nothing]"},
		{"cscc", "Nothing", "", "chaincode response 500, Requested function Nothing not found."},
		{"_lifecycle", "QueryChaincodeDefinition", "", "chaincode response 500, lifecycle scc operations require exactly two arguments but received 3"},
	} {
		_, err := auditor.GetNetwork(channelName).GetContract(test.chaincode).EvaluateTransaction(test.function, channelName, test.argument)
		expect(t, err, codes.Unknown, test.want)
	}
}

func TestDefinitions(t *testing.T) {
	c := newConsortium(t).start()
	member := c.as("BMSP")
	arguments, err := proto.Marshal(&lifecycle.QueryChaincodeDefinitionArgs{Name: "basic"})
	must(t, err)
	definition := ask(t, member, "_lifecycle", &lifecycle.QueryChaincodeDefinitionResult{}, "QueryChaincodeDefinition", string(arguments))
	if definition.GetSequence() != 1 || definition.GetVersion() != "1.0" || len(definition.GetCollections().GetConfig()) != 3 || !definition.GetApprovals()["CMSP"] {
		t.Errorf("definition %v", definition)
	}
	all := ask(t, member, "_lifecycle", &lifecycle.QueryChaincodeDefinitionsResult{}, "QueryChaincodeDefinitions", "")
	if len(all.GetChaincodeDefinitions()) != 1 || all.GetChaincodeDefinitions()[0].GetName() != "basic" {
		t.Errorf("definitions %v", all)
	}
	unknown, err := proto.Marshal(&lifecycle.QueryChaincodeDefinitionArgs{Name: "nobody"})
	must(t, err)
	_, err = member.GetNetwork(channelName).GetContract("_lifecycle").EvaluateTransaction("QueryChaincodeDefinition", string(unknown))
	expect(t, err, codes.Unknown, "chaincode response 404, namespace nobody is not defined")
	_, err = member.GetNetwork(channelName).GetContract("_lifecycle").EvaluateTransaction("QueryInstalledChaincodes", "")
	expect(t, err, codes.Unknown, "Failed to authorize invocation due to failed ACL check: ")
	admin := c.with("BMSP", c.authorities["BMSP"].issue("admin", "admin"), "")
	installed := ask(t, admin, "_lifecycle", &lifecycle.QueryInstalledChaincodesResult{}, "QueryInstalledChaincodes", "")
	if len(installed.GetInstalledChaincodes()) != 1 || installed.GetInstalledChaincodes()[0].GetLabel() != "basic_1.0" {
		t.Errorf("installed %v", installed)
	}
}

func TestSystemChaincodeIsNotForChaincode(t *testing.T) {
	c := newConsortium(t).start()
	_, err := contract(c.as("AMSP")).EvaluateTransaction("call", "qscc", "GetChainInfo", channelName)
	expect(t, err, codes.Unknown, "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks")
}

func TestImplicitCollections(t *testing.T) {
	c := newConsortium(t).start()
	a, b := contract(c.as("AMSP")), contract(c.as("BMSP"))
	putPrivate(t, a, "_implicit_org_AMSP", "k", "own", client.WithEndorsingOrganizations("AMSP"))
	if got := evaluate(t, a, "getPrivate", "_implicit_org_AMSP", "k"); got != "own" {
		t.Errorf("read %q", got)
	}
	eventually(t, "the other peer has committed", func() bool { return c.network.Height("peer0.BMSP") == 3 })
	_, err := b.EvaluateTransaction("getPrivate", "_implicit_org_AMSP", "k")
	expect(t, err, codes.Unknown, "private data matching public hash version is not available")
}

func TestRequiredPeers(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.Chaincodes[0].Collections[1].RequiredPeerCount = 1 }).start()
	a := contract(c.as("AMSP"))
	putPrivate(t, a, "shared", "k", "v")
	must(t, c.network.StopPeer("peer0.BMSP"))
	_, err := a.Submit("putPrivate", client.WithArguments("shared", "k"), transient("v"), client.WithEndorsingOrganizations("AMSP", "CMSP"))
	expect(t, err, codes.Aborted, "error in simulation: could not build private data dissemination plan for chaincode basic and collection shared: required to disseminate to at least 1 peers, but know of only 0 eligible peers")
}

func TestPeersThatMissedEverythingCatchUp(t *testing.T) {
	dir := t.TempDir()
	c := newConsortium(t, func(config *devnet.Config) { config.DataDir = dir }).start()
	a := contract(c.as("AMSP"))
	must(t, c.network.StopPeer("peer0.CMSP"))
	for range 5 {
		put(t, a, "add", "n", "1")
	}
	started := time.Now()
	must(t, c.network.StartPeer(t.Context(), "peer0.CMSP"))
	eventually(t, "it has all blocks", func() bool { return c.network.Height("peer0.CMSP") == 7 })
	t.Logf("caught up in %v", time.Since(started))
	if held := c.network.Faults().Held(); len(held) != 0 {
		t.Errorf("held %v", held)
	}
	if info := c.network.Peer("peer0.CMSP"); info.MSPID != "CMSP" || info.Address == "" {
		t.Errorf("peer %+v", info)
	}
}
