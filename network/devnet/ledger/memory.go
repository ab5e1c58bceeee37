package ledger

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"sync"
)

// memory is a folder that ends with the process.
type memory map[string]*memoryFile

func (m memory) names() ([]string, error) {
	return slices.Sorted(maps.Keys(m)), nil
}

func (m memory) open(name string) (file, error) {
	if m[name] == nil {
		m[name] = &memoryFile{}
	}
	return m[name], nil
}

type memoryFile struct {
	mu   sync.RWMutex
	data []byte
}

func (m *memoryFile) ReadAt(b []byte, at int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if at >= int64(len(m.data)) {
		return 0, io.EOF
	}
	n := copy(b, m.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memoryFile) size() int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int64(len(m.data))
}

func (m *memoryFile) append(b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = append(m.data, b...)
	return nil
}

func (m *memoryFile) truncate(size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = m.data[:size]
	return nil
}

func (m *memoryFile) replace(b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = bytes.Clone(b)
	return nil
}

func (m *memoryFile) sync() error  { return nil }
func (m *memoryFile) close() error { return nil }
