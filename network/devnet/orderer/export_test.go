package orderer

import (
	"context"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
)

// Cut runs envelopes of the given sizes through a cutter and returns the sizes in the blocks it cuts, and what waits.
func Cut(limits *orderer.BatchSize, sizes ...int) (blocks [][]int, waiting int) {
	c := &cutter{limits: limits}
	for _, size := range sizes {
		for _, batch := range c.add(&common.Envelope{Payload: make([]byte, size)}) {
			var block []int
			for _, envelope := range batch {
				block = append(block, len(envelope.GetPayload()))
			}
			blocks = append(blocks, block)
		}
	}
	return blocks, len(c.pending)
}

// Blocks opens a file of blocks, appends some more and returns how many there are then.
func Blocks(path string, more ...*common.Block) (uint64, error) {
	c, err := openChain(path)
	if err != nil {
		return 0, err
	}
	for _, block := range more {
		if err := c.append(block); err != nil {
			return 0, err
		}
	}
	height := c.Height()
	for number := range height {
		if _, err := c.WaitBlock(context.Background(), number); err != nil {
			return 0, err
		}
	}
	return height, c.close()
}
