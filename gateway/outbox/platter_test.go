package outbox_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// platter is a disk in memory that keeps what was synced and nothing that was not. SQLite reads and
// writes it through a file system of its own, so that the production schema and statements run
// unchanged, with the pragmas of production.
type platter struct {
	mu     sync.Mutex
	rnd    *rand.Rand
	files  map[string]*plate
	budget int // calls that change something before the power fails; negative: never
	dead   bool
	syncs  int
}

// plate is one file: what is on the disk for good, and what has been written since.
type plate struct {
	durable []byte
	cached  []byte // what a reader sees
	pending []pendingWrite
}

// pendingWrite is a write, or a truncation where data is nil, that was not synced.
type pendingWrite struct {
	offset int64
	data   []byte
}

const sectorSize = 512

var errPowerCut = errors.New("the power has failed")

func newPlatter(seed uint64, budget int) *platter {
	return &platter{rnd: rand.New(rand.NewPCG(seed, 9)), files: make(map[string]*plate), budget: budget}
}

// restart is the disk as it is found after the power has come back: of what was not synced, any
// sectors may have arrived, in any order.
func (p *platter) restart() *platter {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	found := newPlatter(p.rnd.Uint64(), -1)
	mode := p.rnd.IntN(3) // nothing arrived, everything up to some write did, or anything did
	for name, plate := range p.files {
		upTo := len(plate.pending)
		if mode == 1 && upTo > 0 {
			upTo = p.rnd.IntN(upTo + 1)
		}
		bytes := append([]byte(nil), plate.durable...)
		for _, w := range plate.pending[:upTo] {
			switch {
			case mode == 0:
			case w.data == nil:
				if mode == 1 || p.rnd.IntN(2) == 0 {
					bytes = resized(bytes, w.offset)
				}
			default:
				bytes = p.arrive(bytes, w, mode == 2)
			}
		}
		found.files[name] = fresh(bytes)
	}
	return found
}

func (p *platter) arrive(bytes []byte, w pendingWrite, torn bool) []byte {
	for start := 0; start < len(w.data); start += sectorSize {
		if torn && p.rnd.IntN(2) == 0 {
			continue
		}
		end := min(start+sectorSize, len(w.data))
		bytes = written(bytes, w.data[start:end], w.offset+int64(start))
	}
	return bytes
}

func fresh(bytes []byte) *plate {
	return &plate{durable: bytes, cached: append([]byte(nil), bytes...)}
}

func resized(bytes []byte, size int64) []byte {
	if size <= int64(len(bytes)) {
		clear(bytes[size:]) // so that growing again shows zeroes
		return bytes[:size]
	}
	return slices.Grow(bytes, int(size)-len(bytes))[:size]
}

func written(bytes, data []byte, offset int64) []byte {
	if end := offset + int64(len(data)); end > int64(len(bytes)) {
		bytes = resized(bytes, end)
	}
	copy(bytes[offset:], data)
	return bytes
}

// spend is one call that changes something. The caller holds mu.
func (p *platter) spend() error {
	if p.dead {
		return errPowerCut
	}
	if p.budget == 0 {
		p.dead = true
		return errPowerCut
	}
	if p.budget > 0 {
		p.budget--
	}
	return nil
}

// Open implements vfs.VFS.
func (p *platter) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files[name] == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		if err := p.spend(); err != nil {
			return nil, flags, err
		}
		p.files[name] = fresh(nil)
	}
	return &needle{platter: p, plate: p.files[name]}, flags, nil
}

// Delete implements vfs.VFS.
func (p *platter) Delete(name string, _ bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.spend(); err != nil {
		return err
	}
	delete(p.files, name)
	return nil
}

// Access implements vfs.VFS.
func (p *platter) Access(name string, _ vfs.AccessFlag) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files[name] != nil, nil
}

// FullPathname implements vfs.VFS.
func (p *platter) FullPathname(name string) (string, error) { return name, nil }

// needle is an open file.
type needle struct {
	platter *platter
	plate   *plate
}

// Close implements vfs.File.
func (n *needle) Close() error { return nil }

// ReadAt implements vfs.File.
func (n *needle) ReadAt(b []byte, offset int64) (int, error) {
	n.platter.mu.Lock()
	defer n.platter.mu.Unlock()
	if n.platter.dead {
		return 0, errPowerCut
	}
	if offset >= int64(len(n.plate.cached)) {
		return 0, io.EOF
	}
	read := copy(b, n.plate.cached[offset:])
	if read < len(b) {
		return read, io.EOF
	}
	return read, nil
}

// WriteAt implements vfs.File.
func (n *needle) WriteAt(b []byte, offset int64) (int, error) {
	n.platter.mu.Lock()
	defer n.platter.mu.Unlock()
	if err := n.platter.spend(); err != nil {
		return 0, err
	}
	n.plate.cached = written(n.plate.cached, b, offset)
	n.plate.pending = append(n.plate.pending, pendingWrite{offset, append([]byte{}, b...)})
	return len(b), nil
}

// Truncate implements vfs.File.
func (n *needle) Truncate(size int64) error {
	n.platter.mu.Lock()
	defer n.platter.mu.Unlock()
	if err := n.platter.spend(); err != nil {
		return err
	}
	n.plate.cached = resized(n.plate.cached, size)
	n.plate.pending = append(n.plate.pending, pendingWrite{offset: size})
	return nil
}

// Sync implements vfs.File. The power may fail before it, but not after it and before its caller
// hears.
func (n *needle) Sync(vfs.SyncFlag) error {
	n.platter.mu.Lock()
	defer n.platter.mu.Unlock()
	if err := n.platter.spend(); err != nil {
		return err
	}
	n.platter.syncs++
	for _, w := range n.plate.pending {
		if w.data == nil {
			n.plate.durable = resized(n.plate.durable, w.offset)
		} else {
			n.plate.durable = written(n.plate.durable, w.data, w.offset)
		}
	}
	n.plate.pending = n.plate.pending[:0]
	return nil
}

// Size implements vfs.File.
func (n *needle) Size() (int64, error) {
	n.platter.mu.Lock()
	defer n.platter.mu.Unlock()
	return int64(len(n.plate.cached)), nil
}

// Lock implements vfs.File: there is one process.
func (n *needle) Lock(vfs.LockLevel) error { return nil }

// Unlock implements vfs.File.
func (n *needle) Unlock(vfs.LockLevel) error { return nil }

// CheckReservedLock implements vfs.File.
func (n *needle) CheckReservedLock() (bool, error) { return false, nil }

// SectorSize implements vfs.File.
func (n *needle) SectorSize() int { return sectorSize }

// DeviceCharacteristics implements vfs.File: it promises nothing.
func (n *needle) DeviceCharacteristics() vfs.DeviceCharacteristic { return 0 }
