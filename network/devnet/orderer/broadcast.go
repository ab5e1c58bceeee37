package orderer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/deliver"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Service implements orderer.AtomicBroadcastServer.
type Service struct {
	orderer.UnimplementedAtomicBroadcastServer
	*Orderer
	blocks *deliver.Server
}

// NewService serves an orderer.
func NewService(o *Orderer) *Service {
	return &Service{Orderer: o, blocks: &deliver.Server{Channel: o.channel, Source: o.chain, Now: o.now, Logger: o.logger,
		Allow: func(signed policy.Signed) error { return o.channel.Evaluate(channel.Readers, signed) }}}
}

// Broadcast takes envelopes one after the other; the first refusal ends the stream.
func (s *Service) Broadcast(stream orderer.AtomicBroadcast_BroadcastServer) error {
	for {
		envelope, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		response := s.Process(stream.Context(), envelope)
		if err := stream.Send(response); err != nil || response.GetStatus() != common.Status_SUCCESS {
			return err
		}
	}
}

// Deliver streams blocks as the orderer made them, without validation codes.
func (s *Service) Deliver(stream orderer.AtomicBroadcast_DeliverServer) error {
	return s.blocks.Serve(blockStream{stream})
}

type blockStream struct {
	orderer.AtomicBroadcast_DeliverServer
}

func (s blockStream) SendStatus(code common.Status) error {
	return s.Send(&orderer.DeliverResponse{Type: &orderer.DeliverResponse_Status{Status: code}})
}

func (s blockStream) SendBlock(block *common.Block, _ policy.Signed) error {
	return s.Send(&orderer.DeliverResponse{Type: &orderer.DeliverResponse_Block{Block: block}})
}

// Process checks one envelope and queues it.
func (o *Orderer) Process(ctx context.Context, envelope *common.Envelope) *orderer.BroadcastResponse {
	if status, err := o.filter(envelope); err != nil {
		o.logger.Warn("broadcast refused", "status", status, "err", err)
		return &orderer.BroadcastResponse{Status: status, Info: err.Error()}
	}
	if err := o.Order(ctx, envelope); err != nil {
		return &orderer.BroadcastResponse{Status: common.Status_SERVICE_UNAVAILABLE, Info: err.Error()}
	}
	return &orderer.BroadcastResponse{Status: common.Status_SUCCESS}
}

// filter applies the rules for normal messages, in Fabric's order: empty, size, expiry, signature.
func (o *Orderer) filter(envelope *common.Envelope) (common.Status, error) {
	unpacked, err := transaction.UnpackEnvelope(envelope)
	switch {
	case err != nil:
		return common.Status_BAD_REQUEST, fmt.Errorf("could not determine channel ID: %w", err)
	case len(unpacked.Payload.GetHeader().GetChannelHeader()) == 0:
		return common.Status_BAD_REQUEST, errors.New("could not determine channel ID: channel header not set")
	case unpacked.Channel.GetChannelId() != o.channel.ID():
		return common.Status_BAD_REQUEST, errors.New("channel does not exist")
	}
	switch common.HeaderType(unpacked.Channel.GetType()) {
	case common.HeaderType_CONFIG:
		return common.Status_BAD_REQUEST, errors.New("message is of type that cannot be processed directly")
	case common.HeaderType_CONFIG_UPDATE:
		return common.Status_BAD_REQUEST, errors.New("config update refused: the configuration of this network comes from its start")
	}
	if size, limit := sizeOf(envelope), o.channel.BatchSize().GetAbsoluteMaxBytes(); size > limit {
		return common.Status_BAD_REQUEST, fmt.Errorf("message payload is %d bytes and exceeds maximum allowed %d bytes", size, limit)
	}
	if identity, err := o.channel.Directory().Identify(unpacked.Signature.GetCreator()); err == nil && o.now().After(identity.ExpiresAt()) {
		return common.Status_BAD_REQUEST, errors.New("broadcast client identity expired")
	}
	if err := o.channel.Evaluate(channel.Writers, unpacked.SignedBy()); err != nil {
		return common.Status_FORBIDDEN, fmt.Errorf("%w: permission denied", err)
	}
	return common.Status_SUCCESS, nil
}
