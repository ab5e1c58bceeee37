package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// The story is a random history made from a seed: transactions of all kinds, simulated at one height
// and committed at another, some without their private data. The hashes below were computed by the
// ledger of a Fabric 3.1.5 peer (core/ledger/kvledger with LevelDB) that simulated and committed the
// same story: equal answers, equal read-write sets byte for byte, equal validation codes and equal
// commit hashes. STORY=file writes a story as JSON lines for such a run.
var storiesToldByFabric = []struct {
	seed       uint64
	answers    string // what the simulations returned and recorded
	commitHash string // of the last block
}{
	{
		1, "8db536a65e85cbe04c7d25af3093fa5fa97627ad691216b0fa103f66416abd1c",
		"67b78cbf5f737f7623a820d3df6e354cda728fc525eb3fae216a89891c60c701",
	},
	{
		2, "64b39e48a0cd157fd4d10e5ec245e07261e56766e50b5c5f68180dd35790794a",
		"ea4372f049b0eb50012906ed9e690ee454d860fbcbd243efafb4214085c498dc",
	},
	{
		3, "4db24f612b3368d7cf367c0262b8cbc260785e629cb48506f1fd3c033e451af3",
		"d45f748109e5842b007f967719d86fa9ed82d4b5547b00b58fa5b28601035f81",
	},
}

type step struct {
	Kind, Namespace, Collection, Key, End, Value string
	Rows                                         int
	Metadata                                     map[string][]byte
	Answers                                      [][]byte
	Error                                        string
}

type event struct {
	TxID            string
	Steps           []step
	Public, Private []byte // results of the simulation

	Block        []byte // as ordered
	PrivateSets  map[int][]byte
	Filter, Hash []byte // as committed
}

func TestAgreesWithAFabricPeer(t *testing.T) {
	for _, told := range storiesToldByFabric {
		t.Run(fmt.Sprint("seed ", told.seed), func(t *testing.T) {
			s := newStory(t, told.seed)
			for range 120 {
				s.chapter()
			}
			answers, commitHash := hex.EncodeToString(s.answers.Sum(nil)), hex.EncodeToString(s.CommitHash())
			if answers != told.answers || commitHash != told.commitHash {
				t.Fatalf("answers %s and commit hash %s, Fabric's are %s and %s", answers, commitHash, told.answers, told.commitHash)
			}
		})
	}
}

// story tells a random history to a ledger.
type story struct {
	*chain
	random  *rand.Rand
	answers interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}
	log     *json.Encoder
	ids     []string
	waiting [][]byte // endorsed, not yet ordered
	count   int
}

func newStory(t testing.TB, seed uint64) *story {
	s := &story{chain: inMemory(t), random: rand.New(rand.NewPCG(seed, 7)), answers: sha256.New()}
	if path := os.Getenv("STORY"); path != "" {
		f := must[*os.File](t)(os.Create(fmt.Sprintf("%s.%d", path, seed)))
		t.Cleanup(func() { _ = f.Close() })
		s.log = json.NewEncoder(f)
	}
	first := must[*common.Block](t)(s.Block(0))
	s.tell(event{Block: pack(t, first), Filter: ledger.Codes(first)})
	return s
}

func (s *story) tell(e event) {
	s.Helper()
	fmt.Fprintf(s.answers, "%q %x %x", e.TxID, e.Public, e.Private)
	for _, st := range e.Steps {
		fmt.Fprintf(s.answers, "%q %x", st.Error, st.Answers)
	}
	if s.log != nil {
		if err := s.log.Encode(e); err != nil {
			s.Fatal(err)
		}
	}
}

func (s *story) pick(of ...string) string { return of[s.random.IntN(len(of))] }
func (s *story) key() string              { return fmt.Sprintf("k%03d", s.random.IntN(160)) }
func (s *story) hiddenKey() string        { return fmt.Sprintf("p%02d", s.random.IntN(8)) }

// steps makes one thing for a transaction to do.
func (s *story) steps() []step {
	namespace, collection := s.pick("cc", "cc", "cc", "dd"), s.pick("ours", "brief")
	key, hidden := s.key(), s.hiddenKey()
	tag := map[string][]byte{"b": {byte(s.count)}, "a": {1}}
	switch s.random.IntN(14) {
	case 0, 1:
		return []step{{Kind: "get", Namespace: namespace, Key: key}}
	case 2, 3, 4, 5:
		var puts []step
		for range 1 + s.random.IntN(8) {
			puts = append(puts, step{Kind: "put", Namespace: namespace, Key: s.key(), Value: fmt.Sprint(s.count)})
		}
		return puts
	case 6:
		return []step{{Kind: "del", Namespace: namespace, Key: key}}
	case 7:
		// Read first: blind metadata of a key that the same block deleted stops a Fabric peer.
		return []step{{Kind: "get", Namespace: namespace, Key: key}, {Kind: "tag", Namespace: namespace, Key: key, Metadata: tag}}
	case 8:
		if s.random.IntN(3) > 0 {
			return nil
		}
		rows := []int{1, 60, 101, 300}[s.random.IntN(4)]
		return []step{{Kind: "scan", Namespace: namespace, Key: key, End: s.pick("", s.key()), Rows: rows}}
	case 9:
		return []step{{Kind: s.pick("private get", "private hash"), Namespace: "cc", Collection: collection, Key: hidden}}
	case 10, 11:
		return []step{{Kind: "private put", Namespace: "cc", Collection: collection, Key: hidden, Value: fmt.Sprint("hidden", s.count)}}
	case 12:
		return []step{{Kind: s.pick("private del", "purge"), Namespace: "cc", Collection: collection, Key: hidden}}
	default:
		return []step{
			{Kind: "private hash", Namespace: "cc", Collection: collection, Key: hidden},
			{Kind: "private tag", Namespace: "cc", Collection: collection, Key: hidden, Metadata: tag},
		}
	}
}

func (st *step) take(s *ledger.Simulator) {
	var value []byte
	var err error
	switch st.Kind {
	case "get":
		value, err = s.GetState(st.Namespace, st.Key)
	case "put":
		err = s.PutState(st.Namespace, st.Key, []byte(st.Value))
	case "del":
		err = s.DelState(st.Namespace, st.Key)
	case "tag":
		err = s.PutStateMetadata(st.Namespace, st.Key, st.Metadata)
	case "scan":
		err = st.scan(s)
	case "private get":
		value, err = s.GetPrivate(st.Namespace, st.Collection, st.Key)
	case "private hash":
		value, err = s.GetPrivateHash(st.Namespace, st.Collection, st.Key)
	case "private put":
		err = s.PutPrivate(st.Namespace, st.Collection, st.Key, []byte(st.Value))
	case "private del":
		err = s.DelPrivate(st.Namespace, st.Collection, st.Key)
	case "purge":
		err = s.PurgePrivate(st.Namespace, st.Collection, st.Key)
	case "private tag":
		err = s.PutPrivateMetadata(st.Namespace, st.Collection, st.Key, st.Metadata)
	}
	if value != nil {
		st.Answers = append(st.Answers, value)
	}
	if err != nil {
		st.Error = err.Error()
	}
}

func (st *step) scan(s *ledger.Simulator) error {
	rows, err := s.GetStateRange(st.Namespace, st.Key, st.End)
	for range st.Rows {
		var row *queryresult.KV
		if row, err = rows.Next(); row == nil || err != nil {
			return err
		}
		st.Answers = append(st.Answers, []byte(row.Key), row.Value)
	}
	return err
}

// chapter simulates a few transactions and commits a block of those that wait.
func (s *story) chapter() {
	s.Helper()
	for range 1 + s.random.IntN(6) {
		s.count++
		s.simulate(fmt.Sprint("t", s.count))
	}
	take := 1 + s.random.IntN(len(s.waiting))
	block := s.next(s.waiting[:take]...)
	given := map[string]*rwset.TxPvtReadWriteSet{}
	told := event{Block: pack(s, block), PrivateSets: map[int][]byte{}}
	for i, id := range s.ids[:take] {
		if set := s.private[id]; set != nil && s.random.IntN(6) > 0 {
			given[id], told.PrivateSets[i] = set, pack(s, set)
		}
	}
	sealed, err := s.Commit(block, nil, func(txid string) *rwset.TxPvtReadWriteSet { return given[txid] })
	if err != nil {
		s.Fatal(err)
	}
	s.ids, s.waiting = s.ids[take:], s.waiting[take:]
	told.Filter, told.Hash = ledger.Codes(sealed), must[[]byte](s)(ledger.CommitHash(sealed))
	s.tell(told)
}

func (s *story) simulate(id string) {
	s.Helper()
	told := event{TxID: id}
	for range 1 + s.random.IntN(6) {
		told.Steps = append(told.Steps, s.steps()...)
	}
	env := s.endorse(id, func(sim *ledger.Simulator) error {
		for i := range told.Steps {
			told.Steps[i].take(sim)
		}
		return nil
	})
	told.Public = pack(s, s.public)
	if set := s.private[id]; set != nil {
		told.Private = pack(s, set)
	}
	s.ids, s.waiting = append(s.ids, id), append(s.waiting, env)
	s.tell(told)
}
