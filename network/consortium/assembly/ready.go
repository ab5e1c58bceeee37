package assembly

import (
	"context"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"golang.org/x/sync/errgroup"
)

// attemptTime bounds one probe: an attempt that hangs is worth another, not the whole wait.
const attemptTime = 5 * time.Second

// ready proves of every peer that a client of its organisation can work: the chaincode answers a
// query, and the peer finds enough organisations to endorse. Neither health checks nor a committed
// definition say that: peers may not know of each other yet.
func (n *Network) ready(ctx context.Context, admins []*administrator) error {
	each, inner := errgroup.WithContext(ctx)
	for _, a := range admins {
		each.Go(func() error {
			return await(inner, "a transaction through "+a.peer.Host, func(ctx context.Context) error { return n.probe(ctx, a) })
		})
	}
	return each.Wait()
}

// probe evaluates and endorses the chaincode's probe. Nothing is submitted, so no block comes of it.
func (n *Network) probe(ctx context.Context, a *administrator) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	gateway, err := client.Connect(a.id, client.WithSign(a.sign), client.WithHash(hash.NONE), client.WithClientConnection(a.conn))
	if err != nil {
		return err
	}
	defer func() { _ = gateway.Close() }() // the connection is not the gateway's
	contract := gateway.GetNetwork(n.Consortium.Channel).GetContract(n.Consortium.Chaincode.Name)
	if _, err := contract.EvaluateWithContext(ctx, n.Consortium.Chaincode.Probe); err != nil {
		return fmt.Errorf("query %s: %w", n.Consortium.Chaincode.Probe, explain(err))
	}
	proposal, err := contract.NewProposal(n.Consortium.Chaincode.Probe)
	if err != nil {
		return err
	}
	if _, err := proposal.EndorseWithContext(ctx); err != nil {
		return fmt.Errorf("endorse %s: %w", n.Consortium.Chaincode.Probe, explain(err))
	}
	return nil
}

func (a *administrator) sign(message []byte) ([]byte, error) { return a.id.Sign(message) }
