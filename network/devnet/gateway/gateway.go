// Package gateway is the gateway service of a peer: for a client that talks to one peer only, it finds endorsers,
// collects endorsements, submits, and tells when a transaction has committed.
package gateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/msp"
)

// The limits of a peer's core.yaml.
const (
	endorsementTimeout = 30 * time.Second
	broadcastTimeout   = 30 * time.Second
)

// Endorser is a peer that can be asked to endorse.
type Endorser interface {
	MSPID() string
	Address() string
	Identity() *msp.Identity
	Height() uint64
	// Has says whether a chaincode is installed on the peer.
	Has(chaincode string) bool
	// Propose has the peer execute a proposal. Where the peer is another one than the gateway's own, a faulty
	// proposal yields an error without a response, because gRPC carries one or the other.
	Propose(ctx context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error)
}

// Orderer is a node of the ordering service.
type Orderer struct {
	Address   string
	MSPID     string
	Broadcast func(ctx context.Context, envelope *common.Envelope) (*orderer.BroadcastResponse, error)
}

// Support is what a gateway works with.
type Support struct {
	Channel *channel.Channel
	Ledger  *ledger.Ledger
	// Local is the gateway's own peer. Peers are all that are alive, Local among them.
	Local    Endorser
	Peers    func() []Endorser
	Orderers []Orderer
	Commits  *Commits
	Logger   *slog.Logger
	// LoseStatus lets tests lose the answer to a CommitStatus call; nil never does.
	LoseStatus func(txid string) error
}

// Gateway implements gateway.GatewayServer.
type Gateway struct {
	pb.UnimplementedGatewayServer
	Support
}

// New makes a gateway.
func New(support Support) *Gateway { return &Gateway{Support: support} }

// definition looks up a chaincode; nil where there is none on that channel.
func (g *Gateway) definition(channelID, chaincode string) *lifecycle.Definition {
	if channelID != g.Channel.ID() {
		return nil
	}
	definition, found, err := lifecycle.Read(lifecycle.Unrecorded(g.Ledger.Snapshot()), chaincode)
	if err != nil || !found {
		return nil
	}
	return definition
}

// failure is a gRPC error with the endorsers' or orderers' own errors attached.
func failure(code codes.Code, message string, details ...*pb.ErrorDetail) error {
	st := status.New(code, message)
	attached := make([]protoadapt.MessageV1, len(details))
	for i, detail := range details {
		attached[i] = detail
	}
	if with, err := st.WithDetails(attached...); err == nil && len(details) > 0 {
		st = with
	}
	return st.Err()
}

func detail(e Endorser, message string) *pb.ErrorDetail {
	return &pb.ErrorDetail{Address: e.Address(), MspId: e.MSPID(), Message: message}
}
