package chain

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
)

// Slot is a metadata slot of a block, nil where the block has none of that number.
func Slot(block *common.Block, index common.BlockMetadataIndex) []byte {
	slots := block.GetMetadata().GetMetadata()
	if int(index) >= len(slots) {
		return nil
	}
	return slots[index]
}

// Codes are the validation codes that the peer gave the transactions, one byte each.
func Codes(block *common.Block) []byte {
	return Slot(block, common.BlockMetadataIndex_TRANSACTIONS_FILTER)
}

// CommitHash is the hash that the peer chains over codes and state; nil where it wrote none.
func CommitHash(block *common.Block) ([]byte, error) {
	packed := &common.Metadata{}
	if err := proto.Unmarshal(Slot(block, common.BlockMetadataIndex_COMMIT_HASH), packed); err != nil {
		return nil, fmt.Errorf("commit hash: %w", err)
	}
	return packed.GetValue(), nil
}

// Seal is what orderers signed of a block.
type Seal struct {
	LastConfig uint64 // number of the last configuration block, this one included
	Signatures []Signed
}

// Signed is a message, who claims to have signed it (a serialised identity), and the signature.
type Signed struct {
	Message, Identity, Signature []byte
}

// SealOf takes the signatures of a block's metadata apart.
func SealOf(block *common.Block) (Seal, error) {
	packed, value := &common.Metadata{}, &common.OrdererBlockMetadata{}
	if err := proto.Unmarshal(Slot(block, common.BlockMetadataIndex_SIGNATURES), packed); err != nil {
		return Seal{}, fmt.Errorf("signatures: %w", err)
	}
	if err := proto.Unmarshal(packed.GetValue(), value); err != nil {
		return Seal{}, fmt.Errorf("orderer's metadata: %w", err)
	}
	s := Seal{LastConfig: value.GetLastConfig().GetIndex()}
	header := HeaderBytes(block.GetHeader())
	for _, one := range packed.GetSignatures() {
		signer := &common.SignatureHeader{}
		if err := proto.Unmarshal(one.GetSignatureHeader(), signer); err != nil {
			return Seal{}, fmt.Errorf("signature header: %w", err)
		}
		message := append(append(append([]byte{}, packed.GetValue()...), one.GetSignatureHeader()...), header...)
		s.Signatures = append(s.Signatures, Signed{message, signer.GetCreator(), one.GetSignature()})
	}
	return s, nil
}

// DeprecatedLastConfig is the number in the slot that orderers still fill for old readers; found is
// false where it is empty. No signature covers it.
func DeprecatedLastConfig(block *common.Block) (number uint64, found bool, err error) {
	slot := Slot(block, common.BlockMetadataIndex_LAST_CONFIG) //nolint:staticcheck // orderers still write it
	if len(slot) == 0 {
		return 0, false, nil
	}
	packed, value := &common.Metadata{}, &common.LastConfig{}
	if err := proto.Unmarshal(slot, packed); err != nil {
		return 0, true, err
	}
	err = proto.Unmarshal(packed.GetValue(), value)
	return value.GetIndex(), true, err
}
