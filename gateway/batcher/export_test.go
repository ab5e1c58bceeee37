package batcher

// Idle reports that nothing is left in the register: a leak would lock a key for ever.
func (l *Locks) Idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queues) == 0
}
