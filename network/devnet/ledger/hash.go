package ledger

import (
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// HeaderHash is the hash by which a block is known and which the next block names as its previous
// hash: SHA-256 of the ASN.1 DER sequence of number, previous hash and data hash.
func HeaderHash(header *common.BlockHeader) []byte { panic("stub") }

// DataHash is SHA-256 over the concatenated transactions of a block.
func DataHash(data *common.BlockData) []byte { panic("stub") }

// NewBlock makes the block after previous (nil for the first) from marshalled envelopes, with empty
// metadata slots and TRANSACTIONS_FILTER all NOT_VALIDATED.
func NewBlock(previous *common.BlockHeader, envelopes [][]byte) *common.Block { panic("stub") }
