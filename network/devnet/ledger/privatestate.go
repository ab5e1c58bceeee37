package ledger

import (
	"bytes"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
)

// privateBook is what the ledger remembers about private keys between blocks. It belongs to the
// goroutine that commits; replay rebuilds it.
type privateBook struct {
	// raw finds the key behind a hash, where this peer has ever seen it.
	raw map[hashedKey]string
	// expiring lists, by block, what that block drops unless it was written again since.
	expiring map[uint64][]expiry
}

// expiry is a private key written by a block into a collection with a time to live.
type expiry struct {
	key     hashedKey
	written uint64
}

// eraseEvery is after how many blocks expired private data is erased from disk.
const eraseEvery = 100

func newPrivateBook() *privateBook {
	return &privateBook{raw: map[hashedKey]string{}, expiring: map[uint64][]expiry{}}
}

// applyPrivate brings private values, purges and expiries into the state in the making. It comes after
// the commit hash, which covers none of them: peers hold different private data.
func (l *Ledger) applyPrivate(p *pending) error {
	values, tagged, err := p.privateUpdates()
	if err != nil {
		return err
	}
	for in, keys := range values {
		for key := range keys {
			l.book.raw[privateKey{in, key}.hashed()] = key
		}
	}
	for _, key := range tagged {
		p.retag(values, key)
	}
	l.book.purge(p, values)
	l.book.expire(p, values)
	for in, keys := range values {
		for key, e := range keys {
			p.state.apply(in, key, e)
		}
	}
	l.schedule(p)
	return l.scheduleInvalid(p)
}

// retag lets the version of a private value follow that of its hash, which moved because of a change
// of metadata. Without it the value would look stale. A value that is not the hashed one stays as it is.
func (p *pending) retag(values updates, key privateKey) {
	h := key.hashed()
	hash := p.updates.get(h.in, h.hash)
	if hash == nil || hash.value == nil {
		return
	}
	now := values.get(key.in, key.key)
	if now == nil {
		now = p.state.get(key.in, key.key)
	}
	if now == nil || now.version == hash.version || !bytes.Equal(hashOf(now.value), hash.value) {
		return
	}
	values.put(key.in, key.key, &entry{value: now.value, version: hash.version})
}

// purge deletes private values whose purge the block holds, also where this peer did not get the
// write set of the purging transaction.
func (b *privateBook) purge(p *pending, values updates) {
	for key, version := range p.purged {
		raw, known := b.raw[key]
		in := space{private, key.in.namespace, key.in.collection}
		if now := values.get(in, raw); !known || now != nil && version.before(now.version) {
			continue
		}
		values.put(in, raw, &entry{version: version})
		delete(b.raw, key)
	}
}

// expire deletes what was written a time to live ago and not since: hashes on every peer, values where
// there are any.
func (b *privateBook) expire(p *pending, values updates) {
	version := Version{Block: p.number, Tx: ^uint64(0)}
	for _, due := range b.expiring[p.number] {
		if e := p.state.get(due.key.in, due.key.hash); e != nil && e.version.Block == due.written &&
			p.updates.get(due.key.in, due.key.hash) == nil {
			p.state.apply(due.key.in, due.key.hash, &entry{version: version})
		}
		in := space{private, due.key.in.namespace, due.key.in.collection}
		raw, known := b.raw[due.key]
		if e := p.state.get(in, raw); known && e != nil && e.version.Block == due.written && values.get(in, raw) == nil {
			values.put(in, raw, &entry{version: version})
		}
	}
	p.expired = b.expiring[p.number]
	delete(b.expiring, p.number)
}

// schedule notes when the private keys written by the block expire.
func (l *Ledger) schedule(p *pending) {
	for in, keys := range p.updates {
		if in.kind != hashed {
			continue
		}
		collection, found := l.opts.collection(p.state.base, in.namespace, in.collection)
		due := p.number + collection.BlockToLive + 1
		if !found || collection.BlockToLive == 0 || due <= p.number {
			continue
		}
		for hash, e := range keys {
			if e.value != nil {
				l.book.expiring[due] = append(l.book.expiring[due], expiry{hashedKey{in, hash}, p.number})
			}
		}
	}
}

// scheduleInvalid notes when the private data of invalid transactions expire. They are not among the updates.
func (l *Ledger) scheduleInvalid(p *pending) error {
	for _, s := range p.private.sets {
		if p.valid(s.tx) {
			continue
		}
		err := eachCollection(s.set, func(namespace, collection string, writes *kvrwset.KVRWSet) error {
			c, found := l.opts.collection(p.state.base, namespace, collection)
			due := p.number + c.BlockToLive + 1
			if !found || c.BlockToLive == 0 || due <= p.number {
				return nil
			}
			for _, w := range writes.Writes {
				l.book.expiring[due] = append(l.book.expiring[due], expiry{keyOf(namespace, collection, w.Key), p.number})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// erase takes purged and expired private data off the disk: purged at once, expired now and then.
func (l *Ledger) erase(p *pending) error {
	if len(p.purged) > 0 {
		err := l.privates.erase(l.privates.holding(p.purged), func(version Version, key hashedKey) bool {
			last, purged := p.purged[key]
			return purged && !last.before(version)
		})
		if err != nil {
			return err
		}
	}
	if (p.number+1)%eraseEvery == 0 {
		return l.eraseExpired()
	}
	return nil
}

// erasable is expired data that is still on disk: by block of the write, its collections.
type erasable map[uint64]map[space]bool

func (e erasable) add(expired []expiry) {
	for _, due := range expired {
		if e[due.written] == nil {
			e[due.written] = map[space]bool{}
		}
		e[due.written][due.key.in] = true
	}
}

// eraseExpired takes all expired data off the disk. Only afterwards does it forget what expired,
// so that Private never shows it.
func (l *Ledger) eraseExpired() error {
	// Only the committing goroutine changes the map: it may read it without the lock.
	expired := l.expired
	err := l.privates.erase(slices.Collect(maps.Keys(expired)), func(version Version, key hashedKey) bool {
		return expired[version.Block][key.in]
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.expired = erasable{}
	l.mu.Unlock()
	return nil
}
