package ledger

import (
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const transientFile = "transient"

// transientSlack is how many bytes of settled transactions the file may hold before it is rewritten.
const transientSlack = 1 << 20

// transient keeps private write sets between endorsement and commit. It is on disk because after a
// crash the block may arrive, and the private data with no other peer.
type transient struct {
	mu   sync.Mutex
	f    file
	held map[string][]transientSet
	live int64 // bytes of the file that are still needed
}

type transientSet struct {
	height uint64 // of the ledger at endorsement
	set    *rwset.TxPvtReadWriteSet
	size   int64 // in the file
}

func openTransient(home folder) (*transient, error) {
	f, err := home.open(transientFile)
	if err != nil {
		return nil, err
	}
	t := &transient{f: f, held: map[string][]transientSet{}}
	err = eachFrame(f, transientFile, true, func(_ int64, body []byte) error {
		r := cursor{rest: body}
		id, kept := string(r.bytes()), transientSet{height: r.number(), set: &rwset.TxPvtReadWriteSet{}}
		packed := r.bytes()
		if r.err != nil {
			return r.err
		}
		kept.size = int64(frameHead + len(body))
		t.live += kept.size
		t.held[id] = append(t.held[id], kept)
		return proto.Unmarshal(packed, kept.set)
	})
	return t, err
}

// store returns when the set is on disk.
func (t *transient) store(txid string, height uint64, set *rwset.TxPvtReadWriteSet) error {
	kept := transientSet{height: height, set: proto.Clone(set).(*rwset.TxPvtReadWriteSet)}
	frame, err := encodeTransient(txid, kept)
	if err != nil {
		return err
	}
	kept.size = int64(len(frame))
	t.mu.Lock()
	err = t.f.append(frame)
	if err == nil {
		t.held[txid] = append(t.held[txid], kept)
		t.live += kept.size
	}
	t.mu.Unlock()
	if err == nil {
		err = t.f.sync()
	}
	if err != nil {
		return fmt.Errorf("store private data of transaction %s: %w", txid, err)
	}
	return nil
}

func encodeTransient(txid string, kept transientSet) ([]byte, error) {
	packed, err := marshal(kept.set)
	if err != nil {
		return nil, err
	}
	body := protowire.AppendBytes(nil, []byte(txid))
	body = protowire.AppendVarint(body, kept.height)
	body = protowire.AppendBytes(body, packed)
	return appendFrame(nil, body), nil
}

// find returns the sets stored for a transaction: more than one where it was endorsed again.
func (t *transient) find(txid string) []*rwset.TxPvtReadWriteSet {
	t.mu.Lock()
	defer t.mu.Unlock()
	var sets []*rwset.TxPvtReadWriteSet
	for _, kept := range t.held[txid] {
		sets = append(sets, kept.set)
	}
	return sets
}

// settle drops the sets that drop names. The file shrinks at once where nothing is left or where the
// bytes must go (rewrite), else when too much of it is waste.
func (t *transient) settle(rewrite bool, drop func(txid string, height uint64) bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, sets := range t.held {
		for _, kept := range sets {
			if drop(id, kept.height) {
				// One transaction settles as a whole.
				t.forget(id)
				break
			}
		}
	}
	return t.shrink(rewrite)
}

// settleTxs drops the sets of transactions that are on the chain now.
func (t *transient) settleTxs(ids []string, rewrite bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		t.forget(id)
	}
	return t.shrink(rewrite)
}

func (t *transient) forget(id string) {
	for _, kept := range t.held[id] {
		t.live -= kept.size
	}
	delete(t.held, id)
}

func (t *transient) shrink(rewrite bool) error {
	waste := t.f.size() - t.live
	switch {
	case waste == 0:
		return nil
	case len(t.held) == 0:
		return t.f.truncate(0)
	case !rewrite && (waste < transientSlack || waste < t.live):
		return nil
	}
	var out []byte
	for id, sets := range t.held {
		for _, kept := range sets {
			frame, err := encodeTransient(id, kept)
			if err != nil {
				return err
			}
			out = append(out, frame...)
		}
	}
	return t.f.replace(out)
}

func (t *transient) close() error { return t.f.close() }
