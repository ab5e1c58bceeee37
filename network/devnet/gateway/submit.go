package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Submit sends a signed transaction to the ordering service. Success means that the orderer has it, not that it has
// committed.
func (g *Gateway) Submit(ctx context.Context, request *pb.SubmitRequest) (*pb.SubmitResponse, error) {
	switch {
	case request == nil:
		return nil, status.Error(codes.InvalidArgument, "a submit request is required")
	case request.GetPreparedTransaction() == nil:
		return nil, status.Error(codes.InvalidArgument, "a prepared transaction is required")
	case len(request.GetPreparedTransaction().GetSignature()) == 0:
		return nil, status.Error(codes.InvalidArgument, "prepared transaction must be signed")
	case request.GetChannelId() != g.Channel.ID():
		return nil, status.Errorf(codes.FailedPrecondition, "failed to get config for channel [%s]: could not get last config for channel %s",
			request.GetChannelId(), request.GetChannelId())
	case len(g.Orderers) == 0:
		return nil, status.Error(codes.Unavailable, "no orderer nodes available")
	}
	var details []*pb.ErrorDetail
	for _, i := range rand.Perm(len(g.Orderers)) {
		o := g.Orderers[i]
		response, err := broadcast(ctx, o, request.GetPreparedTransaction())
		switch {
		case ctx.Err() != nil:
			return nil, failure(codes.DeadlineExceeded, "submit timeout expired while broadcasting to ordering service")
		case err != nil:
			details = append(details, &pb.ErrorDetail{Address: o.Address, MspId: o.MSPID, Message: err.Error()})
			continue
		case response.GetStatus() == common.Status_SUCCESS:
			return &pb.SubmitResponse{}, nil
		case response.GetStatus() >= 400 && response.GetStatus() < 500:
			return nil, failure(codes.Aborted, fmt.Sprintf("received unsuccessful response from orderer: status=%s, info=%s", response.GetStatus(), response.GetInfo()))
		}
	}
	return nil, failure(codes.Unavailable, "no orderers could successfully process transaction", details...)
}

func broadcast(ctx context.Context, o Orderer, envelope *common.Envelope) (*orderer.BroadcastResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, broadcastTimeout)
	defer cancel()
	return o.Broadcast(ctx, envelope)
}
