// Package orderer puts transactions in order: it checks who may write, cuts blocks, signs them and chains them. One
// node does what an ordering service of several does; its blocks look the same.
package orderer

import (
	"context"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"log/slog"
	"math/big"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/msp"
)

// queueDepth is how many accepted envelopes may wait for the cutter before broadcasters have to wait.
const queueDepth = 1024

// Orderer orders the transactions of one channel.
type Orderer struct {
	channel *channel.Channel
	signer  *msp.Signer
	chain   *chain
	logger  *slog.Logger
	now     func() time.Time
	queue   chan *common.Envelope
	stop    context.CancelFunc
	stopped context.Context
	done    sync.WaitGroup
}

// Options describe an orderer.
type Options struct {
	// File keeps the blocks; empty means memory.
	File   string
	Signer *msp.Signer
	Logger *slog.Logger
	Now    func() time.Time
	// Genesis makes the first block of a new channel.
	Genesis func() (*common.Block, error)
}

// Start opens the chain, beginning it with the genesis block where it is empty, and starts ordering.
func Start(options Options) (*Orderer, error) {
	blocks, err := openChain(options.File)
	if err != nil {
		return nil, err
	}
	o := &Orderer{signer: options.Signer, chain: blocks, logger: options.Logger, now: options.Now,
		queue: make(chan *common.Envelope, queueDepth)}
	if err := o.begin(options.Genesis); err != nil {
		return nil, fmt.Errorf("%w (%v)", err, blocks.close())
	}
	o.stopped, o.stop = context.WithCancel(context.Background())
	o.done.Go(o.order)
	return o, nil
}

func (o *Orderer) begin(genesis func() (*common.Block, error)) error {
	if o.chain.Height() == 0 {
		block, err := genesis()
		if err != nil {
			return err
		}
		if err := o.chain.append(block); err != nil {
			return err
		}
	}
	first, err := o.chain.WaitBlock(context.Background(), 0)
	if err != nil {
		return err
	}
	o.channel, err = channel.FromBlock(first)
	return err
}

// Stop ends ordering. Envelopes accepted but not yet in a block are lost, as in a crash.
func (o *Orderer) Stop() error {
	o.stop()
	o.done.Wait()
	return o.chain.close()
}

// Channel is the channel as the genesis block configures it.
func (o *Orderer) Channel() *channel.Channel { return o.channel }

// Height is the number of blocks.
func (o *Orderer) Height() uint64 { return o.chain.Height() }

// WaitBlock returns a block as soon as there is one.
func (o *Orderer) WaitBlock(ctx context.Context, number uint64) (*common.Block, error) {
	return o.chain.WaitBlock(ctx, number)
}

// Order accepts an envelope that has passed the filters. It does not wait for a block.
func (o *Orderer) Order(ctx context.Context, envelope *common.Envelope) error {
	select {
	case o.queue <- envelope:
		return nil
	case <-o.stopped.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// order cuts blocks until the orderer stops.
func (o *Orderer) order() {
	c := &cutter{limits: o.channel.BatchSize()}
	var timeout <-chan time.Time
	for {
		var batches [][]*common.Envelope
		select {
		case envelope := <-o.queue:
			batches = c.add(envelope)
		case <-timeout:
			batches = [][]*common.Envelope{c.cut()}
		case <-o.stopped.Done():
			return
		}
		for _, batch := range batches {
			if err := o.write(batch); err != nil {
				o.logger.Error("the orderer stops", "err", err)
				o.stop()
				return
			}
		}
		switch {
		case len(c.pending) == 0:
			timeout = nil
		case timeout == nil || len(batches) > 0:
			timeout = time.After(o.channel.BatchTimeout())
		}
	}
}

// write makes a signed block of a batch and appends it.
func (o *Orderer) write(batch []*common.Envelope) error {
	envelopes := make([][]byte, len(batch))
	for i, envelope := range batch {
		encoded, err := proto.Marshal(envelope)
		if err != nil {
			return fmt.Errorf("marshal envelope: %w", err)
		}
		envelopes[i] = encoded
	}
	block := ledger.NewBlock(o.chain.last, envelopes)
	if err := o.sign(block); err != nil {
		return err
	}
	return o.chain.append(block)
}

// sign puts the orderer's signature, and where the last configuration is, into the block's metadata.
func (o *Orderer) sign(block *common.Block) error {
	last, err := proto.Marshal(&common.LastConfig{Index: 0})
	if err != nil {
		return err
	}
	nonce := make([]byte, 24)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	header, err := proto.Marshal(&common.SignatureHeader{Creator: o.signer.Serialised(), Nonce: nonce})
	if err != nil {
		return err
	}
	consenter, err := proto.Marshal(&common.Metadata{})
	if err != nil {
		return err
	}
	value, err := proto.Marshal(&common.OrdererBlockMetadata{LastConfig: &common.LastConfig{Index: 0}, ConsenterMetadata: consenter})
	if err != nil {
		return err
	}
	blockHeader, err := headerBytes(block.GetHeader())
	if err != nil {
		return err
	}
	signature, err := o.signer.Sign(append(append(append([]byte{}, value...), header...), blockHeader...))
	if err != nil {
		return err
	}
	signatures, err := proto.Marshal(&common.Metadata{Value: value,
		Signatures: []*common.MetadataSignature{{SignatureHeader: header, Signature: signature}}})
	if err != nil {
		return err
	}
	lastConfig, err := proto.Marshal(&common.Metadata{Value: last})
	block.Metadata.Metadata[common.BlockMetadataIndex_SIGNATURES] = signatures
	block.Metadata.Metadata[common.BlockMetadataIndex_LAST_CONFIG] = lastConfig //nolint:staticcheck // Fabric still writes the deprecated slot
	return err
}

// headerBytes is the encoding of a block header that its hash and the orderer's signature cover.
func headerBytes(header *common.BlockHeader) ([]byte, error) {
	return asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(header.GetNumber()), header.GetPreviousHash(), header.GetDataHash()})
}
