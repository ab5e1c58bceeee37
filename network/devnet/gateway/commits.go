package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/deliver"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Commits wakes those who wait for a transaction to commit on this peer.
type Commits struct {
	// mu guards waiting, by transaction identifier.
	mu      sync.Mutex
	waiting map[string][]chan *pb.CommitStatusResponse
}

// NewCommits makes an empty list of waiters.
func NewCommits() *Commits { return &Commits{waiting: map[string][]chan *pb.CommitStatusResponse{}} }

// Announce tells everybody who waits for a transaction of the block, which has just committed.
func (c *Commits) Announce(block *common.Block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return
	}
	for i, encoded := range block.GetData().GetData() {
		txid := identifier(encoded)
		for _, waiter := range c.waiting[txid] {
			waiter <- &pb.CommitStatusResponse{Result: deliver.Code(block, i), BlockNumber: block.GetHeader().GetNumber()}
		}
		delete(c.waiting, txid)
	}
}

func identifier(encoded []byte) string {
	envelope := &common.Envelope{}
	if proto.Unmarshal(encoded, envelope) != nil {
		return ""
	}
	unpacked, err := transaction.UnpackEnvelope(envelope)
	if err != nil {
		return ""
	}
	return unpacked.Channel.GetTxId()
}

func (c *Commits) wait(txid string) chan *pb.CommitStatusResponse {
	waiter := make(chan *pb.CommitStatusResponse, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[txid] = append(c.waiting[txid], waiter)
	return waiter
}

func (c *Commits) forget(txid string, waiter chan *pb.CommitStatusResponse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := slices.DeleteFunc(c.waiting[txid], func(other chan *pb.CommitStatusResponse) bool { return other == waiter })
	if c.waiting[txid] = left; len(left) == 0 {
		delete(c.waiting, txid)
	}
}

// CommitStatus waits until a transaction has committed on this peer and returns its validation code. A transaction
// nobody has submitted is waited for, too.
func (g *Gateway) CommitStatus(ctx context.Context, signed *pb.SignedCommitStatusRequest) (*pb.CommitStatusResponse, error) {
	if len(signed.GetRequest()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "a commit status request is required")
	}
	request := &pb.CommitStatusRequest{}
	if err := proto.Unmarshal(signed.GetRequest(), request); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "invalid status request: %v", err)
	}
	switch {
	case request.GetIdentity() == nil:
		return nil, status.Error(codes.InvalidArgument, "no identity provided")
	case request.GetChannelId() == "":
		return nil, status.Error(codes.InvalidArgument, "no channel ID provided")
	case request.GetTransactionId() == "":
		return nil, status.Error(codes.InvalidArgument, "transaction ID should not be empty")
	}
	err := g.allowed(channel.ResourceCommitStatus, request.GetChannelId(),
		policy.Signed{Message: signed.GetRequest(), Identity: request.GetIdentity(), Signature: signed.GetSignature()})
	if err != nil {
		return nil, err
	}
	if g.LoseStatus != nil {
		if err := g.LoseStatus(request.GetTransactionId()); err != nil {
			return nil, err
		}
	}
	return g.committed(ctx, request.GetTransactionId())
}

// committed asks the ledger only after it has begun to wait, so that no commit falls in between.
func (g *Gateway) committed(ctx context.Context, txid string) (*pb.CommitStatusResponse, error) {
	waiter := g.Commits.wait(txid)
	defer g.Commits.forget(txid, waiter)
	if code, block, found := g.Ledger.TxCode(txid); found {
		return &pb.CommitStatusResponse{Result: code, BlockNumber: block}, nil
	}
	select {
	case response := <-waiter:
		return response, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

func (g *Gateway) allowed(resource, channelID string, signed policy.Signed) error {
	if channelID != g.Channel.ID() {
		return status.Errorf(codes.PermissionDenied, "Failed to get policy manager for channel [%s]", channelID)
	}
	if err := g.Channel.CheckAccess(resource, signed); err != nil {
		return status.Error(codes.PermissionDenied, err.Error())
	}
	return nil
}
