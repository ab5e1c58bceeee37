package fabric

import (
	"context"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
)

// Blocks gives every block of the channel from number first on to take, in order and without a gap,
// and goes on as new ones come, over lost connections and restarts of the peer, until ctx ends or
// take fails. It returns why; the number to go on with is the caller's to keep, best in the same
// database transaction as what it made of the block. Blocks tells what the peer tells: which
// transactions are valid is in the block's metadata, and it is not signed.
func (c *Client) Blocks(ctx context.Context, first uint64, take func(*common.Block) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)() // Close ends it too
	next := first
	var refusal error
	err := c.follow(ctx, stream{
		open: func(ctx context.Context, conn grpc.ClientConnInterface) (deliverStream, error) {
			return peer.NewDeliverClient(conn).Deliver(ctx)
		},
		start: func() *orderer.SeekPosition { return from(next) },
		take: func(response *peer.DeliverResponse) error {
			block := response.GetBlock()
			if block == nil || block.GetHeader().GetNumber() != next {
				return fmt.Errorf("block %d came, want %d", block.GetHeader().GetNumber(), next)
			}
			if refusal = take(block); refusal != nil {
				return errEnough
			}
			next++
			return nil
		},
		lost: func(err error) { c.options.Log.Warn("block stream lost", "next", next, "cause", err) },
	})
	if refusal != nil {
		return refusal
	}
	return err
}
