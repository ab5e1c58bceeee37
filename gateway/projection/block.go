package projection

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
)

// The ways in which a block does not fit. They are told apart because a gap is mended by asking
// again, and the others never are.
var (
	// ErrGap says that blocks are missing before this one.
	ErrGap = errors.New("projection: not the next block")
	// ErrForked says that the block continues, or is, another ledger than the one projected.
	ErrForked = errors.New("projection: the block belongs to another ledger")
	// ErrBroken says that the block is not what its header says, or holds a valid transaction that
	// cannot be read.
	ErrBroken = errors.New("projection: the block is broken")
)

// place is how far a projection has come.
type place struct {
	next uint64 // number of the next block
	head []byte // hash of the header of the block before it; empty at 0
}

// fit reports whether b is the next block at p. A block that was taken before is not new and not
// an error; of the last one the hash is known, so that a ledger that was replaced by another is
// noticed.
func (p place) fit(b *common.Block) (fresh bool, err error) {
	header := b.GetHeader()
	switch number := header.GetNumber(); {
	case header == nil || number > math.MaxInt64-1:
		return false, fmt.Errorf("%w: no usable header", ErrBroken)
	case number > p.next:
		return false, fmt.Errorf("%w: block %d came, %d is next", ErrGap, number, p.next)
	case number == p.next:
		return true, p.follows(b)
	case number+1 == p.next && !bytes.Equal(headerHash(header), p.head):
		return false, fmt.Errorf("%w: block %d has another hash", ErrForked, number)
	default:
		return false, nil
	}
}

func (p place) follows(b *common.Block) error {
	header := b.GetHeader()
	if p.next > 0 && !bytes.Equal(header.GetPreviousHash(), p.head) {
		return fmt.Errorf("%w: block %d does not follow block %d", ErrForked, header.GetNumber(), p.next-1)
	}
	if !bytes.Equal(dataHash(b.GetData()), header.GetDataHash()) {
		return fmt.Errorf("%w: block %d: the data hash does not match", ErrBroken, header.GetNumber())
	}
	return nil
}

// after is the place behind b.
func after(b *common.Block) place {
	return place{next: b.GetHeader().GetNumber() + 1, head: headerHash(b.GetHeader())}
}

// headerHash is the hash by which the next block refers to this one: SHA-256 of the header in
// ASN.1 DER, an INTEGER and two OCTET STRINGs.
func headerHash(h *common.BlockHeader) []byte {
	der, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(h.GetNumber()), h.GetPreviousHash(), h.GetDataHash()})
	if err != nil {
		return nil // cannot happen: an integer and two strings of bytes always have a DER form
	}
	sum := sha256.Sum256(der)
	return sum[:]
}

// dataHash is SHA-256 of all envelopes, one behind the other.
func dataHash(d *common.BlockData) []byte {
	h := sha256.New()
	for _, envelope := range d.GetData() {
		_, _ = h.Write(envelope) // a hash never fails to write
	}
	return h.Sum(nil)
}
