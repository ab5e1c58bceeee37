package channel

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// Genesis builds block 0 of a channel: one unsigned configuration transaction.
func Genesis(plan Plan) (*common.Block, error) {
	config, err := Config(plan)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	id := sha256.Sum256(plan.Nonce)
	payload := &common.Payload{
		Header: &common.Header{
			ChannelHeader: b.encode(&common.ChannelHeader{Type: int32(common.HeaderType_CONFIG), Version: 1,
				ChannelId: plan.Channel, TxId: hex.EncodeToString(id[:]), Timestamp: timestamppb.New(plan.Created)}),
			SignatureHeader: b.encode(&common.SignatureHeader{Nonce: plan.Nonce}),
		},
		Data: b.encode(config),
	}
	block := ledger.NewBlock(nil, [][]byte{b.encode(&common.Envelope{Payload: b.encode(payload)})})
	last := &common.LastConfig{Index: 0}
	metadata := block.GetMetadata().GetMetadata()
	metadata[common.BlockMetadataIndex_SIGNATURES] = b.encode(&common.Metadata{
		Value: b.encode(&common.OrdererBlockMetadata{LastConfig: last})})
	metadata[common.BlockMetadataIndex_LAST_CONFIG] = b.encode(&common.Metadata{Value: b.encode(last)}) //nolint:staticcheck // Fabric still writes the deprecated slot
	return block, b.err
}
