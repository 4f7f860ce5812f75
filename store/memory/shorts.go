package memory

import (
	"container/heap"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

const (
	// defaultLimit is how many things a store holds unless told otherwise.
	defaultLimit = 4 << 20
	// sweepBatch is how many expired things one write removes: more than it
	// can add, so that what has expired never piles up.
	sweepBatch = 8
	maxMark    = 256
)

var (
	errFull   = errors.New("the memory store holds as much as it may")
	errClosed = errors.New("the store is closed")
)

// Options of [NewShorts]. The zero value is right for use.
type Options struct {
	// Now gives the time; nil means time.Now.
	Now func() time.Time
	// Limit is the greatest number of items and counters that have not
	// expired; 4 Mi if zero. Beyond it Create and Count answer
	// fault.Unavailable.
	Limit int
}

// Shorts implements [store.Shorts] in maps under one lock. Listing a whole
// kind looks at each of its items for every page; everything else is
// independent of how much is stored. Expired things are removed by later
// writes.
type Shorts struct {
	now   func() time.Time
	limit int
	feed  feed

	mu       sync.RWMutex
	items    map[place]*entry
	indexes  map[indexed]map[string]struct{} // to keys
	kinds    map[store.Kind]map[string]struct{}
	counters map[string]*entry
	queue    queue // items and counters by expiry
	closed   bool
}

var _ store.Shorts = (*Shorts)(nil)

// place names an item.
type place struct {
	kind store.Kind
	key  string
}

// indexed names the items of a kind that have one index value.
type indexed struct {
	kind  store.Kind
	by    store.IndexName
	value string
}

// NewShorts makes an empty store.
func NewShorts(o Options) *Shorts {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	return &Shorts{
		now: o.Now, limit: o.Limit,
		items:    map[place]*entry{},
		indexes:  map[indexed]map[string]struct{}{},
		kinds:    map[store.Kind]map[string]struct{}{},
		counters: map[string]*entry{},
	}
}

// Close forgets everything. Later calls answer fault.Unavailable; Watch goes on
// silently until its context ends.
func (s *Shorts) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.items, s.indexes, s.kinds, s.counters, s.queue = nil, nil, nil, nil, nil
	s.feed.close()
	return nil
}

// ready tells why the store can't serve this call. The lock must be held.
func (s *Shorts) ready(ctx context.Context, op string) error {
	if s.closed {
		return fault.Wrap(fault.Unavailable, op, errClosed)
	}
	return fault.Wrap(fault.Unavailable, op, ctx.Err())
}

// live gives the entry at p unless it has expired; it may be taken.
func (s *Shorts) live(p place, now int64) *entry {
	if e := s.items[p]; e != nil && e.expires > now {
		return e
	}
	return nil
}

// Create implements [store.Shorts]. fault.Invalid for an empty kind or key.
func (s *Shorts) Create(ctx context.Context, item store.Item) error {
	const op = "memory.Create"
	if item.Kind == "" || item.Key == "" {
		return fault.Wrap(fault.Invalid, op, errors.New("an item needs a kind and a key"))
	}
	e := &entry{place: place{item.Kind, item.Key}, version: firstVersion()}
	e.fill(item)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, op); err != nil {
		return err
	}
	now := s.now().UnixMilli()
	if s.live(e.place, now) != nil {
		return fault.New(fault.Exists, op, "")
	}
	if old := s.items[e.place]; old != nil {
		s.remove(old)
	}
	s.sweep(now)
	if e.expires <= now {
		return nil // absent from the beginning
	}
	if len(s.queue) >= s.limit {
		return fault.Wrap(fault.Unavailable, op, errFull)
	}
	s.insert(e)
	return nil
}

// firstVersion is random, so that a version read before an item was deleted
// and made again does not fit the new one.
func firstVersion() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return int64(binary.LittleEndian.Uint64(b[:])>>2) + 1
}

// Get implements [store.Shorts].
func (s *Shorts) Get(ctx context.Context, kind store.Kind, key string) (store.Item, error) {
	const op = "memory.Get"
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx, op); err != nil {
		return store.Item{}, err
	}
	e := s.live(place{kind, key}, s.now().UnixMilli())
	if e == nil || e.taken {
		return store.Item{}, fault.New(fault.NotFound, op, "")
	}
	return e.item(), nil
}

// GetAll implements [store.Shorts].
func (s *Shorts) GetAll(ctx context.Context, kind store.Kind, keys ...string) ([]store.Item, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx, "memory.GetAll"); err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	var items []store.Item
	for i, key := range keys {
		e := s.live(place{kind, key}, now)
		if e != nil && !e.taken && !slices.Contains(keys[:i], key) {
			items = append(items, e.item())
		}
	}
	return items, nil
}

// Swap implements [store.Shorts].
func (s *Shorts) Swap(ctx context.Context, item store.Item) (int64, error) {
	const op = "memory.Swap"
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, op); err != nil {
		return 0, err
	}
	now := s.now().UnixMilli()
	e := s.live(place{item.Kind, item.Key}, now)
	if e == nil || e.taken {
		return 0, fault.New(fault.NotFound, op, "")
	}
	if e.version != item.Version {
		return 0, fault.New(fault.Conflict, op, "")
	}
	s.unindex(e)
	e.fill(item)
	e.version++
	s.index(e)
	heap.Fix(&s.queue, e.at)
	s.sweep(now)
	return e.version, nil
}

// Take implements [store.Shorts]. fault.Invalid if by is too long.
func (s *Shorts) Take(ctx context.Context, kind store.Kind, key, by string) (store.Item, error) {
	const op = "memory.Take"
	if len(by) > maxMark {
		return store.Item{}, fault.Wrap(fault.Invalid, op, fmt.Errorf("the mark has more than %d bytes", maxMark))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, op); err != nil {
		return store.Item{}, err
	}
	e := s.live(place{kind, key}, s.now().UnixMilli())
	if e == nil {
		return store.Item{}, fault.New(fault.NotFound, op, "")
	}
	if e.taken {
		return store.Item{}, fault.Wrap(fault.Spent, op, &store.SpentError{By: e.by, Index: e.belongs})
	}
	item := e.item()
	s.unindex(e) // a mark is found by its key alone
	e.taken, e.by, e.value = true, by, nil
	return item, nil
}

// Delete implements [store.Shorts].
func (s *Shorts) Delete(ctx context.Context, kind store.Kind, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx, "memory.Delete"); err != nil {
		return err
	}
	if e := s.items[place{kind, key}]; e != nil {
		s.remove(e)
	}
	return nil
}
