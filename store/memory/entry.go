package memory

import (
	"container/heap"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// entry is an item, the mark of a taken one, or a counter.
type entry struct {
	place   // kind "" for a counter
	expires int64
	at      int // its place in the queue

	value   []byte
	belongs store.Index
	version int64
	taken   bool
	by      string

	n int64 // of a counter
}

// fill copies what Create and Swap set.
func (e *entry) fill(item store.Item) {
	e.value = slices.Clone(item.Value)
	e.belongs = item.Index
	e.expires = item.Expires.UnixMilli()
}

// item gives a copy for the caller.
func (e *entry) item() store.Item {
	return store.Item{
		Kind: e.kind, Key: e.key, Value: slices.Clone(e.value), Index: e.belongs,
		Expires: time.UnixMilli(e.expires).UTC(), Version: e.version,
	}
}

// insert adds an entry that is not there.
func (s *Shorts) insert(e *entry) {
	heap.Push(&s.queue, e)
	if e.kind == "" {
		s.counters[e.key] = e
		return
	}
	s.items[e.place] = e
	s.index(e)
}

// remove drops an entry wherever it is known.
func (s *Shorts) remove(e *entry) {
	heap.Remove(&s.queue, e.at)
	if e.kind == "" {
		delete(s.counters, e.key)
		return
	}
	delete(s.items, e.place)
	s.unindex(e)
}

// sweep removes a few entries that have expired.
func (s *Shorts) sweep(now int64) {
	for range sweepBatch {
		if len(s.queue) == 0 || s.queue[0].expires > now {
			return
		}
		s.remove(s.queue[0])
	}
}

// queue is a heap of entries, the next to expire first. Each knows its place,
// so that what is deleted leaves nothing behind.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].expires < q[j].expires }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

func (q *queue) Push(x any) {
	e := x.(*entry)
	e.at = len(*q)
	*q = append(*q, e)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return e
}
