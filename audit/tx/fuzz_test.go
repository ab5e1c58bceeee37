package tx_test

import (
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/tx"
)

// FuzzDecode feeds anything to the reader of envelopes, which must not panic.
func FuzzDecode(f *testing.F) {
	payload, err := proto.Marshal(&common.Payload{Header: &common.Header{ChannelHeader: []byte{8, 3}, SignatureHeader: []byte{10, 1, 65}}, Data: []byte{10, 2, 18, 0}})
	if err != nil {
		f.Fatal(err)
	}
	envelope, err := proto.Marshal(&common.Envelope{Payload: payload, Signature: []byte("s")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(envelope)
	f.Fuzz(func(_ *testing.T, envelope []byte) {
		t, err := tx.Decode(envelope)
		if err != nil {
			return
		}
		_ = t.ComputedID()
		_, _ = t.Config()
		if t.Open() == nil && t.Action.Answer() == nil {
			_, _, _ = t.Tied(), t.SameCreator(), t.Action.Of("loyalty")
		}
	})
}
