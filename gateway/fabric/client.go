package fabric

import (
	"context"
	"fmt"
	"time"

	gw "github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/identity"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Client makes transactions and queries in the name of one identity. It is safe for use by many
// goroutines.
type Client struct {
	*network
	id       Identity
	creator  []byte // the identity, serialised
	gateways map[*node]*gw.Gateway
	keep     func(context.Context, Prepared) error // nil: nobody remembers transactions
}

// As makes a client for another identity of the same organisation, over the same connections and
// the same block stream. It is closed with the client it came from.
func (c *Client) As(id Identity) (*Client, error) {
	if id.MSP != c.id.MSP {
		return nil, fmt.Errorf("fabric: the identity is of %s, the connection of %s", id.MSP, c.id.MSP)
	}
	return c.network.client(id)
}

// MSP is the organisation in whose name the client acts.
func (c *Client) MSP() string { return c.id.MSP }

// Close ends the block stream and closes the connections, for all clients that share them. Calls
// under way fail.
func (c *Client) Close() error {
	var err error
	c.closing.Do(func() { err = c.hangUp() })
	<-c.done
	return err
}

func (n *network) client(id Identity) (*Client, error) {
	creator, err := id.creator()
	if err != nil {
		return nil, err
	}
	x509, err := identity.NewX509Identity(id.MSP, id.Certificate)
	if err != nil {
		return nil, fmt.Errorf("fabric: certificate of %s: %w", id.MSP, err)
	}
	c := &Client{network: n, id: id, creator: creator, gateways: make(map[*node]*gw.Gateway)}
	for _, peer := range n.own {
		c.gateways[peer], err = gw.Connect(x509, gw.WithSign(id.Sign), gw.WithClientConnection(peer.conn))
		if err != nil {
			return nil, fmt.Errorf("fabric: peer %s: %w", peer.Name, err)
		}
	}
	return c, nil
}

// request is what a transaction or a query asks for.
type request struct {
	name      string
	args      []string
	transient map[string][]byte
	ops       []loyalty.OpID // of its commands, in order; none if it is no batch of commands
}

// propose builds a proposal with a new transaction id, to be carried out by orgs.
func (c *Client) propose(peer *node, r request, orgs []string) (*gw.Proposal, error) {
	contract := c.gateways[peer].GetNetwork(c.options.Channel).GetContract(c.options.Chaincode)
	return contract.NewProposal(r.name, gw.WithArguments(r.args...), gw.WithTransient(r.transient), gw.WithEndorsingOrganizations(orgs...))
}

// Evaluate asks one's own peer, which has seen at least every commit that this client has reported.
// Nothing is written. transient may be nil.
func (c *Client) Evaluate(ctx context.Context, name string, args []string, transient map[string][]byte) ([]byte, error) {
	peer := c.peer()
	return c.evaluate(ctx, peer, peer.MSP, request{name: name, args: args, transient: transient})
}

func (c *Client) evaluate(ctx context.Context, peer *node, org string, r request) ([]byte, error) {
	start := time.Now()
	proposal, err := c.propose(peer, r, []string{org})
	if err != nil {
		return nil, &Error{Class: Internal, Stage: StageEvaluate, Err: err}
	}
	var result []byte
	_, err = peer.call(ctx, c.options.Evaluate, func(ctx context.Context) error {
		result, err = proposal.EvaluateWithContext(ctx)
		return err
	})
	if err != nil {
		c.avoid(peer, err)
		err = classifyCall(StageEvaluate, "", err)
	}
	c.options.Observe(StageEvaluate, time.Since(start), err)
	return result, err
}
