package ledger

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// The layout of a block in a block file is that of Fabric's block storage: number, data hash and
// previous hash; the number of transactions and each of them; the number of metadata slots and each
// of them. Numbers are varints, byte strings carry their length as a varint before them.

func encodeBlock(block *common.Block) []byte {
	b := make([]byte, 0, proto.Size(block)+64)
	b = protowire.AppendVarint(b, block.GetHeader().GetNumber())
	b = protowire.AppendBytes(b, block.GetHeader().GetDataHash())
	b = protowire.AppendBytes(b, block.GetHeader().GetPreviousHash())
	b = appendList(b, block.GetData().GetData())
	return appendList(b, block.GetMetadata().GetMetadata())
}

func appendList(b []byte, items [][]byte) []byte {
	b = protowire.AppendVarint(b, uint64(len(items)))
	for _, item := range items {
		b = protowire.AppendBytes(b, item)
	}
	return b
}

var (
	errShortBlock = errors.New("block ends too early")
	errLongBlock  = errors.New("bytes are left after the block")
)

// decodeWhole decodes a block that takes all of b.
func decodeWhole(b []byte) (*common.Block, error) {
	block, n, err := decodeBlock(b)
	if err == nil && n < len(b) {
		err = errLongBlock
	}
	return block, err
}

// decodeBlock reads one block from the start of b and tells how many bytes it took. The block's byte
// strings alias b.
func decodeBlock(b []byte) (*common.Block, int, error) {
	r := cursor{rest: b}
	header := &common.BlockHeader{Number: r.number(), DataHash: r.bytes(), PreviousHash: r.bytes()}
	if len(header.PreviousHash) == 0 {
		header.PreviousHash = nil
	}
	data := &common.BlockData{Data: r.list()}
	metadata := &common.BlockMetadata{Metadata: r.list()}
	if r.err != nil {
		return nil, 0, r.err
	}
	return &common.Block{Header: header, Data: data, Metadata: metadata}, len(b) - len(r.rest), nil
}

// cursor reads forward; after the first error it stays where it is.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) number() uint64 {
	if c.err != nil {
		return 0
	}
	v, n := protowire.ConsumeVarint(c.rest)
	if n < 0 {
		c.fail(n)
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) bytes() []byte {
	if c.err != nil {
		return nil
	}
	v, n := protowire.ConsumeBytes(c.rest)
	if n < 0 {
		c.fail(n)
		return nil
	}
	c.rest = c.rest[n:]
	return v[:len(v):len(v)]
}

func (c *cursor) list() [][]byte {
	count := c.number()
	// Each item takes at least one byte: a larger count is damage, not a reason to reserve memory.
	if c.err == nil && count > uint64(len(c.rest)) {
		c.err = errShortBlock
	}
	if c.err != nil {
		return nil
	}
	items := make([][]byte, 0, count)
	for range count {
		items = append(items, c.bytes())
	}
	return items
}

func (c *cursor) fail(code int) {
	c.err = errShortBlock
	if err := protowire.ParseError(code); err != nil && len(c.rest) > 10 {
		c.err = fmt.Errorf("malformed number or length: %w", err)
	}
}
