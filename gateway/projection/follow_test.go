package projection_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/gateway/projection"
)

// source is a peer with whims: streams[n] says what the n-th stream delivers; the last one is
// used for ever after.
type source struct {
	streams []func(from uint64) ([]*common.Block, error)
	opened  int
}

func (s *source) Blocks(ctx context.Context, from uint64, take func(*common.Block) error) error {
	stream := s.streams[min(s.opened, len(s.streams)-1)]
	s.opened++
	blocks, err := stream(from)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if err := take(b); err != nil {
			return err
		}
	}
	if s.opened < len(s.streams) {
		return errors.New("the peer is gone")
	}
	<-ctx.Done() // a stream that is up to date stays open
	return context.Cause(ctx)
}

func follow(t *testing.T, p *projection.Projection, s projection.Source, until uint64) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Follow(ctx, s, slog.New(slog.DiscardHandler)) }()
	for {
		select {
		case err := <-done:
			return err
		case <-time.After(time.Millisecond):
		}
		if h, err := p.Height(ctx); err == nil && h == until && p.Status().Next == until {
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			return nil
		}
	}
}

func TestFollowSurvivesEverythingAStreamCanDo(t *testing.T) {
	blocks := life()
	size := uint64(len(blocks))
	s := &source{streams: []func(uint64) ([]*common.Block, error){
		func(uint64) ([]*common.Block, error) { return nil, errors.New("no peer") },
		func(uint64) ([]*common.Block, error) { return blocks[:2], nil },
		func(uint64) ([]*common.Block, error) { return nil, nil },
		func(uint64) ([]*common.Block, error) { return []*common.Block{blocks[2], blocks[2], blocks[4]}, nil },
		func(uint64) ([]*common.Block, error) { return blocks[:4], nil },
		func(from uint64) ([]*common.Block, error) { return blocks[from:], nil },
	}}
	p, want := mustOpen(t), mustOpen(t)
	if err := follow(t, p, s, size); err != nil {
		t.Fatal(err)
	}
	mustApply(t, want, blocks...)
	if mustDump(t, p) != mustDump(t, want) {
		t.Error("another table")
	}
}

func TestFollowNoticesThatTheLedgerWasReplaced(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	other := ledger(nil, nil, nil, nil, nil, nil, nil)
	err := follow(t, p, &source{streams: []func(uint64) ([]*common.Block, error){
		func(from uint64) ([]*common.Block, error) { return other[from:], nil },
	}}, 99)
	if !errors.Is(err, projection.ErrForked) {
		t.Errorf("got %v", err)
	}
	if s := p.Status(); !errors.Is(s.Err, projection.ErrForked) || s.Following {
		t.Errorf("status %+v", s)
	}
}

func FuzzBlocks(f *testing.F) {
	for _, b := range life() {
		f.Add(mustProto(b.Data), mustProto(b.Metadata))
	}
	f.Fuzz(func(t *testing.T, data, metadata []byte) {
		b := ledger(nil)[1]
		if proto.Unmarshal(data, b.Data) != nil || proto.Unmarshal(metadata, b.Metadata) != nil {
			return
		}
		n, err := projection.Decode(b)
		if err != nil && !errors.Is(err, projection.ErrBroken) || n > len(b.Data.Data) {
			t.Errorf("%d transactions, %v", n, err)
		}
	})
}
