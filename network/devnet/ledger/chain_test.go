package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/network/devnet/ledger"
)

const (
	valid     = peer.TxValidationCode_VALID
	conflict  = peer.TxValidationCode_MVCC_READ_CONFLICT
	phantom   = peer.TxValidationCode_PHANTOM_READ_CONFLICT
	duplicate = peer.TxValidationCode_DUPLICATE_TXID
)

// chain drives one ledger as a peer would, without signatures.
type chain struct {
	testing.TB
	*ledger.Ledger
	private map[string]*rwset.TxPvtReadWriteSet
	public  *rwset.TxReadWriteSet // of the last endorsement
}

// options know the collections "ours" (this peer is a member), "theirs" (it is not) and "brief"
// (ours, gone two blocks after the block that wrote it).
func options() ledger.Options {
	return ledger.Options{
		Channel: "trade",
		Collections: func(_ *ledger.Snapshot, namespace, collection string) (ledger.Collection, bool) {
			switch {
			case namespace != "cc":
				return ledger.Collection{}, false
			case collection == "ours":
				return ledger.Collection{Member: true}, true
			case collection == "theirs":
				return ledger.Collection{}, true
			case collection == "brief":
				return ledger.Collection{Member: true, BlockToLive: 2}, true
			}
			return ledger.Collection{}, false
		},
	}
}

// open opens a ledger and gives an empty one its first block.
func open(t testing.TB, dir string, opts ledger.Options) *chain {
	t.Helper()
	l, err := ledger.Open(dir, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := &chain{TB: t, Ledger: l, private: map[string]*rwset.TxPvtReadWriteSet{}}
	if l.Height() == 0 {
		c.commit(envelope(t, "config", common.HeaderType_CONFIG, nil))
	}
	return c
}

func inMemory(t testing.TB) *chain { return open(t, "", options()) }

// endorse simulates and wraps the results in a transaction with this id.
func (c *chain) endorse(id string, do func(s *ledger.Simulator) error) []byte {
	c.Helper()
	s, err := c.Simulate(id)
	if err != nil {
		c.Fatal(err)
	}
	defer s.Close()
	if err := do(s); err != nil {
		c.Fatalf("transaction %s: %v", id, err)
	}
	set, private, err := s.Results()
	if err != nil {
		c.Fatal(err)
	}
	if c.public = set; private != nil {
		c.private[id] = private
	}
	return envelope(c, id, common.HeaderType_ENDORSER_TRANSACTION, set)
}

// commit makes the next block of the envelopes and returns the codes they got.
func (c *chain) commit(envelopes ...[]byte) []peer.TxValidationCode {
	c.Helper()
	block, err := c.Commit(c.next(envelopes...), nil, func(txid string) *rwset.TxPvtReadWriteSet { return c.private[txid] })
	if err != nil {
		c.Fatalf("commit: %v", err)
	}
	return codesOf(block)
}

func (c *chain) next(envelopes ...[]byte) *common.Block {
	var tip *common.BlockHeader
	if h := c.Height(); h > 0 {
		last, err := c.Block(h - 1)
		if err != nil {
			c.Fatal(err)
		}
		tip = last.Header
	}
	return ledger.NewBlock(tip, envelopes)
}

// run endorses and commits one transaction in a block of its own, which must be valid.
func (c *chain) run(id string, do func(s *ledger.Simulator) error) {
	c.Helper()
	c.expect(c.commit(c.endorse(id, do)), valid)
}

// put writes pairs of keys and values in a block of their own.
func (c *chain) put(id string, pairs ...string) {
	c.Helper()
	c.run(id, writes(pairs...))
}

func writes(pairs ...string) func(s *ledger.Simulator) error {
	return func(s *ledger.Simulator) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := s.PutState("cc", pairs[i], []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	}
}

// readThen reads a key and then writes.
func readThen(key string, pairs ...string) func(s *ledger.Simulator) error {
	return func(s *ledger.Simulator) error {
		_, err := s.GetState("cc", key)
		return errors.Join(err, writes(pairs...)(s))
	}
}

func (c *chain) expect(got []peer.TxValidationCode, want ...peer.TxValidationCode) {
	c.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.Fatalf("codes are %v, want %v", got, want)
	}
}

// holds checks a committed value; "" for an absent key.
func (c *chain) holds(key, want string) {
	c.Helper()
	got, _, _ := c.Snapshot().State("cc", key)
	if string(got) != want {
		c.Fatalf("%s holds %q, want %q", key, got, want)
	}
}

func (c *chain) reopen(dir string, opts ledger.Options) *chain {
	c.Helper()
	if err := c.Close(); err != nil {
		c.Fatalf("close: %v", err)
	}
	return open(c.TB, dir, opts)
}

func codesOf(block *common.Block) []peer.TxValidationCode {
	var codes []peer.TxValidationCode
	for _, code := range ledger.Codes(block) {
		codes = append(codes, peer.TxValidationCode(code))
	}
	return codes
}

func blockFile(dir string) string {
	return filepath.Join(dir, "ledgersData", "chains", "chains", "trade", "blockfile_000000")
}

// clientTime is the time that clients write into transactions here.
var clientTime = time.Date(2024, 5, 4, 12, 0, 0, 0, time.UTC)

// envelope wraps results as an endorsed transaction with a signature that nobody checks.
func envelope(t testing.TB, id string, kind common.HeaderType, set *rwset.TxReadWriteSet) []byte {
	t.Helper()
	action := &peer.ChaincodeAction{Results: pack(t, set), Response: &peer.Response{Status: 200}}
	response := &peer.ProposalResponsePayload{Extension: pack(t, action)}
	endorsed := &peer.ChaincodeActionPayload{
		Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: pack(t, response)},
	}
	tx := &peer.Transaction{Actions: []*peer.TransactionAction{{Payload: pack(t, endorsed)}}}
	return pack(t, &common.Envelope{Signature: []byte("signature"), Payload: pack(t, &common.Payload{
		Header: &common.Header{ChannelHeader: pack(t, &common.ChannelHeader{
			Type: int32(kind), TxId: id, ChannelId: "trade", Timestamp: timestamppb.New(clientTime),
		})},
		Data: pack(t, tx),
	})})
}

func pack(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(t testing.TB, what string, a, b []byte) {
	t.Helper()
	if !bytes.Equal(a, b) {
		t.Fatalf("%s differs: %x and %x", what, a, b)
	}
}
