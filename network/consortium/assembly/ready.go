package assembly

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"golang.org/x/sync/errgroup"
)

// attemptTime bounds one probe: an attempt that hangs is worth another, not the whole wait.
const attemptTime = 5 * time.Second

// ready proves of every peer that a client of its organisation can work: the chaincode answers a
// query, and the peer gets an endorsement of every organisation. Neither health checks nor a committed
// definition say that: peers may not know of each other yet. Nor does an endorsement by as many as
// the policy asks for: a client may name whom it wants.
func (n *Network) ready(ctx context.Context, admins []*administrator) error {
	var everybody []string
	for _, o := range n.Consortium.WithPeers() {
		everybody = append(everybody, o.MSPID)
	}
	each, inner := errgroup.WithContext(ctx)
	for _, a := range admins {
		each.Go(func() error {
			return await(inner, "a transaction through "+a.peer.Host, func(ctx context.Context) error { return n.probe(ctx, a, everybody...) })
		})
	}
	return each.Wait()
}

// probe evaluates the chaincode's probe and lets the organisations named endorse it; without names, as many
// as the policy asks for. Nothing is submitted, so no block comes of it.
func (n *Network) probe(ctx context.Context, a *administrator, endorsers ...string) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	channel, function := n.Consortium.Channel, n.Consortium.Chaincode.Probe
	client := gateway.NewGatewayClient(a.conn)
	txID, query, err := a.propose(channel, n.Consortium.Chaincode.Name, function)
	if err != nil {
		return err
	}
	_, err = client.Evaluate(ctx, &gateway.EvaluateRequest{TransactionId: txID, ChannelId: channel, ProposedTransaction: query})
	if err != nil {
		return fmt.Errorf("query %s: %w", function, explain(err))
	}
	txID, proposal, err := a.propose(channel, n.Consortium.Chaincode.Name, function)
	if err != nil {
		return err
	}
	_, err = client.Endorse(ctx, &gateway.EndorseRequest{
		TransactionId: txID, ChannelId: channel, ProposedTransaction: proposal, EndorsingOrganizations: endorsers,
	})
	if err != nil {
		return fmt.Errorf("endorse %s: %w", function, explain(err))
	}
	return nil
}
