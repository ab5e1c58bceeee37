// Package deliver streams blocks to whoever may read them: whole, filtered, or with private data, from peers and from
// the orderer.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// timeWindow is how far a request's timestamp may be from the server's clock.
const timeWindow = 15 * time.Minute

// Source is a chain of blocks that grows.
type Source interface {
	Height() uint64
	WaitBlock(ctx context.Context, number uint64) (*common.Block, error)
}

// Stream is the other side of one deliver call.
type Stream interface {
	Context() context.Context
	Recv() (*common.Envelope, error)
	SendStatus(common.Status) error
	SendBlock(block *common.Block, request policy.Signed) error
}

// Server answers the requests of one kind of stream.
type Server struct {
	Channel *channel.Channel
	Source  Source
	// Allow says why the signer may not read, or nil.
	Allow  func(policy.Signed) error
	Now    func() time.Time
	Logger *slog.Logger
}

// request is a checked seek request.
type request struct {
	signed policy.Signed
	seek   *orderer.SeekInfo
	ends   time.Time // when the client's certificate expires
}

// Serve answers one request after the other, each ended by a status, until one fails or the client hangs up.
func (s *Server) Serve(stream Stream) error {
	for {
		envelope, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		status, err := s.answer(stream, envelope)
		if err != nil {
			return err
		}
		if err := stream.SendStatus(status); err != nil || status != common.Status_SUCCESS {
			return err
		}
	}
}

func (s *Server) answer(stream Stream, envelope *common.Envelope) (common.Status, error) {
	request, status := s.check(envelope)
	if status != common.Status_SUCCESS {
		return status, nil
	}
	first, found := s.start(request.seek.GetStart())
	last, ok := s.stop(request.seek, first)
	if !ok {
		return common.Status_BAD_REQUEST, nil
	}
	if !found {
		return common.Status_NOT_FOUND, nil
	}
	return s.send(stream, request, first, last)
}

// check reads a request and makes sure that whoever signed it may read.
func (s *Server) check(envelope *common.Envelope) (*request, common.Status) {
	unpacked, err := transaction.UnpackEnvelope(envelope)
	if err == nil {
		err = s.checkTime(unpacked.Channel)
	}
	if err != nil {
		s.Logger.Warn("deliver request refused", "err", err)
		return nil, common.Status_BAD_REQUEST
	}
	if unpacked.Channel.GetChannelId() != s.Channel.ID() {
		return nil, common.Status_NOT_FOUND
	}
	r := &request{signed: unpacked.SignedBy(), seek: &orderer.SeekInfo{}}
	if err := proto.Unmarshal(unpacked.Payload.GetData(), r.seek); err != nil {
		return nil, common.Status_BAD_REQUEST
	}
	if identity, err := s.Channel.Directory().Identify(r.signed.Identity); err == nil {
		r.ends = identity.ExpiresAt()
	}
	if err := s.allowed(r); err != nil {
		s.Logger.Warn("deliver request forbidden", "err", err)
		return nil, common.Status_FORBIDDEN
	}
	if r.seek.GetStart().GetType() == nil || r.seek.GetStop().GetType() == nil {
		return nil, common.Status_BAD_REQUEST
	}
	return r, common.Status_SUCCESS
}

func (s *Server) checkTime(header *common.ChannelHeader) error {
	if header.GetTimestamp() == nil {
		return errors.New("channel header in envelope must contain timestamp")
	}
	sent := header.GetTimestamp().AsTime()
	if apart := s.Now().Sub(sent).Abs(); apart > timeWindow {
		return fmt.Errorf("envelope timestamp %s is more than %s apart from current server time", sent, timeWindow)
	}
	return nil
}

func (s *Server) allowed(r *request) error {
	if !r.ends.IsZero() && s.Now().After(r.ends) {
		return fmt.Errorf("deliver client identity expired %v before", s.Now().Sub(r.ends))
	}
	return s.Allow(r.signed)
}

// start is the first block to send; found is false beyond the next block.
func (s *Server) start(position *orderer.SeekPosition) (number uint64, found bool) {
	height := s.Source.Height()
	switch kind := position.GetType().(type) {
	case *orderer.SeekPosition_Newest:
		return height - 1, true
	case *orderer.SeekPosition_NextCommit:
		return height, true
	case *orderer.SeekPosition_Specified:
		if kind.Specified.GetNumber() > height {
			return 0, false
		}
		return kind.Specified.GetNumber(), true
	default:
		return 0, true
	}
}

func (s *Server) stop(seek *orderer.SeekInfo, first uint64) (number uint64, ok bool) {
	switch kind := seek.GetStop().GetType().(type) {
	case *orderer.SeekPosition_Oldest:
		return first, true
	case *orderer.SeekPosition_Newest:
		if proto.Equal(seek.GetStart(), seek.GetStop()) {
			return first, true // one block, even if more arrive meanwhile
		}
		return s.Source.Height() - 1, true
	case *orderer.SeekPosition_Specified:
		return kind.Specified.GetNumber(), kind.Specified.GetNumber() >= first
	default:
		return math.MaxUint64, true
	}
}

func (s *Server) send(stream Stream, r *request, first, last uint64) (common.Status, error) {
	for number := first; ; number++ {
		if r.seek.GetBehavior() == orderer.SeekInfo_FAIL_IF_NOT_READY && number >= s.Source.Height() {
			return common.Status_NOT_FOUND, nil
		}
		block, err := s.Source.WaitBlock(stream.Context(), number)
		if err != nil {
			if stream.Context().Err() != nil {
				return 0, fmt.Errorf("context finished before block retrieved: %w", stream.Context().Err())
			}
			return common.Status_SERVICE_UNAVAILABLE, nil
		}
		if err := s.allowed(r); err != nil {
			return common.Status_FORBIDDEN, nil
		}
		if r.seek.GetContentType() == orderer.SeekInfo_HEADER_WITH_SIG && block.GetHeader().GetNumber() > 0 {
			block = &common.Block{Header: block.GetHeader(), Metadata: block.GetMetadata()}
		}
		if err := stream.SendBlock(block, r.signed); err != nil {
			return 0, err
		}
		if number == last {
			return common.Status_SUCCESS, nil
		}
	}
}
