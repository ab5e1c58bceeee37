package chain_test

import (
	"bytes"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/audit/chain"
)

// FuzzDecodeStored feeds anything to the reader of stored blocks. What it takes must be written again
// as it was, but for numbers that were written longer than they need.
func FuzzDecodeStored(f *testing.F) {
	block := &common.Block{
		Header: &common.BlockHeader{Number: 300, DataHash: []byte("data"), PreviousHash: []byte("previous")},
		Data:   &common.BlockData{Data: [][]byte{[]byte("one"), {}}}, Metadata: &common.BlockMetadata{Metadata: [][]byte{{}, {1}}},
	}
	f.Add(chain.EncodeStored(block))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		block, err := chain.DecodeStored(body)
		if err != nil {
			return
		}
		again, err := chain.DecodeStored(chain.EncodeStored(block))
		if err != nil || !bytes.Equal(chain.EncodeStored(again), chain.EncodeStored(block)) {
			t.Fatalf("%x was read and cannot be written", body)
		}
		_, _ = chain.SealOf(block)
		_, _ = chain.CommitHash(block)
		_, _, _ = chain.DeprecatedLastConfig(block)
	})
}
