package ledger

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
)

// Ledger is one channel on one peer. All methods may be called from many goroutines.
type Ledger struct {
	opts     Options
	lock     io.Closer // nil in memory
	blocks   *blockLog
	privates *privateLog
	waiting  *transient

	committing sync.Mutex // held by the one commit under way; guards broken and book
	broken     error
	book       *privateBook

	mu         sync.RWMutex // guards what follows; only the committing goroutine changes it
	state      *Snapshot
	index      *index
	expired    erasable
	info       *common.BlockchainInfo
	commitHash []byte
	arrived    chan struct{} // closed when the next block is there, or the ledger closed
	closed     bool
}

// channelName is what Fabric accepts as the name of a channel, which here names a directory.
var channelName = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,248}$`)

// Open opens the ledger in dir, creating it where there is none, and replays its blocks. An empty
// dir keeps everything in memory. A torn last write (a crash in the middle of an append) is cut
// off; any other damage is a *CorruptError that names file and offset.
//
// The blocks lie below dir as they do below a peer's file system path, in
// ledgersData/chains/chains/<channel>, so that "ledgerutil verify" accepts dir.
func Open(dir string, options Options) (*Ledger, error) {
	l := newLedger(options)
	if dir == "" {
		// A file in memory moves as it grows.
		l.opts.SegmentBytes = min(l.opts.SegmentBytes, 4<<20)
		return l.start(memory{}, memory{})
	}
	chain, hidden, err := l.claim(dir)
	if err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l.start(chain, hidden)
}

func newLedger(options Options) *Ledger {
	return &Ledger{
		opts: options.withDefaults(), book: newPrivateBook(), index: newIndex(), expired: erasable{},
		state: &Snapshot{trees: map[space]*tree{}}, info: &common.BlockchainInfo{}, arrived: make(chan struct{}),
	}
}

// start loads what the folders hold.
func (l *Ledger) start(chain, hidden folder) (*Ledger, error) {
	if err := l.load(chain, hidden); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger of channel %s: %w", l.opts.Channel, err), l.release())
	}
	return l, nil
}

// claim creates the directories and locks them.
func (l *Ledger) claim(dir string) (chain, hidden folder, err error) {
	if !channelName.MatchString(l.opts.Channel) {
		return nil, nil, fmt.Errorf("channel name %q: want %s", l.opts.Channel, channelName)
	}
	if chain, err = openDirectory(filepath.Join(dir, "ledgersData", "chains", "chains", l.opts.Channel)); err != nil {
		return nil, nil, err
	}
	if hidden, err = openDirectory(filepath.Join(dir, "ledgersData", "private", l.opts.Channel)); err != nil {
		return nil, nil, err
	}
	l.lock, err = lockDirectory(filepath.Join(dir, "ledgersData", "private", l.opts.Channel))
	return chain, hidden, err
}

// load reads everything back. Private data comes first, because replaying a block asks for it.
func (l *Ledger) load(chain, hidden folder) error {
	var err error
	if l.privates, err = openPrivateLog(hidden); err != nil {
		return err
	}
	if l.blocks, err = openBlockLog(chain, l.opts.SegmentBytes, l.replay); err != nil {
		return err
	}
	if err := l.privates.cut(l.info.Height); err != nil {
		return err
	}
	if err := l.eraseExpired(); err != nil {
		return err
	}
	if l.waiting, err = openTransient(hidden); err != nil {
		return err
	}
	return l.waiting.settle(true, func(txid string, height uint64) bool {
		return l.HasTx(txid) || height+l.opts.TransientBlocks < l.info.Height
	})
}

// Close releases files and wakes everybody who waits for a block with ErrClosed. It waits for a commit
// under way. Closing twice is harmless.
func (l *Ledger) Close() error {
	l.committing.Lock()
	defer l.committing.Unlock()
	l.mu.Lock()
	wasClosed := l.closed
	if !wasClosed {
		l.closed = true
		close(l.arrived)
	}
	l.mu.Unlock()
	if wasClosed {
		return nil
	}
	if l.broken == nil {
		l.broken = ErrClosed
	}
	return l.release()
}

// release closes what is open.
func (l *Ledger) release() error {
	var failed []error
	if l.blocks != nil {
		failed = append(failed, l.blocks.close())
	}
	if l.privates != nil {
		failed = append(failed, l.privates.close())
	}
	if l.waiting != nil {
		failed = append(failed, l.waiting.close())
	}
	if l.lock != nil {
		failed = append(failed, l.lock.Close())
	}
	return errors.Join(failed...)
}

// Snapshot returns the state as it is now. It never changes and costs next to nothing.
func (l *Ledger) Snapshot() *Snapshot {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.state
}

// Simulate begins a simulation on the state as it is now. Close it when done.
func (l *Ledger) Simulate(txid string) (*Simulator, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return nil, ErrClosed
	}
	return newSimulator(txid, l.state, l.opts), nil
}

// StorePrivate keeps the private write set of an endorsed transaction until its block is committed,
// in the transient store, and returns when it is on disk. height is the ledger's height at
// endorsement. A set for a transaction that is already on the chain is dropped at the next start.
func (l *Ledger) StorePrivate(txid string, height uint64, set *rwset.TxPvtReadWriteSet) error {
	return l.waiting.store(txid, height, set)
}

// Private returns the private data this peer holds for block n, by transaction number. Expired and
// purged data is absent.
func (l *Ledger) Private(n uint64) (map[uint64]*rwset.TxPvtReadWriteSet, error) {
	l.mu.RLock()
	height, expired := l.info.Height, maps.Clone(l.expired[n])
	l.mu.RUnlock()
	if n >= height {
		return nil, fmt.Errorf("no such block number [%d] in index: %w", n, ErrNotFound)
	}
	record, err := l.privates.read(n)
	if err == nil && len(expired) > 0 {
		record, _, err = record.without(func(_ Version, key hashedKey) bool { return expired[key.in] })
	}
	if err != nil {
		return nil, err
	}
	sets := make(map[uint64]*rwset.TxPvtReadWriteSet, len(record.sets))
	for _, s := range record.sets {
		sets[s.tx] = s.set
	}
	return sets, nil
}
