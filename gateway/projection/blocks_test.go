package projection_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
)

const (
	ada = loyalty.MemberID("0000000000000000000000000000ada0")
	bob = loyalty.MemberID("00000000000000000000000000000b0b")
)

// tx is a transaction of a test ledger.
type tx struct {
	id        string
	chain     string
	outcomes  []loyalty.Outcome
	code      peer.TxValidationCode
	chaincode string // default: loyalty
	event     string // default: Applied
	payload   []byte // in place of the outcomes
}

func mustProto(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// envelope builds what Fabric would have ordered for t.
func (t tx) envelope() []byte {
	payload := t.payload
	if payload == nil {
		var err error
		if payload, err = api.EncodeReply(t.outcomes); err != nil {
			panic(err)
		}
	}
	name := orDefault(t.chaincode, api.Chaincode)
	action := &peer.ChaincodeAction{
		ChaincodeId: &peer.ChaincodeID{Name: name},
		Events: mustProto(&peer.ChaincodeEvent{
			ChaincodeId: name, TxId: t.id, EventName: orDefault(t.event, api.EventApplied), Payload: payload,
		}),
	}
	response := &peer.ProposalResponsePayload{Extension: mustProto(action)}
	return wrap(common.HeaderType_ENDORSER_TRANSACTION, t.id, t.chain, mustProto(&peer.Transaction{
		Actions: []*peer.TransactionAction{{Payload: mustProto(&peer.ChaincodeActionPayload{
			Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: mustProto(response)},
		})}},
	}))
}

func wrap(kind common.HeaderType, id, chain string, data []byte) []byte {
	return mustProto(&common.Envelope{Payload: mustProto(&common.Payload{
		Header: &common.Header{
			ChannelHeader:   mustProto(&common.ChannelHeader{Type: int32(kind), TxId: id, ChannelId: api.Channel}),
			SignatureHeader: mustProto(&common.SignatureHeader{Creator: mustProto(&msp.SerializedIdentity{Mspid: chain})}),
		},
		Data: data,
	})})
}

// ledger chains blocks of transactions; block 0 is a configuration without validation codes.
func ledger(blocks ...[]tx) []*common.Block {
	genesis := &common.Block{
		Header:   &common.BlockHeader{},
		Data:     &common.BlockData{Data: [][]byte{wrap(common.HeaderType_CONFIG, "", "OrdererMSP", []byte("config"))}},
		Metadata: &common.BlockMetadata{},
	}
	all := []*common.Block{genesis}
	for _, txs := range blocks {
		b := &common.Block{Header: &common.BlockHeader{Number: uint64(len(all))}, Data: &common.BlockData{}}
		codes := make([]byte, len(txs))
		for i, t := range txs {
			b.Data.Data = append(b.Data.Data, t.envelope())
			codes[i] = byte(t.code)
		}
		b.Metadata = &common.BlockMetadata{Metadata: [][]byte{{}, {}, codes, {}, {}}}
		all = append(all, b)
	}
	for i, b := range all {
		if i > 0 {
			b.Header.PreviousHash = hashOf(all[i-1].Header)
		}
		b.Header.DataHash = ledgerHash(b)
	}
	return all
}

func ledgerHash(b *common.Block) []byte {
	sum := sha256.New()
	for _, d := range b.Data.Data {
		sum.Write(d)
	}
	return sum.Sum(nil)
}

// hashOf writes the DER by hand: it must not agree with the code under test by sharing it.
func hashOf(h *common.BlockHeader) []byte {
	number := binary.BigEndian.AppendUint64(nil, h.Number)
	for len(number) > 1 && number[0] == 0 && number[1] < 0x80 {
		number = number[1:]
	}
	der := append([]byte{0x02, byte(len(number))}, number...)
	der = append(append(der, 0x04, byte(len(h.PreviousHash))), h.PreviousHash...)
	der = append(append(der, 0x04, byte(len(h.DataHash))), h.DataHash...)
	sum := sha256.Sum256(append([]byte{0x30, byte(len(der))}, der...))
	return sum[:]
}

// move is an applied outcome with the given postings; every posting is of Korenaar's points.
func move(op int, kind loyalty.Kind, postings ...loyalty.Posting) loyalty.Outcome {
	for i := range postings {
		postings[i].Issuer = "KorenaarMSP"
	}
	return loyalty.Outcome{
		Op: loyalty.OpID(fmt.Sprintf("%032x", op)), Kind: kind, Status: loyalty.StatusApplied, Recorded: true,
		At: loyalty.Instant(1_763_800_000_000 + int64(op)), Postings: postings,
	}
}

func posting(m loyalty.MemberID, reason loyalty.Reason, points loyalty.Points) loyalty.Posting {
	return loyalty.Posting{Member: m, Reason: reason, Points: points, Expiry: 24335}
}

func mustOpen(t testing.TB) *projection.Projection {
	t.Helper()
	p, err := projection.Open(filepath.Join(t.TempDir(), "statement.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func mustApply(t testing.TB, p *projection.Projection, blocks ...*common.Block) {
	t.Helper()
	if _, err := p.Apply(context.Background(), blocks...); err != nil {
		t.Fatal(err)
	}
}

func mustDump(t testing.TB, p *projection.Projection) string {
	t.Helper()
	s, err := p.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// life is a small history: two members, every reason, refusals, replays and invalid transactions.
func life() []*common.Block {
	replayed := move(1, loyalty.KindEarn, posting(ada, loyalty.Earned, 100))
	replayed.Replayed = true
	refused := loyalty.Outcome{Op: "00", Kind: loyalty.KindRedeem, Status: loyalty.StatusRefused, Postings: []loyalty.Posting{posting(ada, loyalty.Redeemed, 1)}}
	return ledger(
		[]tx{
			{id: "t1", chain: "KorenaarMSP", outcomes: []loyalty.Outcome{
				move(1, loyalty.KindEarn, posting(ada, loyalty.Earned, 100)),
				refused,
				move(2, loyalty.KindEarn, posting(bob, loyalty.Earned, 30)),
			}},
			{id: "t2", chain: "DuinmarktMSP", code: peer.TxValidationCode_MVCC_READ_CONFLICT,
				outcomes: []loyalty.Outcome{move(3, loyalty.KindRedeem, posting(ada, loyalty.Redeemed, 100))}},
		},
		[]tx{{id: "t3", chain: "DuinmarktMSP", outcomes: []loyalty.Outcome{
			move(4, loyalty.KindHold, posting(ada, loyalty.Held, 40)),
			replayed,
		}}},
		[]tx{
			{id: "t4", chain: "KorenaarMSP", chaincode: "_lifecycle", payload: []byte("not ours")},
			{id: "t5", chain: "KorenaarMSP", event: "Other", payload: []byte("not ours")},
			{id: "t6", chain: "DuinmarktMSP", outcomes: []loyalty.Outcome{
				move(5, loyalty.KindCapture, posting(ada, loyalty.Captured, 25), posting(ada, loyalty.Released, 15)),
				move(6, loyalty.KindTransfer, posting(ada, loyalty.Sent, 10), posting(bob, loyalty.Received, 10)),
			}},
		},
		nil,
		[]tx{{id: "t7", chain: "KorenaarMSP", outcomes: []loyalty.Outcome{
			move(7, loyalty.KindReturn, posting(ada, loyalty.Clawed, 60), posting(ada, loyalty.Owed, 20), posting(ada, loyalty.Restored, 5)),
			move(8, loyalty.KindEarn, posting(ada, loyalty.Earned, 50), posting(ada, loyalty.Repaid, 20), posting(bob, loyalty.Expired, 7)),
		}}},
	)
}
