package batcher

import (
	"slices"
	"sync"
)

// Locks is the register of the keys that are in flight or waited for. Batchers that write to the
// same ledger share one, so that two of their batches never touch the same key at the same time.
// The zero value is not usable: see NewLocks.
type Locks struct {
	// mu guards everything in this file and in lane.go, of every lane that shares the register. It
	// is held for queue operations only, never while a batch is flushed or an answer delivered.
	mu       sync.Mutex
	queues   map[string]*queue
	arrivals uint64
}

// NewLocks makes an empty register.
func NewLocks() *Locks { return &Locks{queues: make(map[string]*queue)} }

// queue is everybody who wants one key, in order of arrival. Those in flight are a prefix of it.
type queue struct {
	key        string
	head, tail *link
}

// link is a ticket's place in the queue of one of its keys.
type link struct {
	ticket *ticket
	queue  *queue
	next   *link
}

// ticket is an item's claim on its keys.
type ticket struct {
	lane    *lane
	arrival uint64
	size    int
	links   []link
	// ahead counts the keys at which somebody stands before this ticket who is not in the batch
	// being built. At 0 it may leave.
	ahead int
	taken bool // it is in a batch
	value any  // the batcher's own record of the item
}

// enter puts a ticket at the end of the queue of each of its keys. All of them at once under mu:
// tickets are in the same order in every queue, so no two can wait for each other.
func (l *Locks) enter(t *ticket, keys []string) {
	l.arrivals++
	t.arrival = l.arrivals
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	t.links = make([]link, len(keys))
	for i, key := range keys {
		q := l.queues[key]
		if q == nil {
			q = &queue{key: key}
			l.queues[key] = q
		}
		place := &t.links[i]
		place.ticket, place.queue = t, q
		if q.tail == nil {
			q.head = place
		} else {
			q.tail.next = place
			t.ahead++
		}
		q.tail = place
	}
	if t.ahead == 0 {
		t.lane.add(t)
	}
}

// release takes tickets out of all their queues and sets those lanes going that have got something
// to do by it.
func (l *Locks) release(tickets []*ticket) {
	var woken []*lane
	for _, t := range tickets {
		for i := range t.links {
			next := l.unlink(&t.links[i])
			if next == nil || next.taken {
				continue
			}
			if next.ahead--; next.ahead == 0 {
				next.lane.add(next)
				woken = append(woken, next.lane)
			}
		}
	}
	for _, lane := range woken {
		lane.dispatch()
	}
}

// unlink takes one place out of its queue and returns the ticket that has become first by it.
func (l *Locks) unlink(place *link) *ticket {
	q := place.queue
	if q.head != place {
		// Only a ticket that was never in a batch is taken out of the middle: see lane.abandon.
		before := q.head
		for before.next != place {
			before = before.next
		}
		before.next = place.next
		if q.tail == place {
			q.tail = before
		}
		return nil
	}
	q.head = place.next
	if q.head == nil {
		delete(l.queues, q.key)
		return nil
	}
	return q.head.ticket
}
