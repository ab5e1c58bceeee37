package main

import (
	"net"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// TestAPeerCanDialTheService does what a peer does first: it connects and hears which chaincode
// it has reached.
func TestAPeerCanDialTheService(t *testing.T) {
	const name = "loyalty:0123456789abcdef"
	address := freeAddress(t)
	t.Setenv("CHAINCODE_SERVER_ADDRESS", address)
	t.Setenv("CHAINCODE_ID", name)
	stopped := make(chan error, 1)
	go func() { stopped <- run() }() // it has no stop: it ends with the process

	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	stream, err := peer.NewChaincodeClient(connection).Connect(t.Context(), grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var id peer.ChaincodeID
	if err := proto.Unmarshal(first.GetPayload(), &id); err != nil {
		t.Fatal(err)
	}
	if first.GetType() != peer.ChaincodeMessage_REGISTER || id.GetName() != name {
		t.Errorf("the service said %v %q", first.GetType(), id.GetName())
	}
	select {
	case err := <-stopped:
		t.Errorf("the service ended: %v", err)
	default:
	}
}

func TestTheServiceNeedsItsName(t *testing.T) {
	t.Setenv("CHAINCODE_SERVER_ADDRESS", "127.0.0.1:0")
	t.Setenv("CHAINCODE_ID", "")
	t.Setenv("CORE_CHAINCODE_ID_NAME", "")
	if err := run(); err == nil {
		t.Error("a service without a name was started")
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
