package orderer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
)

// ErrClosed is returned by a chain that was closed.
var ErrClosed = errors.New("the orderer is stopped")

// frameBytes is the length and the checksum before each block in the file.
const frameBytes = 8

// chain is the orderer's own copy of the blocks: a file, or memory. Peers take their blocks from it.
type chain struct {
	file *os.File // nil in memory

	// mu guards everything below. grown is closed and replaced whenever a block is appended.
	mu      sync.RWMutex
	blocks  [][]byte // in memory only
	offsets []int64  // of the blocks in the file
	end     int64
	last    *common.BlockHeader
	grown   chan struct{}
	closed  bool
}

// openChain opens the blocks in a file, creating it where there is none. A torn last block, the trace of a crash, is
// cut off: no peer has seen it.
func openChain(path string) (*chain, error) {
	c := &chain{grown: make(chan struct{})}
	if path == "" {
		return c, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("orderer's blocks: %w", err)
	}
	c.file = file
	if err := c.scan(); err != nil {
		return nil, errors.Join(fmt.Errorf("orderer's blocks: %w", err), file.Close())
	}
	return c, nil
}

func (c *chain) scan() error {
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	for c.end < info.Size() {
		encoded, err := c.read(c.end)
		if errors.Is(err, errTorn) {
			break
		}
		if err != nil {
			return err
		}
		block := &common.Block{}
		if err := proto.Unmarshal(encoded, block); err != nil {
			return fmt.Errorf("block %d: %w", len(c.offsets), err)
		}
		c.offsets = append(c.offsets, c.end)
		c.end += frameBytes + int64(len(encoded))
		c.last = block.GetHeader()
	}
	return c.file.Truncate(c.end)
}

var errTorn = errors.New("the last block is torn")

func (c *chain) read(offset int64) ([]byte, error) {
	var frame [frameBytes]byte
	if _, err := c.file.ReadAt(frame[:], offset); err != nil {
		return nil, torn(err)
	}
	info, err := c.file.Stat()
	if err != nil {
		return nil, err
	}
	length := int64(binary.BigEndian.Uint32(frame[:4]))
	if offset+frameBytes+length > info.Size() {
		return nil, errTorn
	}
	encoded := make([]byte, length)
	if _, err := c.file.ReadAt(encoded, offset+frameBytes); err != nil {
		return nil, torn(err)
	}
	if crc32.ChecksumIEEE(encoded) != binary.BigEndian.Uint32(frame[4:]) {
		if offset+frameBytes+length == info.Size() {
			return nil, errTorn
		}
		return nil, fmt.Errorf("the block at byte %d is corrupt", offset) // cutting it off would lose what follows
	}
	return encoded, nil
}

func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

// append writes a block. It is on disk before any peer can see it.
func (c *chain) append(block *common.Block) error {
	encoded, err := proto.Marshal(block)
	if err != nil {
		return fmt.Errorf("block %d: %w", block.GetHeader().GetNumber(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	if c.file == nil {
		c.blocks = append(c.blocks, encoded)
	} else if err := c.write(encoded); err != nil {
		return fmt.Errorf("block %d: %w", block.GetHeader().GetNumber(), err)
	}
	c.last = block.GetHeader()
	close(c.grown)
	c.grown = make(chan struct{})
	return nil
}

func (c *chain) write(encoded []byte) error {
	frame := make([]byte, frameBytes, frameBytes+len(encoded))
	binary.BigEndian.PutUint32(frame, uint32(len(encoded)))
	binary.BigEndian.PutUint32(frame[4:], crc32.ChecksumIEEE(encoded))
	frame = append(frame, encoded...)
	if _, err := c.file.WriteAt(frame, c.end); err != nil {
		return err
	}
	if err := c.file.Sync(); err != nil {
		return err
	}
	c.offsets = append(c.offsets, c.end)
	c.end += int64(len(frame))
	return nil
}

// Height implements deliver.Source.
func (c *chain) Height() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.height()
}

func (c *chain) height() uint64 {
	if c.file == nil {
		return uint64(len(c.blocks))
	}
	return uint64(len(c.offsets))
}

// WaitBlock implements deliver.Source.
func (c *chain) WaitBlock(ctx context.Context, number uint64) (*common.Block, error) {
	for {
		encoded, grown, err := c.find(number)
		if err != nil {
			return nil, err
		}
		if encoded != nil {
			block := &common.Block{}
			return block, proto.Unmarshal(encoded, block)
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// find returns a block, or what to wait for.
func (c *chain) find(number uint64) (encoded []byte, grown <-chan struct{}, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	switch {
	case c.closed:
		return nil, nil, ErrClosed
	case number >= c.height():
		return nil, c.grown, nil
	case c.file == nil:
		return c.blocks[number], nil, nil
	}
	encoded, err = c.read(c.offsets[number])
	return encoded, nil, err
}

func (c *chain) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	close(c.grown)
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}
