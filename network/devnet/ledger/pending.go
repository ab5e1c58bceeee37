package ledger

import (
	"errors"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// pending is a block on its way into the ledger.
type pending struct {
	block   *common.Block
	number  uint64
	txs     []*transaction
	state   *fork
	updates updates // public and hashed, as the commit hash covers them

	filter     []byte
	commitHash []byte

	private privateRecord
	// purged are the private keys that the block purges, with the last transaction that does.
	purged map[hashedKey]Version
	// expired are the private writes whose time is over with this block.
	expired []expiry
}

// begin opens the transactions of a block on top of the present state.
func (l *Ledger) begin(block *common.Block) *pending {
	return &pending{
		block: block, number: block.Header.Number, state: l.state.fork(), updates: updates{},
		filter:  make([]byte, len(block.Data.Data)),
		private: privateRecord{block: block.Header.Number}, purged: map[hashedKey]Version{},
	}
}

// open decodes transaction i and gives it the code it has so far.
func (p *pending) open(i int, code peer.TxValidationCode) *transaction {
	tx, err := openTransaction(i, p.block.Data.Data[i])
	tx.code = code
	if err != nil && code == peer.TxValidationCode_VALID {
		tx.code = peer.TxValidationCode_BAD_PAYLOAD
	}
	p.txs = append(p.txs, tx)
	return tx
}

// load decodes the read-write sets of a transaction that is valid so far.
func (tx *transaction) load() {
	if tx.code != peer.TxValidationCode_VALID || tx.kind != common.HeaderType_ENDORSER_TRANSACTION {
		return
	}
	// The code says what is wrong; the details are nobody's business once the block is ordered.
	tx.code, _ = tx.openSets()
}

// judge checks the transaction against the state and, where it holds, applies it.
func (p *pending) judge(tx *transaction) error {
	if tx.code != peer.TxValidationCode_VALID {
		tx.sets = nil
		return nil
	}
	code, err := tx.check(p.state, p.updates)
	if err != nil {
		return err
	}
	if tx.code = code; code != peer.TxValidationCode_VALID {
		tx.sets = nil
		return nil
	}
	return p.apply(tx)
}

// apply brings the writes of a valid transaction into the state in the making.
func (p *pending) apply(tx *transaction) error {
	version := Version{p.number, tx.number}
	all, err := changesOf(tx)
	if err != nil {
		return err
	}
	all.applyTo(p.state, p.updates, version)
	for _, set := range tx.sets {
		for _, c := range set.collections {
			for _, w := range c.hashes.HashedWrites {
				if w.IsPurge {
					p.purged[hashedKey{space{hashed, set.name, c.name}, string(w.KeyHash)}] = version
				}
			}
		}
	}
	return nil
}

// seal computes filter and commit hash.
func (p *pending) seal(previous []byte) {
	for i, tx := range p.txs {
		p.filter[i] = byte(tx.code)
	}
	if hasCommitHash(p.number, previous) {
		p.commitHash = nextCommitHash(p.filter, p.updates, previous)
	}
}

// errFirstBlock says that a channel cannot begin with what the channel itself refuses. No commit hash
// covers the codes of the first block, so any other code there is damage.
var errFirstBlock = errors.New("the first block has an invalid transaction")

func (p *pending) allValid() bool {
	for _, tx := range p.txs {
		if tx.code != peer.TxValidationCode_VALID {
			return false
		}
	}
	return true
}

// sealed is the block with filter and commit hash in its metadata; the original stays as it is.
func (p *pending) sealed() (*common.Block, error) {
	slots := make([][]byte, max(len(common.BlockMetadataIndex_name), len(p.block.GetMetadata().GetMetadata())))
	copy(slots, p.block.GetMetadata().GetMetadata())
	slots[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = p.filter
	if p.commitHash != nil {
		packed, err := proto.Marshal(&common.Metadata{Value: p.commitHash})
		if err != nil {
			return nil, err
		}
		slots[common.BlockMetadataIndex_COMMIT_HASH] = packed
	}
	return &common.Block{
		Header: p.block.Header, Data: p.block.Data, Metadata: &common.BlockMetadata{Metadata: slots},
	}, nil
}

// txids lists the ids of all transactions of the block.
func (p *pending) txids() []string {
	ids := make([]string, 0, len(p.txs))
	for _, tx := range p.txs {
		if tx.id != "" {
			ids = append(ids, tx.id)
		}
	}
	return ids
}

// valid says whether a transaction of the block is.
func (p *pending) valid(tx uint64) bool {
	return tx < uint64(len(p.txs)) && p.txs[tx].code == peer.TxValidationCode_VALID
}

// privateUpdates are the private values that the block's valid transactions bring to this peer, and
// the keys whose metadata alone changed.
func (p *pending) privateUpdates() (values updates, tagged []privateKey, err error) {
	values = updates{}
	for _, s := range p.private.sets {
		if !p.valid(s.tx) {
			continue
		}
		version := Version{p.number, s.tx}
		err := eachCollection(s.set, func(namespace, collection string, writes *kvrwset.KVRWSet) error {
			in := space{private, namespace, collection}
			for _, w := range writes.Writes {
				e := &entry{version: version}
				if !w.IsDelete && len(w.Value) > 0 {
					e.value = w.Value
				}
				values.put(in, w.Key, e)
			}
			for _, m := range writes.MetadataWrites {
				tagged = append(tagged, privateKey{in, m.Key})
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return values, tagged, nil
}

// privateKey names a private key in clear.
type privateKey struct {
	in  space // of kind private
	key string
}

func (k privateKey) hashed() hashedKey {
	return keyOf(k.in.namespace, k.in.collection, k.key)
}
