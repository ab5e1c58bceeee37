package ledger

import (
	"crypto/sha256"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// nextCommitHash chains what a block did to the state: its codes, its updates, and the hash before.
// Peers with equal commit hashes have equal states.
func nextCommitHash(filter []byte, u updates, previous []byte) []byte {
	sum := sha256.New()
	sum.Write(protowire.AppendVarint(nil, uint64(len(filter))))
	sum.Write(filter)
	u.hashTo(sum)
	sum.Write(previous)
	return sum.Sum(nil)
}

// hasCommitHash tells which blocks carry a commit hash: all but the first.
func hasCommitHash(number uint64, previous []byte) bool {
	return number == 1 || len(previous) > 0
}

func slot(block *common.Block, index common.BlockMetadataIndex) []byte {
	slots := block.GetMetadata().GetMetadata()
	if int(index) >= len(slots) {
		return nil
	}
	return slots[index]
}

// CommitHash reads the commit hash out of a committed block; nil for the first block.
func CommitHash(block *common.Block) ([]byte, error) {
	packed := &common.Metadata{}
	if err := proto.Unmarshal(slot(block, common.BlockMetadataIndex_COMMIT_HASH), packed); err != nil {
		return nil, fmt.Errorf("commit hash of block [%d]: %w", block.GetHeader().GetNumber(), err)
	}
	if len(packed.Value) == 0 {
		return nil, nil
	}
	return packed.Value, nil
}

// Codes reads the validation codes out of a committed block: one byte per transaction, each a
// peer.TxValidationCode.
func Codes(block *common.Block) []byte {
	return slot(block, common.BlockMetadataIndex_TRANSACTIONS_FILTER)
}
