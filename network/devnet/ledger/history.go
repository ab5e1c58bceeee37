package ledger

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
)

// History iterates over the modifications of a key, newest first. It sees the blocks there were when
// it was opened.
type History struct {
	ledger    *Ledger
	namespace string
	key       string
	versions  []Version
}

var errHistory = errors.New("the transaction in the index does not write the key")

// History iterates over the valid writes of a public key, newest first.
func (l *Ledger) History(namespace, key string) (*History, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return nil, ErrClosed
	}
	// The slice only ever grows behind what is seen here.
	return &History{l, namespace, key, l.index.history[publicKey{namespace, key}]}, nil
}

// Next returns the next older modification, nil at the end. The timestamp is the client's.
func (h *History) Next() (*queryresult.KeyModification, error) {
	if len(h.versions) == 0 {
		return nil, nil
	}
	last := len(h.versions) - 1
	at := h.versions[last]
	h.versions = h.versions[:last]
	block, _, err := h.ledger.blocks.read(at.Block)
	if err != nil {
		return nil, err
	}
	tx, err := openTransaction(int(at.Tx), block.Data.Data[at.Tx])
	if err == nil {
		_, err = tx.openSets()
	}
	if err != nil {
		return nil, fmt.Errorf("history of %s at %s: %w", h.key, at, err)
	}
	for _, set := range tx.sets {
		if set.name != h.namespace {
			continue
		}
		for _, w := range set.public.Writes {
			if w.Key == h.key {
				return &queryresult.KeyModification{
					TxId: tx.id, Value: w.Value, Timestamp: tx.timestamp,
					IsDelete: w.IsDelete || len(w.Value) == 0,
				}, nil
			}
		}
	}
	return nil, fmt.Errorf("history of %s at %s: %w", h.key, at, errHistory)
}
