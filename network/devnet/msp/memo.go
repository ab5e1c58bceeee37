package msp

import (
	"crypto/sha256"
	"sync"
)

// memoLimit is how many signatures one generation of a memo holds.
const memoLimit = 2048

// memo remembers signatures that hold. Whether a signature holds depends on nothing but key, message and signature;
// every peer of a network in one process checks the same ones, and checking is most of what a transaction costs.
type memo struct {
	// mu guards the two generations. When the young one is full it becomes the old one.
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]struct{}
}

func memoKey(digest [sha256.Size]byte, signature []byte) [sha256.Size]byte {
	return sha256.Sum256(append(digest[:], signature...))
}

func (m *memo) holds(key [sha256.Size]byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.young[key]; ok {
		return true
	}
	_, ok := m.old[key]
	return ok
}

func (m *memo) remember(key [sha256.Size]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.young == nil || len(m.young) >= memoLimit {
		m.old, m.young = m.young, map[[sha256.Size]byte]struct{}{}
	}
	m.young[key] = struct{}{}
}
