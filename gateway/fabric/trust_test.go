package fabric_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/gateway/fabric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// liar is another organisation's peer: whatever it is asked about, it gives the same verdict.
type liar struct {
	gateway.UnimplementedGatewayServer
	verdict peer.TxValidationCode
	asked   atomic.Int32
}

func (l *liar) CommitStatus(context.Context, *gateway.SignedCommitStatusRequest) (*gateway.CommitStatusResponse, error) {
	l.asked.Add(1)
	return &gateway.CommitStatusResponse{Result: l.verdict, BlockNumber: 4242}, nil
}

// TestAnotherOrganisationsPeerIsNotBelieved lets one's own peer fall silent after the submission,
// while a competitor's peer in the same profile has a lie ready.
func TestAnotherOrganisationsPeerIsNotBelieved(t *testing.T) {
	for _, row := range []struct {
		name    string
		landed  bool
		verdict peer.TxValidationCode
	}{
		{"it calls a sale valid that is on no ledger", false, peer.TxValidationCode_VALID},
		{"it calls a sale void that is on the ledger", true, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE},
		{"it says that a sale collided which is on the ledger", true, peer.TxValidationCode_MVCC_READ_CONFLICT},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			f := newFake()
			f.mute = true
			f.submit = func(int) (bool, error) { return row.landed, nil }
			f.status = func(int) error { return status.Error(codes.Unavailable, "peer is stopping") }
			competitor := &liar{verdict: row.verdict}
			c := connectAs(t, "KorenaarMSP", f, competitor)
			applied, err := c.Apply(t.Context(), batchOf(1), nil)
			if fabric.ClassOf(err) != fabric.Unknown {
				t.Errorf("heard block %d, %v", applied.Block, err)
			}
			if n := competitor.asked.Load(); n != 0 {
				t.Errorf("the competitor was asked %d times", n)
			}
		})
	}
}

// TestWithoutPeersOfItsOwnAnOrganisationBelievesItsProfile is the auditor's case.
func TestWithoutPeersOfItsOwnAnOrganisationBelievesItsProfile(t *testing.T) {
	inVirtualTime(t, "the second peer tells", func(t *testing.T) {
		f := newFake()
		f.mute = true
		f.status = func(int) error { return status.Error(codes.Unavailable, "peer is stopping") }
		other := &liar{verdict: peer.TxValidationCode_VALID}
		c := connectAs(t, "AuditorMSP", f, other)
		if applied, err := c.Apply(t.Context(), batchOf(1), nil); err != nil || applied.Block != 4242 {
			t.Errorf("heard block %d, %v", applied.Block, err)
		}
	})
}

// connectAs connects a client of an organisation to a peer of Korenaar and one of Duinmarkt.
func connectAs(t *testing.T, mspID string, own *fake, other gateway.GatewayServer) *fabric.Client {
	t.Helper()
	lines := map[string]*bufconn.Listener{"own": bufconn.Listen(1 << 20), "other": bufconn.Listen(1 << 20)}
	for name, services := range map[string]gateway.GatewayServer{"own": own, "other": other} {
		server := grpc.NewServer()
		gateway.RegisterGatewayServer(server, services)
		if name == "own" {
			peer.RegisterDeliverServer(server, own)
		}
		go server.Serve(lines[name]) //nolint:errcheck // it ends with Stop
		t.Cleanup(server.Stop)
	}
	profile := &fabric.Profile{MSP: mspID, Peers: []fabric.Endpoint{
		{Name: "peer0.korenaar", MSP: "KorenaarMSP", Address: "passthrough:///own"},
		{Name: "peer0.duinmarkt", MSP: "DuinmarktMSP", Address: "passthrough:///other"},
	}}
	c, err := fabric.Connect(profile, newIdentity(t, mspID), fabric.Options{
		Endorsers: []string{"KorenaarMSP", "ClearingMSP"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Dial: []grpc.DialOption{
			grpc.WithContextDialer(func(_ context.Context, address string) (net.Conn, error) { return lines[address].Dial() }),
			grpc.WithTransportCredentials(insecure.NewCredentials()),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := c.Height(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}
