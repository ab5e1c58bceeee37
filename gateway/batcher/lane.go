package batcher

import (
	"container/heap"
	"slices"
)

// lane is the part of a batcher that decides what leaves when. Its fields are guarded by the mutex
// of its register.
type lane struct {
	locks    *Locks
	ready    arrivals // tickets that nobody stands before
	underWay int      // batches
	late     int      // of those, the ones that take too long
	limit    int      // of underWay, as long as none is late
	maxItems int
	maxBytes int
	start    func(*flight) // carries a batch out, in a goroutine of its own
}

// flight is a batch under way. Its fields but tickets are guarded like those of its lane.
type flight struct {
	tickets      []*ticket
	late, landed bool
}

// add puts a ticket among those that may leave.
func (l *lane) add(t *ticket) { heap.Push(&l.ready, t) }

// dispatch sends batches off as long as there is something to send and room for it.
func (l *lane) dispatch() {
	for l.underWay < l.limit+min(l.late, 1) && len(l.ready) > 0 {
		batch := l.gather()
		l.underWay++
		l.start(&flight{tickets: batch})
	}
}

// delay makes room for one more batch beside a flight that takes too long.
func (l *lane) delay(f *flight) {
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	if !f.landed {
		f.late = true
		l.late++
		l.dispatch()
	}
}

// land makes room for the batch after a flight.
func (l *lane) land(f *flight) {
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	f.landed = true
	l.underWay--
	if f.late {
		l.late--
	}
	l.dispatch()
}

// gather builds a batch from the ready tickets, in order of arrival. A ticket that is taken lends
// its place to whoever of this lane comes next at its keys: within one batch they may share the
// key.
func (l *lane) gather() []*ticket {
	var batch, lent []*ticket
	bytes := 0
	for len(l.ready) > 0 && len(batch) < l.maxItems {
		first := l.ready[0]
		if len(batch) > 0 && bytes+first.size > l.maxBytes {
			break
		}
		heap.Pop(&l.ready)
		first.taken = true
		bytes += first.size
		batch = append(batch, first)
		lent = append(lent, l.lend(first)...)
	}
	l.recall(lent)
	return batch
}

// lend lets those that stand directly behind t pass as if t had left.
func (l *lane) lend(t *ticket) []*ticket {
	var lent []*ticket
	for i := range t.links {
		place := t.links[i].next
		if place == nil || place.ticket.lane != l {
			continue
		}
		behind := place.ticket
		lent = append(lent, behind)
		if behind.ahead--; behind.ahead == 0 {
			l.add(behind)
		}
	}
	return lent
}

// recall takes back what was lent to tickets that did not get into the batch: they stand behind it
// now.
func (l *lane) recall(lent []*ticket) {
	changed := false
	for _, t := range lent {
		if !t.taken {
			t.ahead++
			changed = true
		}
	}
	if changed {
		l.ready = slices.DeleteFunc(l.ready, func(t *ticket) bool { return t.ahead > 0 })
		heap.Init(&l.ready)
	}
}

// abandon takes every ticket of the lane that is in no batch out of the queues and returns them.
func (l *lane) abandon() []*ticket {
	waiting := make(map[*ticket]struct{})
	for _, t := range l.ready {
		waiting[t] = struct{}{}
	}
	for _, q := range l.locks.queues {
		for place := q.head; place != nil; place = place.next {
			if place.ticket.lane == l && !place.ticket.taken {
				waiting[place.ticket] = struct{}{}
			}
		}
	}
	var gone []*ticket
	for t := range waiting {
		t.taken = true // so that nobody calls it ready while its neighbours leave
		gone = append(gone, t)
	}
	l.ready = nil
	l.locks.release(gone)
	return gone
}

// arrivals is a heap of tickets, the earliest arrival first.
type arrivals []*ticket

func (a arrivals) Len() int           { return len(a) }
func (a arrivals) Less(i, j int) bool { return a[i].arrival < a[j].arrival }
func (a arrivals) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push is for package heap.
func (a *arrivals) Push(x any) { *a = append(*a, x.(*ticket)) }

// Pop is for package heap.
func (a *arrivals) Pop() any {
	last := len(*a) - 1
	t := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return t
}
