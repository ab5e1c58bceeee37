package conformance_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// chain is every block that one peer has committed, as its block stream tells.
type chain struct {
	peer string
	// mu guards blocks and grown, which is closed and replaced when a block comes.
	mu     sync.Mutex
	blocks []*common.Block
	grown  chan struct{}
}

// follow reads a peer's blocks from the first until ctx ends.
func follow(ctx context.Context, peer string, network *client.Network) (*chain, error) {
	c := &chain{peer: peer, grown: make(chan struct{})}
	blocks, err := network.BlockEvents(ctx, client.WithStartBlock(0))
	if err != nil {
		return nil, fmt.Errorf("blocks of %s: %w", peer, err)
	}
	go func() {
		for block := range blocks {
			c.mu.Lock()
			c.blocks = append(c.blocks, block)
			close(c.grown)
			c.grown = make(chan struct{})
			c.mu.Unlock()
		}
	}()
	return c, nil
}

// height is how many blocks have come.
func (c *chain) height() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint64(len(c.blocks))
}

// since waits until the blocks from number on hold so many transactions, and returns those blocks.
func (c *chain) since(ctx context.Context, number uint64, transactions int) ([]*common.Block, error) {
	for {
		c.mu.Lock()
		grown := c.grown
		var blocks []*common.Block
		if number < uint64(len(c.blocks)) {
			blocks = append(blocks, c.blocks[number:]...)
		}
		c.mu.Unlock()
		found := 0
		for _, block := range blocks {
			found += len(block.GetData().GetData())
		}
		if found >= transactions {
			return blocks, nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s has %d of %d transactions from block %d on: %w", c.peer, found, transactions, number, ctx.Err())
		}
	}
}

// all is every block so far.
func (c *chain) all() []*common.Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*common.Block(nil), c.blocks...)
}

// verdict is what a peer made of a transaction.
type verdict struct {
	txid string
	code peer.TxValidationCode
}

// verdicts lists the transactions of a block and their codes.
func verdicts(block *common.Block) ([]verdict, error) {
	codes := block.GetMetadata().GetMetadata()[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	var found []verdict
	for i, encoded := range block.GetData().GetData() {
		header, err := channelHeader(encoded)
		if err != nil {
			return nil, fmt.Errorf("block %d, transaction %d: %w", block.GetHeader().GetNumber(), i, err)
		}
		found = append(found, verdict{txid: header.GetTxId(), code: peer.TxValidationCode(codes[i])})
	}
	return found, nil
}

func channelHeader(encoded []byte) (*common.ChannelHeader, error) {
	envelope, payload, header := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}
	if err := proto.Unmarshal(encoded, envelope); err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(envelope.GetPayload(), payload); err != nil {
		return nil, err
	}
	return header, proto.Unmarshal(payload.GetHeader().GetChannelHeader(), header)
}
