package ledger

import (
	"crypto/sha256"
	"encoding/asn1"
	"math/big"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// HeaderHash is the hash by which a block is known and which the next block names as its previous
// hash: SHA-256 of the ASN.1 DER sequence of number, previous hash and data hash.
func HeaderHash(header *common.BlockHeader) []byte {
	sum := sha256.Sum256(HeaderBytes(header))
	return sum[:]
}

// HeaderBytes is the ASN.1 DER form of a block header, which HeaderHash hashes and an orderer signs
// as part of its block signature.
func HeaderBytes(header *common.BlockHeader) []byte {
	der, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(header.GetNumber()), header.GetPreviousHash(), header.GetDataHash()})
	if err != nil {
		// Integers and octet strings always encode.
		return nil
	}
	return der
}

// DataHash is SHA-256 over the concatenated transactions of a block.
func DataHash(data *common.BlockData) []byte {
	sum := sha256.New()
	for _, envelope := range data.GetData() {
		sum.Write(envelope)
	}
	return sum.Sum(nil)
}

// NewBlock makes the block after previous (nil for the first) from marshalled envelopes, with empty
// metadata slots and a TRANSACTIONS_FILTER that says NOT_VALIDATED for each.
func NewBlock(previous *common.BlockHeader, envelopes [][]byte) *common.Block {
	header := &common.BlockHeader{}
	if previous != nil {
		header.Number = previous.Number + 1
		header.PreviousHash = HeaderHash(previous)
	}
	data := &common.BlockData{Data: envelopes}
	header.DataHash = DataHash(data)
	slots := make([][]byte, len(common.BlockMetadataIndex_name))
	for i := range slots {
		slots[i] = []byte{}
	}
	filter := make([]byte, len(envelopes))
	for i := range filter {
		filter[i] = byte(peer.TxValidationCode_NOT_VALIDATED)
	}
	slots[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = filter
	return &common.Block{Header: header, Data: data, Metadata: &common.BlockMetadata{Metadata: slots}}
}

func hashOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// hashOfNothing is what a private write of an empty value would hash to: it is a deletion.
var hashOfNothing = hashOf(nil)
