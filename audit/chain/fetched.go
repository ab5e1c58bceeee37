package chain

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
)

// fetchedSuffix is how "peer channel fetch" names what it writes: <channel>_<number>.block.
const fetchedSuffix = ".block"

// Fetched is the Source of a folder of files of one block each. The files may have any names: the
// blocks say their numbers.
func Fetched(dir string) Source {
	return func(first uint64) iter.Seq2[*common.Block, error] {
		return func(yield func(*common.Block, error) bool) {
			files, err := listFetched(dir)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, f := range files {
				if f.number < first {
					continue
				}
				block, err := ReadBlock(f.path)
				if !yield(block, err) || err != nil {
					return
				}
			}
		}
	}
}

type fetchedFile struct {
	path   string
	number uint64
}

// listFetched reads the number of every block once, so that no more than one block is in memory.
func listFetched(dir string) ([]fetchedFile, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+fetchedSuffix))
	if err != nil {
		return nil, err
	}
	files := make([]fetchedFile, 0, len(paths))
	for _, path := range paths {
		block, err := ReadBlock(path)
		if err != nil {
			return nil, err
		}
		files = append(files, fetchedFile{path, block.GetHeader().GetNumber()})
	}
	slices.SortStableFunc(files, func(a, b fetchedFile) int { return cmp.Compare(a.number, b.number) })
	return files, nil
}

// ReadBlock reads a file with one block, a common.Block as Fabric's tools write it.
func ReadBlock(path string) (*common.Block, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, err := DecodeBlock(text)
	if err != nil {
		return nil, &UnreadableError{File: filepath.Base(path), Reason: err}
	}
	return block, nil
}

// DecodeBlock reads a common.Block that has all of its parts.
func DecodeBlock(text []byte) (*common.Block, error) {
	block := &common.Block{}
	if err := proto.Unmarshal(text, block); err != nil {
		return nil, fmt.Errorf("no block: %w", err)
	}
	if block.Header == nil || block.Data == nil || block.Metadata == nil {
		return nil, errors.New("no block: a part is missing")
	}
	return block, nil
}
