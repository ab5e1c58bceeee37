package importer

import (
	"math/rand/v2"
	"sync"

	"github.com/zegel/zegel/gateway/journal"
)

// task is the events of one member, in order.
type task struct {
	member string
	events []int // indices into the journal
}

// plan groups a journal by member. Members come in the order of their first event, or shuffled
// if seed is not zero; the events of one member never change places. With apart they keep their
// places only within a chain: then several gateways work on one member at once.
func plan(events []journal.Event, seed uint64, apart bool) []task {
	type owner struct {
		member string
		chain  int
	}
	var tasks []task
	at := make(map[owner]int)
	for i := range events {
		who := owner{member: events[i].Member}
		if apart {
			who.chain = events[i].Chain
		}
		n, known := at[who]
		if !known {
			n = len(tasks)
			at[who] = n
			tasks = append(tasks, task{member: who.member})
		}
		tasks[n].events = append(tasks[n].events, i)
	}
	if seed != 0 {
		rnd := rand.New(rand.NewPCG(seed, seed))
		rnd.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] })
	}
	return tasks
}

// queue hands members to workers. A worker sends one event of a member and puts the member back at the
// end, so that all members advance together and the long ones do not come last.
type queue struct {
	mu      sync.Mutex // guards waiting and out
	some    *sync.Cond
	waiting []task
	out     int // members with a worker at the moment
}

func newQueue(tasks []task) *queue {
	q := &queue{waiting: tasks}
	q.some = sync.NewCond(&q.mu)
	return q
}

// next waits for a member with events left. It reports false when there are none and none can come back.
func (q *queue) next() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && q.out > 0 {
		q.some.Wait()
	}
	if len(q.waiting) == 0 {
		return task{}, false
	}
	t := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.out++
	return t, true
}

// back returns a member whose first event is done; with nothing left it is simply finished.
func (q *queue) back(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.out--
	if len(t.events) > 0 {
		q.waiting = append(q.waiting, t)
	}
	q.some.Broadcast()
}
