package gateway

import (
	"context"

	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// planFromFirst has the proposal executed by the gateway's own organisation first and works out from the result who
// else has to endorse. Transient data thereby reaches nobody who may not see it.
func (g *Gateway) planFromFirst(ctx context.Context, u *unpacked, signed *peer.SignedProposal) (*plan, error) {
	usual := &peer.ChaincodeInterest{Chaincodes: []*peer.ChaincodeCall{{Name: u.chaincode}}}
	start, err := g.planForOrganisations(u.channel, u.chaincode, []string{g.Local.MSPID()})
	if err != nil {
		if u.transient() {
			return nil, status.Error(codes.FailedPrecondition, "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data")
		}
		if start, err = g.planForInterest(u.channel, usual, nil); err != nil {
			return nil, status.Error(codes.FailedPrecondition, err.Error())
		}
	}
	first, response, err := g.first(ctx, start, signed)
	if err != nil {
		return nil, err
	}
	interest := response.GetInterest()
	if len(interest.GetChaincodes()) == 0 {
		interest = usual
	}
	p, err := g.protect(u, interest, first)
	if err != nil {
		return nil, err
	}
	p.accept(first, response)
	return p, nil
}

// first asks one endorser after the other until one endorses.
func (g *Gateway) first(ctx context.Context, p *plan, signed *peer.SignedProposal) (Endorser, *peer.ProposalResponse, error) {
	chosen := p.endorsers()
	var details []*pb.ErrorDetail
	if len(chosen) > 0 {
		for e, ok := chosen[0].endorser, true; ok; e, ok = p.another(chosen[0].group) {
			response, err := g.propose(ctx, e, signed)
			if ctx.Err() != nil {
				return nil, nil, failure(codes.DeadlineExceeded, "endorsement timeout expired while collecting first endorsement")
			}
			v := judge(response, err)
			if v.code == codes.OK {
				return e, response, nil
			}
			g.Logger.Warn("endorse call to endorser failed", "msp", e.MSPID(), "address", e.Address(), "err", v.message)
			details = append(details, detail(e, v.message))
		}
	}
	return nil, nil, failure(codes.Aborted, "failed to endorse transaction, see attached details for more info", details...)
}

// protect plans for an interest. With transient data it treats collections that are written as if they were read, so
// that only their members are asked.
func (g *Gateway) protect(u *unpacked, interest *peer.ChaincodeInterest, first Endorser) (*plan, error) {
	careful := proto.CloneOf(interest)
	var protected []string
	if u.transient() {
		for _, call := range careful.GetChaincodes() {
			if call.GetNoPrivateReads() {
				call.NoPrivateReads = false
				protected = append(protected, call.GetCollectionNames()...)
			}
		}
	}
	p, err := g.planForInterest(u.channel, careful, first)
	if err == nil {
		return p, nil
	}
	if len(protected) > 0 {
		if _, careless := g.planForInterest(u.channel, interest, first); careless == nil {
			return nil, status.Errorf(codes.FailedPrecondition, "requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): %v; retry specifying trusted endorsing organizations to protect transient data", protected)
		}
	}
	return nil, status.Error(codes.FailedPrecondition, err.Error())
}
