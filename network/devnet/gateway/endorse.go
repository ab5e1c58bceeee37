package gateway

import (
	"context"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/transaction"
)

// unpacked is what the gateway reads of a proposal. Unlike an endorser it does not insist on anything.
type unpacked struct {
	header    *common.Header
	payload   *peer.ChaincodeProposalPayload
	channel   string
	chaincode string
	spec      *peer.ChaincodeInvocationSpec
}

func unpack(signed *peer.SignedProposal) (*unpacked, error) {
	proposal, header, channelHeader := &peer.Proposal{}, &common.Header{}, &common.ChannelHeader{}
	u := &unpacked{header: header, payload: &peer.ChaincodeProposalPayload{}, spec: &peer.ChaincodeInvocationSpec{}}
	for _, part := range []struct {
		encoded func() []byte
		into    proto.Message
		name    string
	}{
		{signed.GetProposalBytes, proposal, "Proposal"},
		{proposal.GetHeader, header, "Header"},
		{header.GetChannelHeader, channelHeader, "ChannelHeader"},
		{proposal.GetPayload, u.payload, "ChaincodeProposalPayload"},
		{u.payload.GetInput, u.spec, "ChaincodeInvocationSpec"},
	} {
		if err := proto.Unmarshal(part.encoded(), part.into); err != nil {
			return nil, fmt.Errorf("error unmarshalling %s: %w", part.name, err)
		}
	}
	u.channel, u.chaincode = channelHeader.GetChannelId(), u.spec.GetChaincodeSpec().GetChaincodeId().GetName()
	return u, nil
}

// transient says whether the proposal carries data that only trusted organisations may see.
func (u *unpacked) transient() bool { return len(u.payload.GetTransientMap()) > 0 }

// Endorse collects endorsements and puts the transaction together, ready to be signed.
func (g *Gateway) Endorse(ctx context.Context, request *pb.EndorseRequest) (*pb.EndorseResponse, error) {
	if request == nil {
		return nil, status.Error(codes.InvalidArgument, "an endorse request is required")
	}
	signed := request.GetProposedTransaction()
	if len(signed.GetProposalBytes()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "the proposed transaction must contain a signed proposal")
	}
	u, err := unpack(signed)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	p, err := g.plan(ctx, u, request)
	if err != nil {
		return nil, err
	}
	if err := g.collect(ctx, p, signed); err != nil {
		return nil, err
	}
	action := &peer.ChaincodeEndorsedAction{ProposalResponsePayload: p.payload, Endorsements: unique(p.completed.endorsements)}
	prepared, err := transaction.Endorsed(u.header, u.payload, action)
	if err != nil {
		return nil, status.Errorf(codes.Aborted, "failed to assemble transaction: %s", err)
	}
	return &pb.EndorseResponse{PreparedTransaction: prepared}, nil
}

func (g *Gateway) plan(ctx context.Context, u *unpacked, request *pb.EndorseRequest) (*plan, error) {
	if organisations := request.GetEndorsingOrganizations(); len(organisations) > 0 {
		p, err := g.planForOrganisations(u.channel, u.chaincode, organisations)
		if err != nil {
			return nil, status.Error(codes.Unavailable, err.Error())
		}
		return p, nil
	}
	return g.planFromFirst(ctx, u, request.GetProposedTransaction())
}

// collect works through the layouts of a plan until one is complete.
func (g *Gateway) collect(ctx context.Context, p *plan, signed *peer.SignedProposal) error {
	for p.completed == nil {
		chosen := p.endorsers()
		if chosen == nil {
			break
		}
		failed := make(chan string, len(chosen))
		for _, one := range chosen {
			go func() { failed <- g.endorseFor(ctx, p, one, signed) }()
		}
		var groups []string
		for range chosen {
			select {
			case group := <-failed:
				if group != "" {
					groups = append(groups, group)
				}
			case <-ctx.Done():
				return failure(codes.DeadlineExceeded, "endorsement timeout expired while collecting endorsements")
			}
		}
		if p.completed == nil {
			p.abandon(groups)
		}
	}
	if p.completed == nil {
		return failure(codes.Aborted, "failed to collect enough transaction endorsements, see attached details for more info", p.details...)
	}
	return nil
}

// endorseFor asks the endorsers of a group, one after the other, until one endorses. It returns the group where none
// does.
func (g *Gateway) endorseFor(ctx context.Context, p *plan, one asked, signed *peer.SignedProposal) string {
	for e, ok := one.endorser, true; ok; e, ok = p.another(one.group) {
		response, err := g.propose(ctx, e, signed)
		if ctx.Err() != nil {
			return one.group
		}
		if v := judge(response, err); v.code != codes.OK {
			g.Logger.Warn("endorse call to endorser failed", "msp", e.MSPID(), "address", e.Address(), "err", v.message, "terminated", terminated(v.message))
			p.fail(e, v.message)
			continue
		}
		if p.accept(e, response) {
			return ""
		}
	}
	return one.group
}

// propose sends a proposal to one endorser and gives up when the caller does.
func (g *Gateway) propose(ctx context.Context, e Endorser, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, endorsementTimeout)
	defer cancel()
	type answer struct {
		response *peer.ProposalResponse
		err      error
	}
	done := make(chan answer, 1)
	go func() {
		response, err := e.Propose(ctx, signed)
		done <- answer{response, err}
	}()
	select {
	case a := <-done:
		return a.response, a.err
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}
