package devnet_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/zegel/zegel/network/devnet"
)

// ledgerContract is a contract in the style of most Go chaincode projects.
type ledgerContract struct{ contractapi.Contract }

// Deposit adds to an account and returns the new balance.
func (*ledgerContract) Deposit(ctx contractapi.TransactionContextInterface, account string, amount int64) (int64, error) {
	value, err := ctx.GetStub().GetState(account)
	if err != nil {
		return 0, err
	}
	balance, _ := strconv.ParseInt(string(value), 10, 64)
	balance += amount
	return balance, ctx.GetStub().PutState(account, strconv.AppendInt(nil, balance, 10))
}

// Caller says who calls, as contract-api sees it.
func (*ledgerContract) Caller(ctx contractapi.TransactionContextInterface) (string, error) {
	return ctx.GetClientIdentity().GetMSPID()
}

func newLedgerContract() shim.Chaincode {
	chaincode, err := contractapi.NewChaincode(&ledgerContract{})
	if err != nil {
		panic(err)
	}
	return chaincode
}

func TestContractAPI(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) {
		config.Chaincodes = []devnet.Chaincode{{Name: "ledger", Version: "1", Sequence: 1, New: newLedgerContract}}
	}).start()
	contract := c.as("BMSP").GetNetwork(channelName).GetContract("ledger")
	for _, want := range []string{"5", "10"} {
		if got := string(put(t, contract, "Deposit", "alice", "5")); got != want {
			t.Errorf("balance %s, not %s", got, want)
		}
	}
	if got := evaluate(t, contract, "Caller"); got != "BMSP" {
		t.Errorf("caller %q", got)
	}
	_, err := contract.SubmitTransaction("Deposit", "alice", "much")
	expect(t, err, codes.Aborted, "chaincode response 500, ")
	if got := evaluate(t, contract, "org.hyperledger.fabric:GetMetadata"); len(got) == 0 {
		t.Error("no metadata")
	}
}

func TestChaincodeAsAService(t *testing.T) {
	listener, err := net.Listen("tcp", "localhost:0")
	must(t, err)
	server := grpc.NewServer()
	peer.RegisterChaincodeServer(server, &shim.ChaincodeServer{CCID: "ledger:1", CC: newLedgerContract()})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	c := newConsortium(t, func(config *devnet.Config) {
		config.Chaincodes = []devnet.Chaincode{{Name: "ledger", Version: "1", Sequence: 1, Address: listener.Addr().String()}}
	}).start()
	contract := c.as("AMSP").GetNetwork(channelName).GetContract("ledger")
	put(t, contract, "Deposit", "alice", "5")
	if got := evaluate(t, contract, "Deposit", "alice", "1"); got != "6" {
		t.Errorf("balance %s", got)
	}
}
