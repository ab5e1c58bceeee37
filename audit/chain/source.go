// Package chain reads the blocks of a channel, wherever they are kept, and knows what ties one block
// to the next: hashes, signatures' messages and metadata. It judges nothing.
package chain

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// Source gives the blocks of one channel from number first on, in the order in which they are kept.
// It ends where there are no more; an error is the last thing that it yields. One block at a time is
// in memory.
type Source func(first uint64) iter.Seq2[*common.Block, error]

// UnreadableError says that something stands where a block should be.
type UnreadableError struct {
	File   string // base name
	Offset int64  // of the record in the file, 0 for a file of its own
	Reason error
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s, byte %d: %v", e.File, e.Offset, e.Reason)
}

// Unwrap gives the reason.
func (e *UnreadableError) Unwrap() error { return e.Reason }

// ErrCutOff is the reason of an UnreadableError where the last file ends in the middle of a block: as
// after a crash, while a peer is writing, or when somebody shortened the file.
var ErrCutOff = errors.New("the file ends in the middle of a block")

// Open finds out what lies in a folder: Fabric's block files, in the folder itself or below it where
// a peer keeps them for the channel, or files of one block each as "peer channel fetch" writes them.
func Open(dir, channel string) (Source, error) {
	for _, home := range []string{dir,
		filepath.Join(dir, "ledgersData", "chains", "chains", channel),
		filepath.Join(dir, "chains", "chains", channel), filepath.Join(dir, channel)} {
		if found, err := filepath.Glob(filepath.Join(home, blockFilePrefix+"*")); err == nil && len(found) > 0 {
			return BlockFiles(home), nil
		}
	}
	if found, err := filepath.Glob(filepath.Join(dir, "*"+fetchedSuffix)); err == nil && len(found) > 0 {
		return Fetched(dir), nil
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s holds neither block files (%s000000) nor fetched blocks (*%s)", dir, blockFilePrefix, fetchedSuffix)
}

// Blocks is a Source of blocks that are in memory already.
func Blocks(blocks []*common.Block) Source {
	return func(first uint64) iter.Seq2[*common.Block, error] {
		return func(yield func(*common.Block, error) bool) {
			for _, b := range blocks {
				if b.GetHeader().GetNumber() >= first && !yield(b, nil) {
					return
				}
			}
		}
	}
}

// Collect reads a Source to its end: for short chains.
func Collect(s Source) ([]*common.Block, error) {
	var all []*common.Block
	for b, err := range s(0) {
		if err != nil {
			return all, err
		}
		all = append(all, b)
	}
	return slices.Clip(all), nil
}
