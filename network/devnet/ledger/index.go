package ledger

// index finds blocks and transactions. It is rebuilt from the blocks at start.
type index struct {
	blocks  map[string]uint64  // by header hash
	txs     map[string]txPlace // first occurrence
	history map[publicKey][]Version
}

type txPlace struct {
	block uint64
	tx    uint32
	code  uint8
}

type publicKey struct{ namespace, key string }

func newIndex() *index {
	return &index{blocks: map[string]uint64{}, txs: map[string]txPlace{}, history: map[publicKey][]Version{}}
}

// add indexes a committed block. Every transaction with an id is found, whatever its code; history
// lists valid writes.
func (x *index) add(number uint64, headerHash []byte, txs []*transaction) {
	x.blocks[string(headerHash)] = number
	for _, tx := range txs {
		if _, known := x.txs[tx.id]; !known && tx.id != "" {
			x.txs[tx.id] = txPlace{number, uint32(tx.number), uint8(tx.code)}
		}
		for _, set := range tx.sets {
			for _, w := range set.public.Writes {
				key := publicKey{set.name, w.Key}
				x.history[key] = append(x.history[key], Version{number, tx.number})
			}
		}
	}
}
