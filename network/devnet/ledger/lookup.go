package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// Height is the number of committed blocks: the number of the next one.
func (l *Ledger) Height() uint64 { return l.ChainInfo().Height }

// ChainInfo describes the chain's tip as qscc GetChainInfo answers it. Do not change it.
func (l *Ledger) ChainInfo() *common.BlockchainInfo {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.info
}

// CommitHash is the commit hash of the last block, nil before block 1: two peers with the same height
// and hash have the same state.
func (l *Ledger) CommitHash() []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.commitHash)
}

// Block returns committed block n. Message and metadata slots are the caller's own; the header and
// the bytes of transactions are shared: do not change them.
func (l *Ledger) Block(n uint64) (*common.Block, error) {
	if n >= l.Height() {
		return nil, missing("no such block number [%d] in index", n)
	}
	block, found, err := l.blocks.read(n)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, missing("no such block number [%d] in index", n)
	}
	return &common.Block{
		Header: block.Header, Data: block.Data,
		Metadata: &common.BlockMetadata{Metadata: slices.Clone(block.Metadata.Metadata)},
	}, nil
}

// BlockByHash returns the block whose header has this hash (see HeaderHash).
func (l *Ledger) BlockByHash(hash []byte) (*common.Block, error) {
	l.mu.RLock()
	n, found := l.index.blocks[string(hash)]
	l.mu.RUnlock()
	if !found {
		return nil, missing("no such block hash [%x] in index", hash)
	}
	return l.Block(n)
}

// BlockByTxID returns the block in which the transaction id occurs first.
func (l *Ledger) BlockByTxID(txid string) (*common.Block, error) {
	at, err := l.locate(txid)
	if err != nil {
		return nil, err
	}
	return l.Block(at.block)
}

// Transaction returns the first transaction with this id and its validation code.
func (l *Ledger) Transaction(txid string) (*peer.ProcessedTransaction, error) {
	at, err := l.locate(txid)
	if err != nil {
		return nil, err
	}
	block, err := l.Block(at.block)
	if err != nil {
		return nil, err
	}
	envelope := &common.Envelope{}
	if err := proto.Unmarshal(block.Data.Data[at.tx], envelope); err != nil {
		return nil, fmt.Errorf("transaction ID [%s]: %w", txid, err)
	}
	return &peer.ProcessedTransaction{TransactionEnvelope: envelope, ValidationCode: int32(at.code)}, nil
}

// TxCode tells the code and block of the first occurrence of a transaction id.
func (l *Ledger) TxCode(txid string) (code peer.TxValidationCode, block uint64, found bool) {
	at, err := l.locate(txid)
	return peer.TxValidationCode(at.code), at.block, err == nil
}

// HasTx tells whether the transaction id is on the chain, valid or not.
func (l *Ledger) HasTx(txid string) bool {
	_, err := l.locate(txid)
	return err == nil
}

func (l *Ledger) locate(txid string) (txPlace, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at, found := l.index.txs[txid]
	if !found {
		return txPlace{}, missing("no such transaction ID [%s] in index", txid)
	}
	return at, nil
}

// WaitBlock returns block n as soon as it is committed. A reader that asks for n, n+1, ... misses
// none, however slow it is. It ends with the context's error, or ErrClosed.
func (l *Ledger) WaitBlock(ctx context.Context, n uint64) (*common.Block, error) {
	for {
		l.mu.RLock()
		height, arrived, closed := l.info.Height, l.arrived, l.closed
		l.mu.RUnlock()
		switch {
		case closed:
			return nil, ErrClosed
		case n < height:
			return l.Block(n)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-arrived:
		}
	}
}
