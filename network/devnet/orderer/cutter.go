package orderer

import (
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
)

// cutter gathers envelopes until they make a block.
type cutter struct {
	limits  *orderer.BatchSize
	pending []*common.Envelope
	bytes   uint32
}

// add takes one envelope and returns the batches that are complete, at most two, in order.
func (c *cutter) add(envelope *common.Envelope) [][]*common.Envelope {
	size := sizeOf(envelope)
	var batches [][]*common.Envelope
	if c.bytes+size > c.limits.GetPreferredMaxBytes() && len(c.pending) > 0 {
		batches = append(batches, c.cut())
	}
	if size > c.limits.GetPreferredMaxBytes() {
		return append(batches, []*common.Envelope{envelope}) // too large to share a block
	}
	c.pending = append(c.pending, envelope)
	c.bytes += size
	if uint32(len(c.pending)) >= c.limits.GetMaxMessageCount() {
		batches = append(batches, c.cut())
	}
	return batches
}

// cut returns what there is, possibly nothing.
func (c *cutter) cut() []*common.Envelope {
	batch := c.pending
	c.pending, c.bytes = nil, 0
	return batch
}

// sizeOf is how Fabric measures an envelope.
func sizeOf(envelope *common.Envelope) uint32 {
	return uint32(len(envelope.GetPayload()) + len(envelope.GetSignature()))
}
