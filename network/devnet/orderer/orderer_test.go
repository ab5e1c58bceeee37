package orderer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	fabric "github.com/hyperledger/fabric-protos-go-apiv2/orderer"

	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/orderer"
)

func TestCutter(t *testing.T) {
	limits := &fabric.BatchSize{MaxMessageCount: 3, PreferredMaxBytes: 100}
	for _, test := range []struct {
		name    string
		sizes   []int
		blocks  string
		waiting int
	}{
		{"too few to cut", []int{10, 10}, "[]", 2},
		{"by count", []int{10, 10, 10, 10}, "[[10 10 10]]", 1},
		{"by bytes, before the one that does not fit", []int{60, 60}, "[[60]]", 1},
		{"exactly full waits", []int{50, 50}, "[]", 2},
		{"a large one alone", []int{101}, "[[101]]", 0},
		{"a large one after what waits", []int{10, 101, 10}, "[[10] [101]]", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			blocks, waiting := orderer.Cut(limits, test.sizes...)
			if fmt.Sprint(blocks) != test.blocks || waiting != test.waiting {
				t.Errorf("blocks %v and %d waiting", blocks, waiting)
			}
		})
	}
}

func threeBlocks(t *testing.T, path string) {
	t.Helper()
	var last *common.BlockHeader
	var blocks []*common.Block
	for i := range 3 {
		block := ledger.NewBlock(last, [][]byte{{byte(i), 1, 2, 3}})
		blocks, last = append(blocks, block), block.GetHeader()
	}
	if height, err := orderer.Blocks(path, blocks...); err != nil || height != 3 {
		t.Fatalf("height %d: %v", height, err)
	}
}

func TestBlocksSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "blocks")
	threeBlocks(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		damage func(content []byte) []byte
		height uint64
		broken bool
	}{
		{"a restart", func(c []byte) []byte { return c }, 3, false},
		{"a torn last block", func(c []byte) []byte { return c[:len(c)-1] }, 2, false},
		{"a torn frame", func(c []byte) []byte { return append(c, 0, 0) }, 3, false},
		{"a last block with a wrong checksum", func(c []byte) []byte { c[len(c)-1] ^= 1; return c }, 2, false},
		{"but not a damaged one in the middle", func(c []byte) []byte { c[int(info.Size())/2] ^= 1; return c }, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			copied := filepath.Join(t.TempDir(), "blocks")
			if err := os.WriteFile(copied, test.damage(content), 0o600); err != nil {
				t.Fatal(err)
			}
			height, err := orderer.Blocks(copied)
			if height != test.height || (err != nil) != test.broken {
				t.Errorf("height %d: %v", height, err)
			}
		})
	}
}
