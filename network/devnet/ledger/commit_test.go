package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/ledger"
)

func TestReadConflicts(t *testing.T) {
	for _, row := range []struct {
		name         string
		early, late  func(*ledger.Simulator) error
		inOneBlock   peer.TxValidationCode
		acrossBlocks peer.TxValidationCode
	}{
		{"a read of a key written before conflicts", writes("k", "2"), readThen("k", "x", "1"), conflict, conflict},
		{"a read of an absent key created before conflicts", writes("new", "2"), readThen("new", "x", "1"), conflict, conflict},
		{"a read of a deleted key conflicts", writes("k", ""), readThen("k", "x", "1"), conflict, conflict},
		{"a write without a read never conflicts", writes("k", "2"), writes("k", "3"), valid, valid},
		{"two transactions that create after reading conflict", readThen("new", "new", "1"), readThen("new", "new", "2"), conflict, conflict},
		{"reads of other keys do not conflict", writes("k", "2"), readThen("other", "x", "1"), valid, valid},
		{
			"deleting an absent key conflicts within the block only",
			writes("new", ""), readThen("new", "x", "1"), conflict, valid,
		},
		{
			"metadata moves the version",
			func(s *ledger.Simulator) error { return s.PutStateMetadata("cc", "k", map[string][]byte{"p": {1}}) },
			readThen("k", "x", "1"), conflict, conflict,
		},
		{
			"metadata of an absent key changes nothing",
			func(s *ledger.Simulator) error { return s.PutStateMetadata("cc", "new", map[string][]byte{"p": {1}}) },
			readThen("new", "x", "1"), valid, valid,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			one := inMemory(t)
			one.put("seed", "k", "1")
			early, late := one.endorse("early", row.early), one.endorse("late", row.late)
			one.expect(one.commit(early, late), valid, row.inOneBlock)

			two := inMemory(t)
			two.put("seed", "k", "1")
			early, late = two.endorse("early", row.early), two.endorse("late", row.late)
			two.expect(two.commit(early), valid)
			two.expect(two.commit(late), row.acrossBlocks)
		})
	}
}

func TestFirstInBlockWinsAndItsLoserWritesNothing(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "k", "0")
	var envelopes [][]byte
	for i := range 3 {
		id := fmt.Sprint("t", i)
		envelopes = append(envelopes, c.endorse(id, readThen("k", "k", id, id, "was here")))
	}
	c.expect(c.commit(envelopes...), valid, conflict, conflict)
	c.holds("k", "t0")
	c.holds("t1", "")
}

func TestInvalidTransactionDoesNotShadowLaterOnes(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "k", "0")
	stale := c.endorse("stale", readThen("k", "m", "1"))
	c.put("move", "k", "1")
	fresh := c.endorse("fresh", readThen("m", "m", "2"))
	c.expect(c.commit(stale, fresh), conflict, valid)
	c.holds("m", "2")
}

func scanRange(start, end string, batches int, pairs ...string) func(*ledger.Simulator) error {
	return func(s *ledger.Simulator) error {
		rows, err := s.GetStateRange("cc", start, end)
		for range batches {
			if err != nil {
				return err
			}
			_, _, err = rows.Batch()
		}
		return errors.Join(err, writes(pairs...)(s))
	}
}

func TestPhantoms(t *testing.T) {
	const few, many, long = 10, 120, 250
	for _, row := range []struct {
		name    string
		rows    int
		start   string
		end     string
		batches int
		change  []string
		want    peer.TxValidationCode
	}{
		{"insert inside", few, "k", "l", 1, []string{"k0031", "x"}, phantom},
		{"insert before the first row", few, "k", "l", 1, []string{"k", "x"}, phantom},
		{"insert behind the last row, inside the range", few, "k", "l", 1, []string{"kz", "x"}, phantom},
		{"delete inside", few, "k", "l", 1, []string{"k003", ""}, phantom},
		{"update inside", few, "k", "l", 1, []string{"k003", "x"}, phantom},
		{"insert at the end, which is excluded", few, "k", "l", 1, []string{"l", "x"}, valid},
		{"change outside", few, "k", "l", 1, []string{"a", "x"}, valid},
		{"insert into an empty range", few, "x", "y", 1, []string{"x1", "x"}, phantom},
		{"delete of an absent key inside", few, "k", "l", 1, []string{"k0031", ""}, valid},
		{"update in a hashed range", many, "k", "l", 2, []string{"k110", "x"}, phantom},
		{"insert in a hashed range", many, "k", "l", 2, []string{"k0001", "x"}, phantom},
		{"delete in a hashed range", many, "k", "l", 2, []string{"k119", ""}, phantom},
		{"change outside a hashed range", many, "k", "l", 2, []string{"a", "x"}, valid},
		{"update of the last row given", long, "k", "l", 1, []string{"k099", "x"}, phantom},
		{"update of the row read ahead", long, "k", "l", 1, []string{"k100", "x"}, phantom},
		{"delete of the row read ahead", long, "k", "l", 1, []string{"k100", ""}, phantom},
		{"insert just before the row read ahead", long, "k", "l", 1, []string{"k0991", "x"}, phantom},
		{"update just behind the row read ahead", long, "k", "l", 1, []string{"k101", "x"}, valid},
		{"insert just behind the row read ahead", long, "k", "l", 1, []string{"k1001", "x"}, valid},
	} {
		t.Run(row.name, func(t *testing.T) {
			run := func(together bool) {
				c := inMemory(t)
				c.put("seed", rowsOf(row.rows)...)
				change := c.endorse("change", writes(row.change...))
				scan := c.endorse("scan", scanRange(row.start, row.end, row.batches, "z", "1"))
				if together {
					c.expect(c.commit(change, scan), valid, row.want)
					return
				}
				c.expect(c.commit(change), valid)
				c.expect(c.commit(scan), row.want)
			}
			run(true)
			run(false)
		})
	}
}

func TestScanSeesAllEarlierTransactionsOfItsBlock(t *testing.T) {
	c := inMemory(t)
	c.put("seed", rowsOf(5)...)
	insert := c.endorse("insert", writes("k0011", "x"))
	remove := c.endorse("remove", writes("k0011", ""))
	scan := c.endorse("scan", scanRange("k", "l", 1, "z", "1"))
	c.expect(c.commit(insert, remove, scan), valid, valid, valid)
}

func TestPublicReadsAreCheckedBeforeRanges(t *testing.T) {
	c := inMemory(t)
	c.put("seed", rowsOf(5)...)
	both := c.endorse("both", func(s *ledger.Simulator) error {
		_, err := s.GetState("cc", "k001")
		return errors.Join(err, scanRange("k", "l", 1, "z", "1")(s))
	})
	c.put("change", "k001", "x")
	c.expect(c.commit(both), conflict)
}

func TestDuplicateIDs(t *testing.T) {
	t.Run("in the block the first valid one wins", func(t *testing.T) {
		c := inMemory(t)
		a, b := c.endorse("same", writes("k", "1")), c.endorse("same", writes("k", "2"))
		c.expect(c.commit(a, b), valid, duplicate)
		c.holds("k", "1")
	})
	t.Run("one that failed before does not own the id", func(t *testing.T) {
		c := inMemory(t)
		a, b := c.endorse("same", writes("k", "1")), c.endorse("same", writes("k", "2"))
		block, err := c.Commit(c.next(a, b), []peer.TxValidationCode{peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, valid}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.expect(codesOf(block), peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, valid)
		c.holds("k", "2")
	})
	t.Run("one that conflicts owns the id all the same", func(t *testing.T) {
		c := inMemory(t)
		c.put("seed", "k", "0")
		stale := c.endorse("same", readThen("k", "k", "1"))
		c.put("move", "k", "9")
		c.expect(c.commit(stale, c.endorse("same", writes("m", "2"))), conflict, duplicate)
	})
	t.Run("an id on the chain is refused for ever, valid or not", func(t *testing.T) {
		c := inMemory(t)
		c.put("seed", "k", "0")
		stale := c.endorse("lost", readThen("k", "k", "1"))
		c.put("move", "k", "9")
		c.expect(c.commit(stale), conflict)
		c.expect(c.commit(c.endorse("lost", writes("m", "1")), c.endorse("seed", writes("m", "1"))), duplicate, duplicate)
		code, block, found := c.TxCode("lost")
		if code != conflict || block != 3 || !found || !c.HasTx("lost") || c.HasTx("never") {
			t.Fatalf("first occurrence is %v in block %d (%t)", code, block, found)
		}
	})
	t.Run("a bad signature is said before a duplicate", func(t *testing.T) {
		c := inMemory(t)
		c.put("seed", "k", "0")
		env := c.endorse("seed", writes("m", "1"))
		block, err := c.Commit(c.next(env, env), []peer.TxValidationCode{
			peer.TxValidationCode_BAD_CREATOR_SIGNATURE, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.expect(codesOf(block), peer.TxValidationCode_BAD_CREATOR_SIGNATURE, duplicate)
	})
}

func TestMalformedTransactionsAreInvalidNotFatal(t *testing.T) {
	c := inMemory(t)
	noAction := pack(t, &common.Envelope{Payload: pack(t, &common.Payload{Header: &common.Header{
		ChannelHeader: pack(t, &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), TxId: "bare"}),
	}})})
	c.expect(c.commit([]byte("\xff\xff"), nil, noAction, c.endorse("good", writes("k", "1"))),
		peer.TxValidationCode_BAD_PAYLOAD, peer.TxValidationCode_BAD_PAYLOAD, peer.TxValidationCode_NIL_TXACTION, valid)
	c.holds("k", "1")
}

func TestBlocksThatDoNotFollowAreRefused(t *testing.T) {
	c := inMemory(t)
	for _, row := range []struct {
		name  string
		spoil func(*common.Block)
	}{
		{"number", func(b *common.Block) { b.Header.Number++ }},
		{"previous hash", func(b *common.Block) { b.Header.PreviousHash = sha(nil) }},
		{"data hash", func(b *common.Block) { b.Header.DataHash = sha(nil) }},
		{"data", func(b *common.Block) { b.Data.Data[0] = append(b.Data.Data[0], 0) }},
		{"no header", func(b *common.Block) { b.Header = nil }},
		{"no data", func(b *common.Block) { b.Data = nil }},
	} {
		t.Run(row.name, func(t *testing.T) {
			block := c.next(c.endorse("t", writes("k", "1")))
			row.spoil(block)
			_, err := c.Commit(block, nil, nil)
			var refused *ledger.BlockError
			if !errors.As(err, &refused) {
				t.Fatalf("error is %v", err)
			}
		})
	}
	if _, err := c.Commit(c.next(c.endorse("t", writes("k", "1"))), []peer.TxValidationCode{valid, valid}, nil); err == nil {
		t.Fatal("two codes for one transaction were taken")
	}
	c.put("t", "k", "1")
}

func TestCommitLeavesTheBlockItWasGiven(t *testing.T) {
	c := inMemory(t)
	block := c.next(c.endorse("t", writes("k", "1")))
	before := pack(t, block)
	sealed, err := c.Commit(block, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "block", before, pack(t, block))
	c.expect(codesOf(block), peer.TxValidationCode_NOT_VALIDATED)
	c.expect(codesOf(sealed), valid)
	if hash, err := ledger.CommitHash(sealed); err != nil || len(hash) != 32 {
		t.Fatalf("commit hash is %x (%v)", hash, err)
	}
}

func TestFirstBlockHasNoCommitHash(t *testing.T) {
	c := inMemory(t)
	first := must[*common.Block](t)(c.Block(0))
	if hash := must[[]byte](t)(ledger.CommitHash(first)); hash != nil || c.Ledger.CommitHash() != nil {
		t.Fatalf("commit hash is %x", hash)
	}
}

func TestDeletionRemovesMetadataAndEmptyValueDeletes(t *testing.T) {
	c := inMemory(t)
	c.run("tag", func(s *ledger.Simulator) error {
		return errors.Join(s.PutState("cc", "k", []byte("1")), s.PutStateMetadata("cc", "k", map[string][]byte{"p": []byte("policy")}))
	})
	c.put("update", "k", "2")
	if m := must[map[string][]byte](t)(c.Snapshot().Metadata("cc", "k")); string(m["p"]) != "policy" {
		t.Fatalf("an update lost the metadata: %v", m)
	}
	c.put("empty", "k", "")
	if _, _, found := c.Snapshot().State("cc", "k"); found {
		t.Fatal("an empty value stayed")
	}
	c.put("again", "k", "3", "never-there", "")
	if m := must[map[string][]byte](t)(c.Snapshot().Metadata("cc", "k")); m != nil {
		t.Fatalf("metadata survived the deletion: %v", m)
	}
}

func TestHistoryIsNewestFirstAndOfValidWritesOnly(t *testing.T) {
	c := inMemory(t)
	c.put("one", "k", "1")
	stale := c.endorse("stale", readThen("k", "k", "lost"))
	c.commit(c.endorse("two", writes("k", "2")), c.endorse("three", writes("k", "3")))
	c.expect(c.commit(stale), conflict)
	c.put("four", "k", "")
	history := must[*ledger.History](t)(c.History("cc", "k"))
	c.put("later", "k", "5")
	var seen string
	for {
		m := must[*queryresult.KeyModification](t)(history.Next())
		if m == nil {
			break
		}
		if !m.Timestamp.AsTime().Equal(clientTime) {
			t.Fatalf("timestamp is %v, want the client's", m.Timestamp.AsTime())
		}
		seen += fmt.Sprintf("%s=%s,%t ", m.TxId, m.Value, m.IsDelete)
	}
	if want := "four=,true three=3,false two=2,false one=1,false "; seen != want {
		t.Fatalf("history is %s, want %s", seen, want)
	}
}

func TestLookups(t *testing.T) {
	c := inMemory(t)
	c.put("t1", "k", "1")
	c.put("t2", "k", "2")
	one := must[*common.Block](t)(c.Block(1))
	byHash := must[*common.Block](t)(c.BlockByHash(ledger.HeaderHash(one.Header)))
	byTx := must[*common.Block](t)(c.BlockByTxID("t1"))
	if byHash.Header.Number != 1 || byTx.Header.Number != 1 {
		t.Fatal("wrong block")
	}
	tx := must[*peer.ProcessedTransaction](t)(c.Transaction("t1"))
	same(t, "envelope", pack(t, tx.TransactionEnvelope), one.Data.Data[0])
	info := c.ChainInfo()
	two := must[*common.Block](t)(c.Block(2))
	if info.Height != 3 {
		t.Fatalf("height is %d", info.Height)
	}
	same(t, "current hash", info.CurrentBlockHash, ledger.HeaderHash(two.Header))
	same(t, "previous hash", info.PreviousBlockHash, ledger.HeaderHash(one.Header))
	_, byNumber := c.Block(3)
	_, hash := c.BlockByHash([]byte{1})
	_, id := c.Transaction("nope")
	for _, err := range []error{byNumber, hash, id} {
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Fatalf("error is %v", err)
		}
	}
}

func TestSlowReaderMissesNoBlock(t *testing.T) {
	c := inMemory(t)
	const blocks = 60
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	done := make(chan error, 1)
	go func() {
		for n := uint64(0); n <= blocks; n++ {
			block, err := c.WaitBlock(ctx, n)
			if err != nil || block.Header.Number != n {
				done <- fmt.Errorf("asked for %d, got %v (%w)", n, block.GetHeader(), err)
				return
			}
		}
		done <- nil
	}()
	for i := range blocks {
		c.put(fmt.Sprint("t", i), "k", fmt.Sprint(i))
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestWaitingEndsWithContextAndWithTheLedger(t *testing.T) {
	c := inMemory(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.WaitBlock(ctx, 9); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
	done := make(chan error, 1)
	go func() { _, err := c.WaitBlock(context.Background(), 9); done <- err }()
	block := c.next(c.endorse("t", writes("k", "1")))
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ledger.ErrClosed) {
		t.Fatalf("error is %v", err)
	}
	_, simulate := c.Simulate("t")
	_, commit := c.Commit(block, nil, nil)
	if !errors.Is(simulate, ledger.ErrClosed) || !errors.Is(commit, ledger.ErrClosed) {
		t.Fatalf("errors are %v and %v", simulate, commit)
	}
}

func TestChannelCannotBeginWithAnInvalidBlock(t *testing.T) {
	l, err := ledger.Open("", options())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	first := ledger.NewBlock(nil, [][]byte{envelope(t, "config", common.HeaderType_CONFIG, nil)})
	_, err = l.Commit(first, []peer.TxValidationCode{peer.TxValidationCode_INVALID_CONFIG_TRANSACTION}, nil)
	var refused *ledger.BlockError
	if !errors.As(err, &refused) {
		t.Fatalf("error is %v", err)
	}
	if _, err := l.Commit(first, nil, nil); err != nil {
		t.Fatal(err)
	}
}
