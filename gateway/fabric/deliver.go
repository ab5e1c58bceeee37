package fabric

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The pauses before a lost stream is opened again.
const (
	minReopen = 50 * time.Millisecond
	maxReopen = 5 * time.Second
)

// newest starts a stream at the last block there is.
var newest = &orderer.SeekPosition{Type: &orderer.SeekPosition_Newest{Newest: &orderer.SeekNewest{}}}

// from starts a stream at a block, or waits for it.
func from(number uint64) *orderer.SeekPosition {
	return &orderer.SeekPosition{Type: &orderer.SeekPosition_Specified{Specified: &orderer.SeekSpecified{Number: number}}}
}

// seek is the signed request for all blocks from start on.
func (c *Client) seek(start *orderer.SeekPosition) (*common.Envelope, error) {
	channelHeader, err := proto.Marshal(&common.ChannelHeader{
		Type:      int32(common.HeaderType_DELIVER_SEEK_INFO),
		ChannelId: c.options.Channel,
		Timestamp: timestamppb.Now(),
	})
	if err != nil {
		return nil, err
	}
	signatureHeader, err := proto.Marshal(&common.SignatureHeader{Creator: c.creator})
	if err != nil {
		return nil, err
	}
	info, err := proto.Marshal(&orderer.SeekInfo{Start: start, Stop: from(math.MaxUint64)})
	if err != nil {
		return nil, err
	}
	payload, err := proto.Marshal(&common.Payload{
		Header: &common.Header{ChannelHeader: channelHeader, SignatureHeader: signatureHeader},
		Data:   info,
	})
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(payload)
	signature, err := c.id.Sign(digest[:])
	if err != nil {
		return nil, err
	}
	return &common.Envelope{Payload: payload, Signature: signature}, nil
}

// deliverStream is what Deliver and DeliverFiltered have in common.
type deliverStream interface {
	Send(*common.Envelope) error
	Recv() (*peer.DeliverResponse, error)
}

// stream is a subscription to blocks that outlives connections and peers.
type stream struct {
	open func(context.Context, grpc.ClientConnInterface) (deliverStream, error)
	// start is asked each time the stream is opened: after a loss it goes on where it stopped.
	start func() *orderer.SeekPosition
	// take reads a block. errEnough ends the subscription, another error this stream.
	take func(*peer.DeliverResponse) error
	lost func(error) // hears why a stream was lost, before the next is opened
}

// errEnough says that whoever reads the blocks wants no more.
var errEnough = errors.New("no more blocks wanted")

// follow keeps a subscription up until ctx ends or the reader has had enough. It returns why.
func (c *Client) follow(ctx context.Context, s stream) error {
	pause := minReopen
	for {
		node := c.peer()
		received, err := c.receive(ctx, node, s)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, errEnough) {
			return err
		}
		s.lost(fmt.Errorf("blocks from %s: %w", node.Name, err))
		c.avoid(node, err)
		if received {
			pause = minReopen
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		pause = min(2*pause, maxReopen)
	}
}

// receive reads one stream to its end. It reports whether a block came.
func (c *Client) receive(ctx context.Context, node *node, s stream) (received bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := c.seek(s.start())
	if err != nil {
		return false, err
	}
	blocks, err := s.open(ctx, node.conn)
	if err != nil {
		return false, err
	}
	if err := blocks.Send(request); err != nil {
		return false, err
	}
	for {
		response, err := blocks.Recv()
		if err != nil {
			return received, err
		}
		if _, over := response.GetType().(*peer.DeliverResponse_Status); over {
			return received, fmt.Errorf("the peer ends the stream: %s", response.GetStatus())
		}
		if err := s.take(response); err != nil {
			return received, err
		}
		received = true
	}
}
