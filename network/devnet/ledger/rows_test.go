package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
)

func sha(b []byte) []byte { s := sha256.Sum256(b); return s[:] }

// rowsOf names n keys k000, k001, ... as pairs to put.
func rowsOf(n int) []string {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("k%03d", i), "v")
	}
	return pairs
}

func batch(t testing.TB, r *ledger.Rows) ([]*queryresult.KV, bool) {
	t.Helper()
	rows, more, err := r.Batch()
	if err != nil {
		t.Fatal(err)
	}
	return rows, more
}

func TestScanReadsOneBatchAndOneRowAhead(t *testing.T) {
	c := inMemory(t)
	c.put("seed", rowsOf(250)...)
	for _, row := range []struct {
		batches   int
		got       int
		end       string
		exhausted bool
	}{
		{1, 100, "k100", false}, // 101 rows are recorded though the chaincode saw 100
		{2, 200, "k200", false},
		{3, 250, "", true},
	} {
		t.Run(fmt.Sprintf("after %d batches", row.batches), func(t *testing.T) {
			s := simulate(c)
			rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "k", ""))
			got := 0
			for range row.batches {
				b, _ := batch(t, rows)
				got += len(b)
			}
			info := publicSet(t, s).RangeQueriesInfo[0]
			if got != row.got || info.StartKey != "k" || info.EndKey != row.end || info.ItrExhausted != row.exhausted {
				t.Fatalf("%d rows, recorded %q to %q, exhausted %t", got, info.StartKey, info.EndKey, info.ItrExhausted)
			}
		})
	}
}

func TestScanOfAnEmptyRangeIsRecordedAsExhausted(t *testing.T) {
	s := simulate(inMemory(t))
	rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "a", "b"))
	if got, more := batch(t, rows); len(got) != 0 || more {
		t.Fatal("rows in an empty range")
	}
	info := publicSet(t, s).RangeQueriesInfo[0]
	if !info.ItrExhausted || info.EndKey != "b" || info.ReadsInfo != nil {
		t.Fatalf("recorded %v", info)
	}
}

func TestRangeIncludesStartAndExcludesEnd(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "a", "1", "b", "1", "c", "1", "\x00type\x00", "1")
	for _, row := range []struct{ start, end, want string }{
		{"a", "c", "[a b]"},
		{"", "b", "[\x00type\x00 a]"},
		{"b", "", "[b c]"},
		{"\x01", "", "[a b c]"}, // what a shim asks for "", which leaves out composite keys
		{"c", "a", "[]"},
	} {
		rows := must[*ledger.Rows](t)(simulate(c).GetStateRange("cc", row.start, row.end))
		var keys []string
		for {
			kv := must[*queryresult.KV](t)(rows.Next())
			if kv == nil {
				break
			}
			keys = append(keys, kv.Key)
		}
		if fmt.Sprint(keys) != row.want {
			t.Errorf("range %q to %q gives %q", row.start, row.end, keys)
		}
	}
}

func TestUpToFiftyRowsAreRecordedAndMoreAreHashed(t *testing.T) {
	c := inMemory(t)
	c.put("seed", rowsOf(120)...)
	for _, row := range []struct {
		end    string
		raw    int
		hashes int
	}{{"k050", 50, 0}, {"k051", 0, 1}, {"k102", 0, 2}, {"k103", 0, 3}, {"", 0, 3}} {
		s := simulate(c)
		rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "k", row.end))
		for _, more := batch(t, rows); more; _, more = batch(t, rows) {
		}
		info := publicSet(t, s).RangeQueriesInfo[0]
		tree := info.GetReadsMerkleHashes()
		if len(info.GetRawReads().GetKvReads()) != row.raw || len(tree.GetMaxLevelHashes()) != row.hashes {
			t.Errorf("to %q: %d raw reads, %d hashes", row.end, len(info.GetRawReads().GetKvReads()), len(tree.GetMaxLevelHashes()))
		}
		if row.hashes > 0 && (tree.MaxDegree != 50 || tree.MaxLevel != 1) {
			t.Errorf("to %q: tree is %v", row.end, tree)
		}
	}
}

// The expected tree is written out here, level by level, from Fabric's description of it.
func TestTreeOfManyRows(t *testing.T) {
	c := inMemory(t)
	const n = 51*51 + 60
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("k%05d", i), "v")
	}
	c.put("seed", pairs...)
	s := simulate(c)
	rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "", ""))
	for _, more := batch(t, rows); more; _, more = batch(t, rows) {
	}
	tree := publicSet(t, s).RangeQueriesInfo[0].GetReadsMerkleHashes()

	leaf := func(from, to int) []byte {
		reads := &kvrwset.QueryReads{}
		for i := from; i < to; i++ {
			reads.KvReads = append(reads.KvReads, &kvrwset.KVRead{
				Key: fmt.Sprintf("k%05d", i), Version: &kvrwset.Version{BlockNum: 1},
			})
		}
		return sha(must[[]byte](t)(proto.Marshal(reads)))
	}
	var first []byte
	for i := range 51 {
		first = append(first, leaf(51*i, 51*(i+1))...)
	}
	rest := append(leaf(51*51, 51*52), leaf(51*52, n)...)
	if tree.MaxLevel != 2 || len(tree.MaxLevelHashes) != 2 {
		t.Fatalf("tree has level %d with %d hashes", tree.MaxLevel, len(tree.MaxLevelHashes))
	}
	same(t, "first hash", tree.MaxLevelHashes[0], sha(first))
	same(t, "second hash", tree.MaxLevelHashes[1], sha(rest))
}

func TestPageEndsAtItsSizeAndNamesTheNextKey(t *testing.T) {
	c := inMemory(t)
	c.put("seed", rowsOf(250)...)
	var seen int
	bookmark, pages := "", 0
	for {
		s := simulate(c)
		rows := must[*ledger.Rows](t)(s.GetStatePage("cc", "k", "", 120, bookmark))
		got, more := batch(t, rows)
		if more {
			t.Fatal("a page comes in one piece")
		}
		seen, pages, bookmark = seen+len(got), pages+1, rows.Bookmark()
		info := publicSet(t, s).RangeQueriesInfo[0]
		if len(got) == 120 && info.ItrExhausted {
			t.Fatal("a full page was recorded as the end of the range")
		}
		if bookmark == "" {
			break
		}
		if want := fmt.Sprintf("k%03d", seen); bookmark != want {
			t.Fatalf("bookmark is %s, want %s", bookmark, want)
		}
	}
	if seen != 250 || pages != 3 {
		t.Fatalf("%d rows in %d pages", seen, pages)
	}
}

func TestQueryStopsSilentlyAtTheTotalLimit(t *testing.T) {
	opts := options()
	opts.TotalQueryLimit = 130
	c := open(t, "", opts)
	c.put("seed", rowsOf(200)...)
	s := simulate(c)
	rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "", ""))
	first, more := batch(t, rows)
	second, end := batch(t, rows)
	if len(first) != 100 || !more || len(second) != 30 || end {
		t.Fatalf("%d rows then %d (%t, %t)", len(first), len(second), more, end)
	}
	if info := publicSet(t, s).RangeQueriesInfo[0]; info.ItrExhausted || info.EndKey != "k129" {
		t.Fatalf("recorded to %q, exhausted %t", info.EndKey, info.ItrExhausted)
	}
	page := must[*ledger.Rows](t)(simulate(c).GetStatePage("cc", "", "", 1000, ""))
	if got, _ := batch(t, page); len(got) != 130 {
		t.Fatalf("page has %d rows", len(got))
	}
}

func TestPrivateScanRecordsNothing(t *testing.T) {
	c := inMemory(t)
	c.run("seed", func(s *ledger.Simulator) error { return s.PutPrivate("cc", "ours", "k", []byte("v")) })
	s := simulate(c)
	rows := must[*ledger.Rows](t)(s.GetPrivateRange("cc", "ours", "", ""))
	if got, _ := batch(t, rows); len(got) != 1 || string(got[0].Value) != "v" {
		t.Fatalf("rows are %v", got)
	}
	if public, _, _ := s.Results(); len(public.NsRwset) != 0 {
		t.Fatalf("recorded %v", public)
	}
}
