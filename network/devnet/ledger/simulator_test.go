package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
)

func simulate(c *chain) *ledger.Simulator {
	c.Helper()
	s, err := c.Simulate("sim")
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(s.Close)
	return s
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// publicSet ends the simulation and decodes its one namespace.
func publicSet(t testing.TB, s *ledger.Simulator) *kvrwset.KVRWSet {
	t.Helper()
	set, _, err := s.Results()
	if err != nil {
		t.Fatal(err)
	}
	if len(set.NsRwset) != 1 {
		t.Fatalf("%d namespaces, want 1", len(set.NsRwset))
	}
	return must[*kvrwset.KVRWSet](t)(ledger.ParseResults(set.NsRwset[0]))
}

func TestSimulationNeverSeesItsOwnWrites(t *testing.T) {
	c := inMemory(t)
	c.put("a", "k", "old")
	s := simulate(c)
	if err := s.PutState("cc", "k", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := s.DelState("cc", "k"); err != nil {
		t.Fatal(err)
	}
	if got := must[[]byte](t)(s.GetState("cc", "k")); string(got) != "old" {
		t.Fatalf("read %q after writing, want the committed value", got)
	}
}

func TestSimulationReadsTheStateItBeganWith(t *testing.T) {
	c := inMemory(t)
	c.put("a", "k", "1", "m", "1")
	s := simulate(c)
	rows := must[*ledger.Rows](t)(s.GetStateRange("cc", "", ""))
	c.put("b", "k", "2", "l", "2")
	if got := must[[]byte](t)(s.GetState("cc", "k")); string(got) != "1" {
		t.Fatalf("read %q, want the value at the snapshot", got)
	}
	batch, _, err := rows.Batch()
	if err != nil || len(batch) != 2 {
		t.Fatalf("scanned %d rows (%v), want the 2 of the snapshot", len(batch), err)
	}
}

func TestAbsentKeyReadsAsNilAndIsRecordedWithoutVersion(t *testing.T) {
	s := simulate(inMemory(t))
	if got := must[[]byte](t)(s.GetState("cc", "nothing")); got != nil {
		t.Fatalf("read %q, want nil", got)
	}
	reads := publicSet(t, s).Reads
	if len(reads) != 1 || reads[0].Key != "nothing" || reads[0].Version != nil {
		t.Fatalf("recorded %v", reads)
	}
}

func TestResultsAreSortedAndRepeatable(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "x", "1", "a", "1")
	do := func(order []string) []byte {
		s := simulate(c)
		for _, key := range order {
			must[[]byte](t)(s.GetState("cc", key))
			must[[]byte](t)(s.GetPrivateHash("cc", "ours", key))
			for _, err := range []error{
				s.PutState("cc", key, []byte(key)), s.PutState("other", key, []byte(key)),
				s.PutPrivate("cc", "theirs", key, []byte(key)), s.PutPrivate("cc", "ours", key, []byte(key)),
				s.PutStateMetadata("cc", key, map[string][]byte{"b": {1}, "a": {2}}),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		public, private, err := s.Results()
		if err != nil {
			t.Fatal(err)
		}
		return append(pack(t, public), pack(t, private)...)
	}
	same(t, "result", do([]string{"b", "a", "x", "c"}), do([]string{"x", "c", "b", "a"}))
	s := simulate(c)
	for _, key := range []string{"z", "m", "a"} {
		must[[]byte](t)(s.GetState("cc", key))
	}
	var keys []string
	for _, read := range publicSet(t, s).Reads {
		keys = append(keys, read.Key)
	}
	if fmt.Sprint(keys) != "[a m z]" {
		t.Fatalf("reads are in order %v", keys)
	}
}

func TestHashedSetNamesNothingInClear(t *testing.T) {
	s := simulate(inMemory(t))
	for _, err := range []error{
		s.PutPrivate("cc", "ours", "secret-key", []byte("secret-value")),
		s.DelPrivate("cc", "ours", "secret-gone"), s.PurgePrivate("cc", "ours", "secret-purge"),
		s.PutPrivateMetadata("cc", "ours", "secret-meta", map[string][]byte{"p": {1}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	public, private, err := s.Results()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(pack(t, public)), "secret") {
		t.Fatal("the public set holds private bytes")
	}
	coll := public.NsRwset[0].CollectionHashedRwset[0]
	hashes := &kvrwset.HashedRWSet{}
	if err := proto.Unmarshal(coll.HashedRwset, hashes); err != nil {
		t.Fatal(err)
	}
	purges, deletes := 0, 0
	for _, w := range hashes.HashedWrites {
		if w.IsPurge {
			purges++
		}
		if w.IsDelete && w.ValueHash == nil {
			deletes++
		}
	}
	if len(hashes.HashedWrites) != 3 || purges != 1 || deletes != 2 || len(hashes.MetadataWrites) != 1 {
		t.Fatalf("hashed set is %v", hashes)
	}
	packed := private.NsPvtRwset[0].CollectionPvtRwset[0].Rwset
	same(t, "private set hash", coll.PvtRwsetHash, sha(packed))
}

func TestEmptyTransactionHasEmptyResults(t *testing.T) {
	public, private, err := simulate(inMemory(t)).Results()
	if err != nil || private != nil || len(public.NsRwset) != 0 || public.DataModel != rwset.TxReadWriteSet_KV {
		t.Fatalf("results are %v and %v (%v)", public, private, err)
	}
}

func TestQueriesThatCannotBeRepeatedExcludeWrites(t *testing.T) {
	page := func(s *ledger.Simulator) error { _, err := s.GetStatePage("cc", "", "", 2, ""); return err }
	private := func(s *ledger.Simulator) error { _, err := s.GetPrivateRange("cc", "ours", "", ""); return err }
	put := func(s *ledger.Simulator) error { return s.PutState("cc", "k", []byte("v")) }
	hidden := func(s *ledger.Simulator) error { return s.PutPrivate("cc", "ours", "k", []byte("v")) }
	tag := func(s *ledger.Simulator) error { return s.PutStateMetadata("cc", "k", nil) }
	purge := func(s *ledger.Simulator) error { return s.PurgePrivate("cc", "ours", "k") }
	const (
		pageLast    = "txid [sim]: unsuppored transaction. Paginated queries are supported only in a read-only transaction"
		pageFirst   = "txid [sim]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed"
		hiddenLast  = "txid [sim]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction"
		hiddenFirst = "txid [sim]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed"
	)
	for _, row := range []struct {
		name          string
		first, second func(*ledger.Simulator) error
		want          string
	}{
		{"a page after a write", put, page, pageLast},
		{"a page after a private write", hidden, page, pageLast},
		{"a write after a page", page, put, pageFirst},
		{"metadata after a page", page, tag, pageFirst},
		{"a private write after a page", page, hidden, pageFirst},
		{"a private scan after a write", put, private, hiddenLast},
		{"a private scan after a purge", purge, private, hiddenLast},
		{"a write after a private scan", private, put, hiddenFirst},
		{"a purge after a private scan", private, purge, hiddenFirst},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := simulate(inMemory(t))
			if err := row.first(s); err != nil {
				t.Fatal(err)
			}
			if err := row.second(s); err == nil || err.Error() != row.want {
				t.Fatalf("error is %v, want %s", err, row.want)
			}
		})
	}
}

func TestUnknownCollectionIsRefused(t *testing.T) {
	s := simulate(inMemory(t))
	const want = "collection [nowhere] not defined in the collection config for chaincode [cc]"
	_, read := s.GetPrivate("cc", "nowhere", "k")
	_, hash := s.GetPrivateHash("cc", "nowhere", "k")
	_, many := s.GetPrivates("cc", "nowhere", []string{"k"})
	_, rows := s.GetPrivateRange("cc", "nowhere", "", "")
	for _, err := range []error{read, hash, many, rows, s.PutPrivate("cc", "nowhere", "k", nil)} {
		if err == nil || err.Error() != want {
			t.Fatalf("error is %v, want %s", err, want)
		}
	}
}

func TestClosedSimulationRefusesEverything(t *testing.T) {
	s := simulate(inMemory(t))
	s.Close()
	s.Close()
	_, get := s.GetState("cc", "k")
	_, rows := s.GetStateRange("cc", "", "")
	_, private := s.GetPrivate("cc", "ours", "k")
	for _, err := range []error{get, rows, private, s.PutState("cc", "k", nil)} {
		if err == nil || err.Error() != "this instance should not be used after calling Done()" {
			t.Fatalf("error is %v", err)
		}
	}
}

func TestResultsComeOnce(t *testing.T) {
	s := simulate(inMemory(t))
	if _, _, err := s.Results(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Results(); err == nil {
		t.Fatal("results came twice")
	}
}

func TestReturnedBytesBelongToTheCaller(t *testing.T) {
	c := inMemory(t)
	c.put("a", "k", "value")
	must[[]byte](t)(simulate(c).GetState("cc", "k"))[0] = 'X'
	mine := []byte("mine")
	env := c.endorse("b", func(s *ledger.Simulator) error {
		err := s.PutState("cc", "m", mine)
		mine[0] = 'X'
		return err
	})
	c.expect(c.commit(env), valid)
	c.holds("k", "value")
	c.holds("m", "mine")
}

func TestPrivateReadsAreListed(t *testing.T) {
	c := inMemory(t)
	s := simulate(c)
	must[[]byte](t)(s.GetPrivate("cc", "theirs", "k"))
	must[[][]byte](t)(s.GetPrivates("cc", "ours", []string{"k", "l"}))
	must[[]byte](t)(s.GetPrivateHash("cc", "brief", "k"))
	if got := fmt.Sprint(s.PrivateReads()); got != "map[cc:[ours theirs]]" {
		t.Fatalf("private reads are %s", got)
	}
}
