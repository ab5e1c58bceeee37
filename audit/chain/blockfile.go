package chain

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/encoding/protowire"
)

// A peer keeps blocks one after the other in files blockfile_000000, blockfile_000001 and so on. Each
// block has its length before it. A block is: number, data hash, previous hash; how many transactions
// there are, and each; how many metadata slots there are, and each. Numbers are varints; byte strings
// have their length, a varint, before them.
const (
	blockFilePrefix = "blockfile_"
	// maxBlock bounds what is read at once: an orderer cuts blocks far below it.
	maxBlock = 1 << 30
)

// BlockFiles is the Source of a folder of Fabric's block files.
func BlockFiles(dir string) Source {
	return func(first uint64) iter.Seq2[*common.Block, error] {
		return func(yield func(*common.Block, error) bool) {
			for n := 0; ; n++ {
				name := fmt.Sprintf("%s%06d", blockFilePrefix, n)
				_, err := os.Stat(filepath.Join(dir, fmt.Sprintf("%s%06d", blockFilePrefix, n+1)))
				last := errors.Is(err, os.ErrNotExist)
				if goOn, err := readFile(dir, name, first, last, yield); err != nil || !goOn {
					if err != nil {
						yield(nil, err)
					}
					return
				}
				if last {
					return
				}
			}
		}
	}
}

// readFile yields the blocks of one file. It says whether to go on with the next.
func readFile(dir, name string, first uint64, last bool, yield func(*common.Block, error) bool) (goOn bool, err error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 1<<20)
	for at := int64(0); ; {
		body, n, err := readRecord(r)
		if errors.Is(err, io.EOF) && n == 0 {
			return true, nil
		}
		var block *common.Block
		if err == nil {
			block, err = DecodeStored(body)
		}
		if err != nil {
			return false, &UnreadableError{File: name, Offset: at, Reason: cut(err, last)}
		}
		at += n
		if block.GetHeader().GetNumber() >= first && !yield(block, nil) {
			return false, nil
		}
	}
}

func cut(err error, last bool) error {
	if last && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)) {
		return ErrCutOff
	}
	return err
}

// readRecord reads a length and as many bytes. n is how many bytes were taken from the file.
func readRecord(r *bufio.Reader) (body []byte, n int64, err error) {
	if _, err := r.Peek(1); err != nil {
		return nil, 0, io.EOF
	}
	length, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, 1, err
	}
	if length > maxBlock {
		return nil, 1, fmt.Errorf("a block of %d bytes", length)
	}
	body, err = io.ReadAll(io.LimitReader(r, int64(length)))
	if err == nil && uint64(len(body)) < length {
		err = io.ErrUnexpectedEOF
	}
	return body, int64(protowire.SizeVarint(length)) + int64(len(body)), err
}

// EncodeStored writes a block as DecodeStored reads it.
func EncodeStored(block *common.Block) []byte {
	h := block.GetHeader()
	b := protowire.AppendVarint(nil, h.GetNumber())
	b = protowire.AppendBytes(b, h.GetDataHash())
	b = protowire.AppendBytes(b, h.GetPreviousHash())
	for _, list := range [][][]byte{block.GetData().GetData(), block.GetMetadata().GetMetadata()} {
		b = protowire.AppendVarint(b, uint64(len(list)))
		for _, item := range list {
			b = protowire.AppendBytes(b, item)
		}
	}
	return b
}

var errShort = errors.New("the block ends too early")

// DecodeStored reads a block as a block file holds it, all of body and nothing more. The block's byte
// strings share body's memory.
func DecodeStored(body []byte) (*common.Block, error) {
	header := &common.BlockHeader{}
	var n int
	if header.Number, n = protowire.ConsumeVarint(body); n < 0 {
		return nil, errShort
	}
	rest := body[n:]
	var err error
	if header.DataHash, rest, err = takeBytes(rest); err != nil {
		return nil, err
	}
	if header.PreviousHash, rest, err = takeBytes(rest); err != nil {
		return nil, err
	}
	data, rest, err := takeList(rest)
	if err != nil {
		return nil, err
	}
	slots, rest, err := takeList(rest)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes are left after the block", len(rest))
	}
	return &common.Block{Header: header, Data: &common.BlockData{Data: data}, Metadata: &common.BlockMetadata{Metadata: slots}}, nil
}

func takeBytes(b []byte) (taken, rest []byte, err error) {
	taken, n := protowire.ConsumeBytes(b)
	if n < 0 {
		return nil, nil, errShort
	}
	return taken[:len(taken):len(taken)], b[n:], nil
}

func takeList(b []byte) (list [][]byte, rest []byte, err error) {
	count, n := protowire.ConsumeVarint(b)
	if n < 0 || count > uint64(len(b)-n) { // each item takes a byte at least
		return nil, nil, errShort
	}
	rest = b[n:]
	list = make([][]byte, 0, count)
	for range count {
		var item []byte
		if item, rest, err = takeBytes(rest); err != nil {
			return nil, nil, err
		}
		list = append(list, item)
	}
	return list, rest, nil
}
