package ledger

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
)

// Version is where a value was written: block and transaction number.
type Version struct{ Block, Tx uint64 }

// String writes a version as Fabric's error texts do.
func (v Version) String() string {
	return fmt.Sprintf("{BlockNum: %d, TxNum: %d}", v.Block, v.Tx)
}

// before tells whether v was written earlier than w.
func (v Version) before(w Version) bool {
	return v.Block < w.Block || v.Block == w.Block && v.Tx < w.Tx
}

// bytes is the form of a version in the commit hash: each number as its length and its big-endian
// bytes without leading zeros.
func (v Version) bytes() []byte {
	return appendNumber(appendNumber(nil, v.Block), v.Tx)
}

func appendNumber(to []byte, n uint64) []byte {
	size := 0
	for m := n; m > 0; m >>= 8 {
		size++
	}
	to = append(to, byte(size))
	for i := size - 1; i >= 0; i-- {
		to = append(to, byte(n>>(8*i)))
	}
	return to
}

// recordedVersion is the version of an entry as a read records it: nil for an absent key.
func recordedVersion(e *entry) *kvrwset.Version {
	if e == nil {
		return nil
	}
	return &kvrwset.Version{BlockNum: e.version.Block, TxNum: e.version.Tx}
}

// unchanged tells whether the entry is still the one that was read.
func unchanged(e *entry, read *kvrwset.Version) bool {
	if e == nil || read == nil {
		return e == nil && read == nil
	}
	return e.version == Version{read.BlockNum, read.TxNum}
}

// versionText writes the version of an entry that may be absent.
func versionText(e *entry) string {
	if e == nil {
		return "<nil>"
	}
	return e.version.String()
}
