package assembly

import (
	"context"
	"errors"
	"fmt"
	"os"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
)

// Network is a consortium whose nodes run, or soon will, at a place.
type Network struct {
	Consortium consortium.Consortium
	Place      consortium.Place
	Layout     Layout
	Package    ccaas.Package
	// Tell hears of each step that is done; it may be nil.
	Tell func(done string)
}

func (n *Network) tell(done string) {
	if n.Tell != nil {
		n.Tell(done)
	}
}

// Assemble makes a network of the nodes. It waits for them until ctx ends; then the error says what
// was waited for, and what an operator can do about it.
func (n *Network) Assemble(ctx context.Context) (err error) {
	genesis, err := os.ReadFile(n.Layout.Genesis(n.Place))
	if err != nil {
		return fmt.Errorf("read the genesis block: %w", err)
	}
	admins, err := n.administrators()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(admins)) }()
	if err := n.join(ctx, admins, genesis); err != nil {
		return err
	}
	n.tell("channel joined")
	elected := func(ctx context.Context) error { _, err := n.leader(ctx); return err }
	if err := await(ctx, "elect a leader", elected); err != nil {
		return err
	}
	n.tell("orderer leads")
	if err := n.deploy(ctx, admins); err != nil {
		return err
	}
	n.tell("chaincode committed")
	if err := n.ready(ctx, admins); err != nil {
		return err
	}
	n.tell("ready")
	return nil
}

// Upgrade takes the network to the definition that it describes now, while it runs, and returns when a
// transaction under it has been endorsed through each peer. The new chaincode services have to be
// on their way beside the old: peers change over when they see the commit.
func (n *Network) Upgrade(ctx context.Context) (err error) {
	admins, err := n.administrators()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(admins)) }()
	if err := n.deploy(ctx, admins); err != nil {
		return err
	}
	n.tell("chaincode committed")
	definition, err := Definition(n.Consortium, n.Package)
	if err != nil {
		return err
	}
	for _, a := range admins {
		seen := func(ctx context.Context) error { return n.committed(ctx, a, definition) }
		if err := await(ctx, "see the commit at "+a.peer.Host, seen); err != nil {
			return err
		}
	}
	return n.ready(ctx, admins)
}

// join brings all nodes into the channel, all at once.
func (n *Network) join(ctx context.Context, admins []*administrator, genesis []byte) error {
	block := &cb.Block{}
	if err := proto.Unmarshal(genesis, block); err != nil {
		return fmt.Errorf("read the genesis block: %w", err)
	}
	endpoints, err := n.participations()
	if err != nil {
		return err
	}
	each, inner := errgroup.WithContext(ctx)
	for _, p := range endpoints {
		each.Go(func() error {
			return await(inner, "join "+p.host, func(ctx context.Context) error {
				return p.join(ctx, n.Consortium.Channel, genesis)
			})
		})
	}
	for _, a := range admins {
		each.Go(func() error {
			return await(inner, "join "+a.peer.Host, func(ctx context.Context) error {
				if err := n.healthy(ctx, a.peer.Host, a.peer.OperationsPort); err != nil {
					return err
				}
				return a.join(ctx, n.Consortium.Channel, block)
			})
		})
	}
	return each.Wait()
}
