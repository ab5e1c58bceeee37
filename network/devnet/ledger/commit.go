package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Commit appends the block and applies its valid transactions. codes[i] is what the validation
// before (signatures, policies) made of transaction i: VALID or the reason against it; nil means that
// all are valid so far. private finds the private write set of a transaction; where it is nil or
// has not the data, the transient store is asked. Data of collections this peer is not a member of is
// left out, and so is data whose hash is not the one in the block; what stays missing does not stop
// the commit, as in Fabric.
//
// The block given is not changed; the block returned has TRANSACTIONS_FILTER and COMMIT_HASH filled
// in. It is on disk before any reader sees it. A block with a wrong number, previous hash or data hash
// is refused with a *BlockError, and nothing happens. After any other error the ledger refuses further
// commits: open it again.
func (l *Ledger) Commit(block *common.Block, codes []peer.TxValidationCode,
	private func(txid string) *rwset.TxPvtReadWriteSet,
) (*common.Block, error) {
	l.committing.Lock()
	defer l.committing.Unlock()
	if l.broken != nil {
		return nil, l.broken
	}
	if err := l.follows(block, codes); err != nil {
		return nil, err
	}
	sealed, err := l.commit(block, codes, private)
	var refused *BlockError
	if errors.As(err, &refused) {
		return nil, err
	}
	if err != nil {
		l.broken = fmt.Errorf("commit block [%d]: %w", block.Header.Number, err)
		return nil, l.broken
	}
	return sealed, nil
}

// follows checks that the block continues the chain.
func (l *Ledger) follows(block *common.Block, codes []peer.TxValidationCode) error {
	header := block.GetHeader()
	refuse := func(format string, args ...any) error {
		return &BlockError{Number: header.GetNumber(), Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case header == nil || block.Data == nil:
		return refuse("it has no header or no data")
	case header.Number != l.info.Height:
		return refuse("block number should have been %d", l.info.Height)
	case !bytes.Equal(header.PreviousHash, l.info.CurrentBlockHash):
		return refuse("previous hash is %x, the chain ends with %x", header.PreviousHash, l.info.CurrentBlockHash)
	case !bytes.Equal(header.DataHash, DataHash(block.Data)):
		return refuse("data hash is %x, the data hashes to %x", header.DataHash, DataHash(block.Data))
	case codes != nil && len(codes) != len(block.Data.Data):
		return refuse("%d validation codes for %d transactions", len(codes), len(block.Data.Data))
	}
	return nil
}

func (l *Ledger) commit(block *common.Block, codes []peer.TxValidationCode,
	private func(txid string) *rwset.TxPvtReadWriteSet,
) (*common.Block, error) {
	p := l.begin(block)
	if err := l.validate(p, codes); err != nil {
		return nil, err
	}
	p.seal(l.commitHash)
	if p.number == 0 && !p.allValid() {
		return nil, &BlockError{Reason: errFirstBlock.Error()}
	}
	l.gather(p, private)
	if err := l.applyPrivate(p); err != nil {
		return nil, err
	}
	sealed, err := p.sealed()
	if err != nil {
		return nil, err
	}
	// Private data first: a block on disk whose private data is not would be a loss.
	if len(p.private.sets) > 0 {
		if err := l.privates.append(p.private); err != nil {
			return nil, err
		}
	}
	if err := l.blocks.append(sealed); err != nil {
		return nil, err
	}
	if err := l.erase(p); err != nil {
		return nil, err
	}
	if err := l.settle(p); err != nil {
		return nil, err
	}
	l.publish(p)
	return sealed, nil
}

// validate decides every transaction of the block and applies the valid ones, in order.
func (l *Ledger) validate(p *pending, codes []peer.TxValidationCode) error {
	for i := range p.block.Data.Data {
		code := peer.TxValidationCode_VALID
		if codes != nil {
			code = codes[i]
		}
		tx := p.open(i, code)
		if tx.kind == common.HeaderType_ENDORSER_TRANSACTION && overruled(tx.code) && l.HasTx(tx.id) {
			tx.code = peer.TxValidationCode_DUPLICATE_TXID
		}
	}
	// The first transaction of the block that is valid so far owns its id, even if it then fails on
	// what it read.
	owned := map[string]bool{}
	for _, tx := range p.txs {
		if tx.code == peer.TxValidationCode_VALID && tx.kind == common.HeaderType_ENDORSER_TRANSACTION {
			if owned[tx.id] {
				tx.code = peer.TxValidationCode_DUPLICATE_TXID
			}
			owned[tx.id] = true
		}
		tx.load()
		if err := p.judge(tx); err != nil {
			return err
		}
	}
	return nil
}

// overruled lists the codes of checks that come after the search for duplicate ids.
func overruled(code peer.TxValidationCode) bool {
	switch code {
	case peer.TxValidationCode_VALID, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE,
		peer.TxValidationCode_BAD_RWSET, peer.TxValidationCode_ILLEGAL_WRITESET,
		peer.TxValidationCode_INVALID_CHAINCODE, peer.TxValidationCode_EXPIRED_CHAINCODE,
		peer.TxValidationCode_INVALID_OTHER_REASON:
		return true
	}
	return false
}

// gather collects the private write sets that this peer may hold, those of invalid transactions included: they change
// nothing, but an auditor can still compare them with the hashes in the block.
func (l *Ledger) gather(p *pending, private func(txid string) *rwset.TxPvtReadWriteSet) {
	for _, tx := range p.txs {
		var found []*rwset.TxPvtReadWriteSet
		set := &rwset.TxPvtReadWriteSet{DataModel: rwset.TxReadWriteSet_KV}
		for _, n := range tx.written() {
			for _, c := range n.collections {
				if len(c.privateHash) == 0 || !l.member(p, n.name, c.name) {
					continue
				}
				if found == nil {
					found = l.candidates(tx.id, private)
				}
				for _, candidate := range found {
					if packed := findCollection(candidate, n.name, c.name, c.privateHash); packed != nil {
						addCollection(set, n.name, c.name, packed)
						break
					}
				}
			}
		}
		if len(set.NsPvtRwset) > 0 {
			p.private.sets = append(p.private.sets, privateSet{tx.number, set})
		}
	}
}

func (l *Ledger) candidates(txid string, private func(txid string) *rwset.TxPvtReadWriteSet) []*rwset.TxPvtReadWriteSet {
	sets := l.waiting.find(txid)
	if private != nil {
		if given := private(txid); given != nil {
			sets = append([]*rwset.TxPvtReadWriteSet{given}, sets...)
		}
	}
	return sets
}

func (l *Ledger) member(p *pending, namespace, collection string) bool {
	c, found := l.opts.collection(p.state.base, namespace, collection)
	return found && c.Member
}

// settle drops what the transient store held for the block's transactions, and what is too old.
func (l *Ledger) settle(p *pending) error {
	if err := l.waiting.settleTxs(p.txids(), len(p.purged) > 0); err != nil {
		return err
	}
	if (p.number+1)%eraseEvery != 0 {
		return nil
	}
	return l.waiting.settle(false, func(_ string, height uint64) bool {
		return height+l.opts.TransientBlocks < p.number
	})
}

// publish makes the block visible to readers, all at once.
func (l *Ledger) publish(p *pending) {
	hash := HeaderHash(p.block.Header)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = p.state.freeze()
	l.index.add(p.number, hash, p.txs)
	l.expired.add(p.expired)
	l.info = &common.BlockchainInfo{
		Height: p.number + 1, CurrentBlockHash: hash, PreviousBlockHash: bytes.Clone(p.block.Header.PreviousHash),
	}
	if p.commitHash != nil {
		l.commitHash = p.commitHash
	}
	close(l.arrived)
	l.arrived = make(chan struct{})
}
