package ledger

import (
	"context"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Ledger is one channel on one peer. All methods may be called from many goroutines.
type Ledger struct{}

// Open opens the ledger in dir, creating it where there is none, and replays its blocks. An empty
// dir keeps everything in memory. A torn last write (a crash in the middle of an append) is cut
// off; any other damage is a *CorruptError that names file and offset.
func Open(dir string, options Options) (*Ledger, error) { panic("stub") }

// Close releases files and wakes everybody who waits for a block with ErrClosed.
func (l *Ledger) Close() error { panic("stub") }

// Height is the number of committed blocks: the number of the next one.
func (l *Ledger) Height() uint64 { panic("stub") }

// ChainInfo describes the chain's tip as qscc GetChainInfo answers it.
func (l *Ledger) ChainInfo() *common.BlockchainInfo { panic("stub") }

// Block returns committed block n, a message of its own that the caller may change.
func (l *Ledger) Block(n uint64) (*common.Block, error) { panic("stub") }

// BlockByHash returns the block whose header has this hash (see HeaderHash).
func (l *Ledger) BlockByHash(hash []byte) (*common.Block, error) { panic("stub") }

// BlockByTxID returns the block in which the transaction id occurs first.
func (l *Ledger) BlockByTxID(txid string) (*common.Block, error) { panic("stub") }

// Transaction returns the first transaction with this id and its validation code.
func (l *Ledger) Transaction(txid string) (*peer.ProcessedTransaction, error) { panic("stub") }

// TxCode tells the code and block of the first occurrence of a transaction id.
func (l *Ledger) TxCode(txid string) (code peer.TxValidationCode, block uint64, found bool) {
	panic("stub")
}

// HasTx tells whether the transaction id is on the chain, valid or not.
func (l *Ledger) HasTx(txid string) bool { panic("stub") }

// WaitBlock returns block n as soon as it is committed. A reader that asks for n, n+1, ... misses
// none, however slow it is. It ends with the context's error, or ErrClosed.
func (l *Ledger) WaitBlock(ctx context.Context, n uint64) (*common.Block, error) { panic("stub") }

// Private returns the private data this peer holds for block n, by transaction number. Expired and
// purged data is absent.
func (l *Ledger) Private(n uint64) (map[uint64]*rwset.TxPvtReadWriteSet, error) { panic("stub") }

// StorePrivate keeps the private write set of an endorsed transaction until its block is committed,
// in the transient store. height is the ledger's height at endorsement.
func (l *Ledger) StorePrivate(txid string, height uint64, set *rwset.TxPvtReadWriteSet) error {
	panic("stub")
}

// Commit appends the block and applies its valid transactions. codes[i] is what the validation
// before (signatures, policies) made of transaction i: VALID or the reason against it; nil means that
// all are valid so far. private finds the private write set of a transaction; where it is nil or
// returns nil, the transient store is asked. Data of collections this peer is not a member of is left
// out, and so is data whose hash is not the one in the block; what stays missing does not stop the
// commit, as in Fabric.
//
// The block given is not changed; the block returned has TRANSACTIONS_FILTER and COMMIT_HASH filled
// in. It is on disk before any reader sees it. A block with a wrong number, previous hash or data hash
// is refused with a *BlockError, and nothing happens.
func (l *Ledger) Commit(block *common.Block, codes []peer.TxValidationCode,
	private func(txid string) *rwset.TxPvtReadWriteSet) (*common.Block, error) {
	panic("stub")
}

// Snapshot returns the state as it is now. It never changes and costs next to nothing.
func (l *Ledger) Snapshot() *Snapshot { panic("stub") }

// Simulate begins a simulation on the state as it is now. Close it when done.
func (l *Ledger) Simulate(txid string) (*Simulator, error) { panic("stub") }

// History iterates over the valid writes of a public key, newest first.
func (l *Ledger) History(namespace, key string) (*History, error) { panic("stub") }

// History iterates over the modifications of a key.
type History struct{}

// Next returns the next older modification, nil at the end.
func (h *History) Next() (*queryresult.KeyModification, error) { panic("stub") }

// Version is where a value was written: block and transaction number.
type Version struct{ Block, Tx uint64 }

// Snapshot is the world state after a block. It is immutable.
type Snapshot struct{}

// Height is how many blocks led to this state.
func (s *Snapshot) Height() uint64 { panic("stub") }

// State returns a public value and its version; found is false where the key is absent.
func (s *Snapshot) State(namespace, key string) (value []byte, version Version, found bool) {
	panic("stub")
}

// Metadata returns the metadata of a public key (for instance its endorsement policy under
// VALIDATION_PARAMETER); nil where there is none.
func (s *Snapshot) Metadata(namespace, key string) (map[string][]byte, error) { panic("stub") }

// PrivateHash returns the hash of a private value by the hash of its key.
func (s *Snapshot) PrivateHash(namespace, collection string, keyHash []byte) (hash []byte, version Version, found bool) {
	panic("stub")
}

// PrivateMetadata returns the metadata of a private key by the hash of the key.
func (s *Snapshot) PrivateMetadata(namespace, collection string, keyHash []byte) (map[string][]byte, error) {
	panic("stub")
}

// Range calls yield with every public row from start (included; "" is the first) to end (excluded;
// "" is past the last), until it returns false.
func (s *Snapshot) Range(namespace, start, end string, yield func(key string, value []byte, v Version) bool) {
	panic("stub")
}

// Simulator is one simulated transaction: reads come from the snapshot and are recorded, writes are
// recorded and never read back. Use it from one goroutine at a time.
type Simulator struct{}

// Height is the height of the state the simulation reads.
func (s *Simulator) Height() uint64 { panic("stub") }

// GetState reads a public key; an absent key is nil and recorded with no version.
func (s *Simulator) GetState(namespace, key string) ([]byte, error) { panic("stub") }

// GetStates reads many public keys; absent ones are nil.
func (s *Simulator) GetStates(namespace string, keys []string) ([][]byte, error) { panic("stub") }

// PutState writes a public key. An empty value deletes it.
func (s *Simulator) PutState(namespace, key string, value []byte) error { panic("stub") }

// DelState deletes a public key, present or not.
func (s *Simulator) DelState(namespace, key string) error { panic("stub") }

// GetStateMetadata reads the metadata of a public key, recorded as a read of the key.
func (s *Simulator) GetStateMetadata(namespace, key string) (map[string][]byte, error) { panic("stub") }

// PutStateMetadata replaces all metadata of a public key; nil removes it. On an absent key it has no effect.
func (s *Simulator) PutStateMetadata(namespace, key string, metadata map[string][]byte) error {
	panic("stub")
}

// GetStateRange scans public keys from start (included) to end (excluded).
func (s *Simulator) GetStateRange(namespace, start, end string) (*Rows, error) { panic("stub") }

// GetStatePage scans at most size rows; the bookmark of a page, when not empty, replaces start to go on.
// Only in a read-only transaction.
func (s *Simulator) GetStatePage(namespace, start, end string, size int32, bookmark string) (*Rows, error) {
	panic("stub")
}

// GetPrivate reads a private value; its hash is recorded as read. On a peer without the value it
// fails with "private data matching public hash version is not available ...".
func (s *Simulator) GetPrivate(namespace, collection, key string) ([]byte, error) { panic("stub") }

// GetPrivates reads many private values. As in Fabric an absent value and a missing replica look
// the same: nil.
func (s *Simulator) GetPrivates(namespace, collection string, keys []string) ([][]byte, error) {
	panic("stub")
}

// GetPrivateHash reads the SHA-256 of a private value; every peer has it.
func (s *Simulator) GetPrivateHash(namespace, collection, key string) ([]byte, error) { panic("stub") }

// PutPrivate writes a private value. An empty value deletes it.
func (s *Simulator) PutPrivate(namespace, collection, key string, value []byte) error { panic("stub") }

// DelPrivate deletes a private value.
func (s *Simulator) DelPrivate(namespace, collection, key string) error { panic("stub") }

// PurgePrivate deletes a private value and every earlier version of it from this peer's disk.
func (s *Simulator) PurgePrivate(namespace, collection, key string) error { panic("stub") }

// GetPrivateMetadata reads the metadata of a private key, recorded as a hashed read.
func (s *Simulator) GetPrivateMetadata(namespace, collection, key string) (map[string][]byte, error) {
	panic("stub")
}

// PutPrivateMetadata replaces all metadata of a private key; nil removes it.
func (s *Simulator) PutPrivateMetadata(namespace, collection, key string, metadata map[string][]byte) error {
	panic("stub")
}

// GetPrivateRange scans private keys. It records nothing and cannot be mixed with writes.
func (s *Simulator) GetPrivateRange(namespace, collection, start, end string) (*Rows, error) {
	panic("stub")
}

// PrivateReads lists the collections whose values (not hashes) were read, by namespace, sorted: an
// endorser outside them cannot execute the transaction.
func (s *Simulator) PrivateReads() map[string][]string { panic("stub") }

// Results ends the recording: the public read-write set, and the private one where there were private
// writes (else nil). Same calls on the same state give the same bytes. Call it once.
func (s *Simulator) Results() (*rwset.TxReadWriteSet, *rwset.TxPvtReadWriteSet, error) { panic("stub") }

// Close releases the simulation. Calls after it fail. Closing twice is harmless.
func (s *Simulator) Close() { panic("stub") }

// Rows is an open scan.
type Rows struct{}

// Next returns one row, nil at the end.
func (r *Rows) Next() (*queryresult.KV, error) { panic("stub") }

// Batch returns the next batch as a peer sends it to a chaincode: up to Options.Prefetch rows, or the
// whole page of a paginated scan, and whether there are more. It reads (and so records) one row beyond.
func (r *Rows) Batch() (rows []*queryresult.KV, more bool, err error) { panic("stub") }

// Bookmark is, after the page was read, the key at which the next page begins; "" past the end.
func (r *Rows) Bookmark() string { panic("stub") }

// Close ends the scan.
func (r *Rows) Close() { panic("stub") }

// ParseResults decodes the public read-write set of one namespace.
func ParseResults(set *rwset.NsReadWriteSet) (*kvrwset.KVRWSet, error) { panic("stub") }
