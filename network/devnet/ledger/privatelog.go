package ledger

import (
	"errors"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const privateFilePrefix = "private_"

// privateFileBytes bounds what an erasure has to rewrite.
const privateFileBytes = 4 << 20

// privateLog holds the private data of committed blocks, which blocks do not hold. It is append-only
// except for erasure, which rewrites the files concerned: purged bytes leave the disk.
type privateLog struct {
	home folder

	mu      sync.RWMutex
	files   []file
	places  map[uint64]place
	holders map[hashedKey][]uint64 // blocks with a write of the key, in order
}

func openPrivateLog(home folder) (*privateLog, error) {
	l := &privateLog{home: home, places: map[uint64]place{}, holders: map[hashedKey][]uint64{}}
	names, err := numberedFiles(home, privateFilePrefix)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		f, err := home.open(name)
		if err == nil {
			l.files = append(l.files, f)
			err = eachFrame(f, name, i == len(names)-1, func(offset int64, body []byte) error {
				record, err := decodePrivate(body)
				if err != nil {
					return err
				}
				return l.note(record, place{i, offset, len(body)})
			})
		}
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	return l, nil
}

// note indexes a record that lies at a place.
func (l *privateLog) note(record privateRecord, at place) error {
	l.places[record.block] = at
	for _, s := range record.sets {
		err := eachCollection(s.set, func(namespace, collection string, writes *kvrwset.KVRWSet) error {
			for _, w := range writes.Writes {
				key := keyOf(namespace, collection, w.Key)
				blocks := l.holders[key]
				if n := len(blocks); n == 0 || blocks[n-1] != record.block {
					l.holders[key] = append(blocks, record.block)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cut forgets what was written for block height and beyond: the crash came before the block itself.
func (l *privateLog) cut(height uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for block, at := range l.places {
		if block < height {
			continue
		}
		if at.file != len(l.files)-1 || block > height {
			return &CorruptError{File: numberedName(privateFilePrefix, at.file), Offset: at.offset - frameHead,
				Reason: fmt.Sprintf("it has private data of block [%d], but the chain ends before block [%d]", block, height)}
		}
		if err := l.files[at.file].truncate(at.offset - frameHead); err != nil {
			return err
		}
		delete(l.places, block)
	}
	return nil
}

// append writes the record of a block and waits until it is on disk.
func (l *privateLog) append(record privateRecord) error {
	body, err := encodePrivate(record)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.files); n == 0 || l.files[n-1].size() > privateFileBytes {
		f, err := l.home.open(numberedName(privateFilePrefix, n))
		if err != nil {
			return err
		}
		l.files = append(l.files, f)
	}
	last := len(l.files) - 1
	at := place{last, l.files[last].size() + frameHead, len(body)}
	if err := l.files[last].append(appendFrame(nil, body)); err != nil {
		return err
	}
	if err := l.files[last].sync(); err != nil {
		return err
	}
	return l.note(record, at)
}

// read returns what is held for a block; an empty record where there is nothing.
func (l *privateLog) read(block uint64) (privateRecord, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at, found := l.places[block]
	if !found {
		return privateRecord{block: block}, nil
	}
	body := make([]byte, at.length)
	if _, err := l.files[at.file].ReadAt(body, at.offset); err != nil {
		return privateRecord{}, fmt.Errorf("read private data of block [%d]: %w", block, err)
	}
	return decodePrivate(body)
}

// holding lists the blocks with a write of any of the keys.
func (l *privateLog) holding(keys map[hashedKey]Version) []uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var blocks []uint64
	for key := range keys {
		blocks = append(blocks, l.holders[key]...)
	}
	return blocks
}

// erase drops keys from the records of the blocks, on disk too.
func (l *privateLog) erase(blocks []uint64, drop func(Version, hashedKey) bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	touched := map[int]bool{}
	for _, block := range blocks {
		if at, found := l.places[block]; found {
			touched[at.file] = true
		}
	}
	for number := range touched {
		if err := l.rewrite(number, drop); err != nil {
			return fmt.Errorf("erase private data: %w", err)
		}
	}
	return nil
}

// rewrite replaces a file by one without the dropped keys, where it has any.
func (l *privateLog) rewrite(number int, drop func(Version, hashedKey) bool) error {
	var out []byte
	moved, changed := map[uint64]place{}, false
	err := eachFrame(l.files[number], numberedName(privateFilePrefix, number), false, func(_ int64, body []byte) error {
		record, err := decodePrivate(body)
		if err != nil {
			return err
		}
		record, dropped, err := record.without(drop)
		if err != nil {
			return err
		}
		changed = changed || dropped
		body, err = encodePrivate(record)
		moved[record.block] = place{number, int64(len(out) + frameHead), len(body)}
		out = appendFrame(out, body)
		return err
	})
	if err != nil || !changed {
		return err
	}
	if err := l.files[number].replace(out); err != nil {
		return err
	}
	for block, at := range moved {
		l.places[block] = at
	}
	return nil
}

func (l *privateLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return closeAll(l.files)
}

// encodePrivate lays out a record: block number, then for each transaction its number and its set.
func encodePrivate(record privateRecord) ([]byte, error) {
	b := protowire.AppendVarint(nil, record.block)
	for _, s := range record.sets {
		packed, err := marshal(s.set)
		if err != nil {
			return nil, err
		}
		b = protowire.AppendVarint(b, s.tx)
		b = protowire.AppendBytes(b, packed)
	}
	return b, nil
}

func decodePrivate(b []byte) (privateRecord, error) {
	r := cursor{rest: b}
	record := privateRecord{block: r.number()}
	for r.err == nil && len(r.rest) > 0 {
		s := privateSet{tx: r.number(), set: &rwset.TxPvtReadWriteSet{}}
		packed := r.bytes()
		if r.err != nil {
			break
		}
		if err := proto.Unmarshal(packed, s.set); err != nil {
			return privateRecord{}, fmt.Errorf("private write set: %w", err)
		}
		record.sets = append(record.sets, s)
	}
	return record, r.err
}
