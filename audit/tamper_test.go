package audit_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/chaincode/api"
)

// traded is the ledger of one honest market, as all tamperings begin with it.
func traded(t testing.TB) (file []byte, blocks []*common.Block) {
	t.Helper()
	m := openMarket(t, honest)
	m.trade()
	home := filepath.Join(m.ledger(korenaar), "ledgersData", "chains", "chains", api.Channel)
	file, err := os.ReadFile(filepath.Join(home, "blockfile_000000"))
	must(t, err)
	blocks, err = chain.Collect(chain.BlockFiles(home))
	must(t, err)
	return file, blocks
}

func copyOf(blocks []*common.Block) []*common.Block {
	var all []*common.Block
	for _, b := range blocks {
		all = append(all, proto.CloneOf(b))
	}
	return all
}

func has(r *audit.Report, code audit.Code) bool { return r.PerCode[code] > 0 }

// last is the number of the last transaction of the contract's Apply of one command.
func last(blocks []*common.Block) int { return len(blocks) - 4 }

// TestTampering changes the blocks of an honest ledger in every way that a peer, or an orderer, could.
func TestTampering(t *testing.T) {
	file, blocks := traded(t)
	n := last(blocks)
	for _, c := range []struct {
		name   string
		tamper func([]*common.Block) []*common.Block
		want   audit.Code
	}{
		{"two blocks in the wrong order", func(b []*common.Block) []*common.Block {
			b[n], b[n+1] = b[n+1], b[n]
			return b
		}, audit.CodeNumber},
		{"a block is missing", func(b []*common.Block) []*common.Block { return slices.Delete(b, n, n+1) }, audit.CodeNumber},
		{"a transaction is removed", func(b []*common.Block) []*common.Block {
			b[n].Data.Data = nil
			return b
		}, audit.CodeDataHash},
		{"a transaction is removed and the header made anew", func(b []*common.Block) []*common.Block {
			b[n].Data.Data = nil
			hash := chain.DataHash(b[n].Data)
			b[n].Header.DataHash = hash[:]
			return b
		}, audit.CodeOrderer},
		{"a validation flag is flipped", func(b []*common.Block) []*common.Block {
			b[n].Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = []byte{byte(peer.TxValidationCode_MVCC_READ_CONFLICT)}
			return b
		}, audit.CodeFlag},
		{"an endorsement is forged", func(b []*common.Block) []*common.Block {
			forgeEndorsement(t, b[n])
			return b
		}, audit.CodeFlag},
		{"the commit hash is another", func(b []*common.Block) []*common.Block {
			text, err := proto.Marshal(&common.Metadata{Value: bytes.Repeat([]byte{7}, 32)})
			must(t, err)
			b[n].Metadata.Metadata[common.BlockMetadataIndex_COMMIT_HASH] = text
			return b
		}, audit.CodeCommitHash},
		{"the commit hash is gone", func(b []*common.Block) []*common.Block {
			b[n].Metadata.Metadata[common.BlockMetadataIndex_COMMIT_HASH] = nil
			return b
		}, audit.CodeCommitHash},
		{"the orderer's signature is gone", func(b []*common.Block) []*common.Block {
			b[n].Metadata.Metadata[common.BlockMetadataIndex_SIGNATURES] = nil
			return b
		}, audit.CodeOrderer},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := auditOf(t, chain.Blocks(c.tamper(copyOf(blocks))), nil)
			if !has(r, c.want) {
				t.Errorf("found %v, want %s", r.Findings, c.want)
			}
		})
	}
	t.Run("the end is cut off", func(t *testing.T) {
		r := auditOf(t, chain.Blocks(blocks[:n]), func(o *audit.Options) { o.Height = uint64(len(blocks)) })
		if !has(r, audit.CodeHeight) {
			t.Errorf("found %v", r.Findings)
		}
	})
	t.Run("another channel's genesis", func(t *testing.T) {
		r := auditOf(t, chain.Blocks(blocks), func(o *audit.Options) { o.Genesis = bytes.Repeat([]byte{1}, 32) })
		if !has(r, audit.CodeGenesis) {
			t.Errorf("found %v", r.Findings)
		}
	})
	t.Run("one byte anywhere", func(t *testing.T) { oneByte(t, file) })
	t.Run("two peers have different blocks", func(t *testing.T) { fork(t, blocks) })
}

// forgeEndorsement replaces the second endorser's signature by the first one's, with a header and
// data hash that fit.
func forgeEndorsement(t *testing.T, b *common.Block) {
	envelope, payload, body, action := &common.Envelope{}, &common.Payload{}, &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	must(t, proto.Unmarshal(b.Data.Data[0], envelope))
	must(t, proto.Unmarshal(envelope.Payload, payload))
	must(t, proto.Unmarshal(payload.Data, body))
	must(t, proto.Unmarshal(body.Actions[0].Payload, action))
	action.Action.Endorsements[1].Signature = action.Action.Endorsements[0].Signature
	var err error
	body.Actions[0].Payload, err = proto.Marshal(action)
	must(t, err)
	payload.Data, err = proto.Marshal(body)
	must(t, err)
	envelope.Payload, err = proto.Marshal(payload)
	must(t, err)
	b.Data.Data[0], err = proto.Marshal(envelope)
	must(t, err)
	hash := chain.DataHash(b.Data)
	b.Header.DataHash = hash[:]
}

// oneByte changes single bytes all over the file.
func oneByte(t *testing.T, file []byte) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	samples := 80
	if testing.Short() {
		samples = 20
	}
	places := edges(t, file)
	for range samples {
		places = append(places, random.IntN(len(file)))
	}
	for _, at := range places {
		changed := slices.Clone(file)
		changed[at] ^= byte(1 << random.IntN(8))
		must(t, os.WriteFile(filepath.Join(dir, "blockfile_000000"), changed, 0o600))
		r := auditOf(t, chain.BlockFiles(dir), nil)
		if r.Clean {
			t.Errorf("byte %d of %d: %#x for %#x was not noticed", at, len(file), changed[at], file[at])
		}
	}
	t.Logf("%d bytes", len(places))
}

// edges are the places where bytes decide about lengths: the beginning of some blocks, and their metadata.
func edges(t *testing.T, file []byte) []int {
	t.Helper()
	var places []int
	for at, n := 0, 0; at < len(file); n++ {
		body, taken := protowire.ConsumeBytes(file[at:])
		if taken < 0 {
			t.Fatal("the file is not of its form")
		}
		if n%9 == 5 {
			end := at + taken
			places = append(places, at, at+1, at+taken-len(body), end-1, end-20, end-37, end-40, end-45, end-60)
		}
		at += taken
	}
	return places
}

// fork lets another peer's copy differ.
func fork(t *testing.T, blocks []*common.Block) {
	other := copyOf(blocks)
	n := last(blocks)
	other[n].Header.DataHash[0] ^= 1
	for _, c := range []struct {
		name  string
		other []*common.Block
		want  audit.Code
	}{
		{"in a header", other, audit.CodeFork},
		{"in length", blocks[:n], audit.CodePeersGap},
	} {
		a, err := audit.New(audit.Options{})
		must(t, err)
		must(t, a.Compare(chain.Blocks(blocks), map[string]chain.Source{"other": chain.Blocks(c.other)}, nil))
		r, err := a.Finish()
		must(t, err)
		must(t, a.Close())
		if !has(r, c.want) || len(r.PerCode) != 1 {
			t.Errorf("%s: found %v, want %s", c.name, r.Findings, c.want)
		}
	}
}
