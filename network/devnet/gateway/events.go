package gateway

import (
	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/deliver"
	"github.com/zegel/zegel/network/devnet/policy"
)

// ChaincodeEvents streams the events of one chaincode, block by block, from a position or after a transaction. Only
// valid transactions count. After a transaction that emitted no event nothing ever comes: Fabric is like that.
func (g *Gateway) ChaincodeEvents(signed *pb.SignedChaincodeEventsRequest, stream pb.Gateway_ChaincodeEventsServer) error {
	if len(signed.GetRequest()) == 0 {
		return status.Error(codes.InvalidArgument, "a chaincode events request is required")
	}
	request := &pb.ChaincodeEventsRequest{}
	if err := proto.Unmarshal(signed.GetRequest(), request); err != nil {
		return status.Errorf(codes.InvalidArgument, "invalid chaincode events request: %v", err)
	}
	err := g.allowed(channel.ResourceChaincodeEvents, request.GetChannelId(),
		policy.Signed{Message: signed.GetRequest(), Identity: request.GetIdentity(), Signature: signed.GetSignature()})
	if err != nil {
		return err
	}
	number, err := g.eventsFrom(request)
	if err != nil {
		return err
	}
	matches := matcher(request)
	for ; ; number++ {
		block, err := g.Ledger.WaitBlock(stream.Context(), number)
		if stream.Context().Err() != nil {
			return status.FromContextError(stream.Context().Err()).Err()
		}
		if err != nil {
			return status.Error(codes.Aborted, err.Error())
		}
		var events []*peer.ChaincodeEvent
		for _, event := range deliver.Events(block) {
			if matches(event) {
				events = append(events, event)
			}
		}
		if len(events) == 0 {
			continue
		}
		if err := stream.Send(&pb.ChaincodeEventsResponse{Events: events, BlockNumber: number}); err != nil {
			return err
		}
	}
}

// eventsFrom is the first block to look at.
func (g *Gateway) eventsFrom(request *pb.ChaincodeEventsRequest) (uint64, error) {
	if after := request.GetAfterTransactionId(); after != "" {
		if _, number, found := g.Ledger.TxCode(after); found {
			return number, nil
		}
	}
	switch position := request.GetStartPosition().GetType().(type) {
	case nil, *orderer.SeekPosition_NextCommit:
		return g.Ledger.Height(), nil
	case *orderer.SeekPosition_Specified:
		return position.Specified.GetNumber(), nil
	default:
		return 0, status.Errorf(codes.InvalidArgument, "invalid start position type: %T", position)
	}
}

func matcher(request *pb.ChaincodeEventsRequest) func(*peer.ChaincodeEvent) bool {
	after := request.GetAfterTransactionId()
	passed := after == ""
	return func(event *peer.ChaincodeEvent) bool {
		if !passed {
			passed = event.GetTxId() == after
			return false
		}
		return event.GetChaincodeId() == request.GetChaincodeId()
	}
}
