package gateway

import (
	"context"
	"fmt"
	"maps"
	"slices"

	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Evaluate executes a proposal on one peer, of the own organisation where it can, and returns what the chaincode says.
func (g *Gateway) Evaluate(ctx context.Context, request *pb.EvaluateRequest) (*pb.EvaluateResponse, error) {
	if request == nil {
		return nil, status.Error(codes.InvalidArgument, "an evaluate request is required")
	}
	u, err := evaluated(request.GetProposedTransaction())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "failed to unpack transaction proposal: %s", err)
	}
	if u.channel != g.Channel.ID() {
		return nil, status.Errorf(codes.Unavailable, "failed to get config for channel [%s]: could not get last config for channel %s", u.channel, u.channel)
	}
	targets, careful := request.GetTargetOrganizations(), false
	if u.transient() && targets == nil {
		targets, careful = []string{g.Local.MSPID()}, true
	}
	endorsers := g.evaluators(u, targets)
	if len(endorsers) == 0 {
		message := fmt.Sprintf("no peers available to evaluate chaincode %s in channel %s", u.chaincode, u.channel)
		if careful {
			message = "no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: " + message
		}
		return nil, status.Error(codes.FailedPrecondition, message)
	}
	return g.evaluate(ctx, endorsers, request.GetProposedTransaction())
}

func evaluated(signed *peer.SignedProposal) (*unpacked, error) {
	if len(signed.GetProposalBytes()) == 0 {
		return nil, fmt.Errorf("a signed proposal is required")
	}
	u, err := unpack(signed)
	switch {
	case err != nil:
		return nil, err
	case u.channel == "":
		return nil, fmt.Errorf("no channel id provided")
	case u.spec.GetChaincodeSpec() == nil:
		return nil, fmt.Errorf("no chaincode spec is provided, channel id [%s]", u.channel)
	case u.spec.GetChaincodeSpec().GetChaincodeId() == nil:
		return nil, fmt.Errorf("no chaincode id is provided, channel id [%s]", u.channel)
	case u.chaincode == "":
		return nil, fmt.Errorf("no chaincode name is provided, channel id [%s]", u.channel)
	}
	return u, nil
}

// evaluators lists who may be asked, the own organisation first, then the highest ledger.
func (g *Gateway) evaluators(u *unpacked, targets []string) []Endorser {
	found := g.byOrganisation(u.channel, u.chaincode)
	if len(targets) == 0 {
		targets = slices.Sorted(maps.Keys(found))
	}
	var local, others []Endorser
	for _, organisation := range targets {
		if organisation == g.Local.MSPID() {
			local = found[organisation]
		} else {
			others = append(others, found[organisation]...)
		}
	}
	g.sort(others)
	return append(slices.Clone(local), others...)
}

func (g *Gateway) evaluate(ctx context.Context, endorsers []Endorser, signed *peer.SignedProposal) (*pb.EvaluateResponse, error) {
	var details []*pb.ErrorDetail
	var last codes.Code
	for _, e := range endorsers {
		response, err := g.propose(ctx, e, signed)
		if ctx.Err() != nil {
			return nil, failure(codes.DeadlineExceeded, "evaluate timeout expired")
		}
		v := judge(response, err)
		if v.code == codes.OK {
			return &pb.EvaluateResponse{Result: resultOf(response)}, nil
		}
		details, last = append(details, detail(e, v.message)), v.code
		if !v.retry {
			return nil, failure(v.code, "evaluate call to endorser returned error: "+v.message, details...)
		}
	}
	return nil, failure(last, "failed to evaluate transaction, see attached details for more info", details...)
}

// resultOf prefers the payload that was endorsed to the one beside it.
func resultOf(response *peer.ProposalResponse) *peer.Response {
	payload, action := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
	if proto.Unmarshal(response.GetPayload(), payload) == nil && proto.Unmarshal(payload.GetExtension(), action) == nil && len(response.GetPayload()) > 0 {
		response.GetResponse().Payload = action.GetResponse().GetPayload()
	}
	return response.GetResponse()
}
