package chain

import (
	"crypto/sha256"
	"encoding/asn1"
	"math/big"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// derHeader is the form of a block header that is hashed and signed.
type derHeader struct {
	Number       *big.Int
	PreviousHash []byte
	DataHash     []byte
}

// HeaderBytes is the ASN.1 DER form of a header: an orderer signs it, and its SHA-256 is the block's
// hash. It is nil if the header cannot be encoded.
func HeaderBytes(h *common.BlockHeader) []byte {
	der, err := asn1.Marshal(derHeader{new(big.Int).SetUint64(h.GetNumber()), h.GetPreviousHash(), h.GetDataHash()})
	if err != nil {
		return nil
	}
	return der
}

// HeaderHash is the hash by which the next block names this one.
func HeaderHash(h *common.BlockHeader) [sha256.Size]byte { return sha256.Sum256(HeaderBytes(h)) }

// DataHash is the SHA-256 of the transactions of a block, one after the other.
func DataHash(d *common.BlockData) [sha256.Size]byte {
	sum := sha256.New()
	for _, envelope := range d.GetData() {
		sum.Write(envelope)
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
