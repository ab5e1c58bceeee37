package ledger_test

import (
	"encoding/hex"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// The DER bytes are written out by hand: SEQUENCE{INTEGER, OCTET STRING, OCTET STRING}.
func TestHeaderBytes(t *testing.T) {
	for _, row := range []struct {
		header *common.BlockHeader
		der    string
	}{
		{&common.BlockHeader{}, "3007020100" + "0400" + "0400"},
		{&common.BlockHeader{Number: 128, PreviousHash: []byte{1, 2}, DataHash: []byte{3}}, "300b02020080" + "04020102" + "040103"},
		{&common.BlockHeader{Number: 1<<64 - 1}, "300f020900ffffffffffffffff" + "0400" + "0400"},
	} {
		if got := hex.EncodeToString(ledger.HeaderBytes(row.header)); got != row.der {
			t.Errorf("header %v is %s, want %s", row.header, got, row.der)
		}
		same(t, "hash", ledger.HeaderHash(row.header), sha(ledger.HeaderBytes(row.header)))
	}
}

func TestNewBlockFollowsItsPredecessor(t *testing.T) {
	first := ledger.NewBlock(nil, [][]byte{{1}})
	second := ledger.NewBlock(first.Header, [][]byte{{1, 2}, {3}})
	if first.Header.Number != 0 || first.Header.PreviousHash != nil || second.Header.Number != 1 {
		t.Fatalf("headers are %v and %v", first.Header, second.Header)
	}
	same(t, "previous hash", second.Header.PreviousHash, ledger.HeaderHash(first.Header))
	same(t, "data hash", second.Header.DataHash, sha([]byte{1, 2, 3}))
	same(t, "filter", ledger.Codes(second), []byte{254, 254})
	if len(second.Metadata.Metadata) != 5 {
		t.Fatalf("%d metadata slots", len(second.Metadata.Metadata))
	}
}
