package session

import (
	"crypto/sha256"
	"slices"
	"sync"

	"github.com/gatehouse-auth/gatehouse/identity"
)

const (
	shardCount   = 64
	holdsPerSID  = 256 // handles of one session that are worth keeping
	evictSamples = 8
)

// book is the bounded cache. Only sessions that the store has confirmed are in
// it, so anonymous traffic neither fills it nor pushes anybody out (DOS-05).
//
// A warm lookup touches one shard and nothing else. Everything that changes
// the book takes mu, which is never held during I/O.
type book struct {
	manager *Manager
	shards  [shardCount]shard

	mu       sync.Mutex
	size     int // most handles to keep
	holds    int
	sessions map[string]*entry
	subjects map[identity.Subject]*entry // first of a list
	ring     []*entry                    // for sampling and sweeping
	hand     int                         // of evict
	broom    int                         // of sweep
	doubts   map[*entry]doubt            // busy entries about which something was heard
	heard    uint64                      // numbers the doubts
	joinable map[key]*call
	running  map[*call]struct{}
}

// brief is the first half of a key: 128 bits of a SHA-256 can't be met by
// chance nor by search, and make the cache smaller and quicker than 256.
type brief [sha256.Size / 2]byte

func (k key) brief() brief { return brief(k[:]) }

type shard struct {
	mu sync.RWMutex
	m  map[brief]*entry
}

func newBook(m *Manager, size int) *book {
	b := &book{
		manager:  m,
		size:     size,
		sessions: map[string]*entry{},
		subjects: map[identity.Subject]*entry{},
		doubts:   map[*entry]doubt{},
		joinable: map[key]*call{},
		running:  map[*call]struct{}{},
	}
	for i := range b.shards {
		b.shards[i].m = map[brief]*entry{}
	}
	return b
}

func (b *book) shard(k brief) *shard { return &b.shards[k[len(k)-1]%shardCount] }

// find gives the session that a handle points to, or nil.
func (b *book) find(k brief) *entry {
	s := b.shard(k)
	s.mu.RLock()
	e := s.m[k]
	s.mu.RUnlock()
	return e
}

// session gives a session by its public id, or nil.
func (b *book) session(sid string) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions[sid]
}

// used gives the newest use of a session that its entry knows of.
func (b *book) used(sid string) int64 {
	if e := b.session(sid); e != nil {
		return e.used.Load()
	}
	return 0
}

// admit puts what a call has read into the book. It refuses if anything about
// the session was forgotten since the call began, or if a later age is known
// already: what the call read is older than the change. A snapshot of a later
// age than the known one takes its place, and the handles go.
func (b *book) admit(c *call, k key, live *Live, used int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.outdated(live.SID, live.User.Subject) {
		return false
	}
	e := b.enter(live.SID, live.User.Subject)
	if known := e.live.Load(); known != nil && known.age != live.age {
		if known.age > live.age {
			return false
		}
		b.unholdAll(e)
	}
	raise(&e.used, used)
	live.entry = e
	e.live.Store(live)
	b.hold(e, k.brief())
	b.evict(e)
	return true
}

// enter gives the entry of a session, a new one if need be.
func (b *book) enter(sid string, sub identity.Subject) *entry {
	if e := b.sessions[sid]; e != nil {
		return e
	}
	e := &entry{manager: b.manager, sid: sid, sub: sub, place: int32(len(b.ring))}
	b.ring = append(b.ring, e)
	b.sessions[sid] = e
	if first := b.subjects[sub]; first != nil {
		e.next, first.prev = first, e
	}
	b.subjects[sub] = e
	return e
}

// hold points a handle to its session.
func (b *book) hold(e *entry, k brief) {
	b.unhold(k)
	if len(e.holds) >= holdsPerSID {
		b.unhold(e.holds[len(e.holds)-1])
	}
	e.holds = append(e.holds, k)
	b.holds++
	s := b.shard(k)
	s.mu.Lock()
	s.m[k] = e
	s.mu.Unlock()
}

// unhold forgets one handle.
func (b *book) unhold(k brief) {
	e := b.find(k)
	if e == nil {
		return
	}
	b.erase(k)
	i := slices.Index(e.holds, k)
	last := len(e.holds) - 1
	e.holds[i] = e.holds[last]
	e.holds = e.holds[:last]
}

// unholdAll forgets every handle of a session.
func (b *book) unholdAll(e *entry) {
	for _, k := range e.holds {
		b.erase(k)
	}
	e.holds = nil
}

func (b *book) erase(k brief) {
	s := b.shard(k)
	s.mu.Lock()
	delete(s.m, k)
	s.mu.Unlock()
	b.holds--
}

// drop takes an entry out of the book.
func (b *book) drop(e *entry) {
	if b.sessions[e.sid] != e {
		return
	}
	b.unholdAll(e)
	delete(b.sessions, e.sid)
	delete(b.doubts, e)
	last := b.ring[len(b.ring)-1]
	b.ring[e.place], last.place = last, e.place
	b.ring[len(b.ring)-1] = nil
	b.ring = b.ring[:len(b.ring)-1]
	if e.next != nil {
		e.next.prev = e.prev
	}
	if e.prev != nil {
		e.prev.next = e.next
	} else if e.next != nil {
		b.subjects[e.sub] = e.next
	} else {
		delete(b.subjects, e.sub)
	}
	e.prev, e.next = nil, nil
}

// evict makes room: of a few entries it drops the one that was used least
// recently. Entries with requests in flight stay, so that a change still finds
// them.
func (b *book) evict(keep *entry) {
	for b.holds > b.size {
		var oldest *entry
		for range min(evictSamples, len(b.ring)) {
			b.hand = (b.hand + 1) % len(b.ring)
			e := b.ring[b.hand]
			if e != keep && !e.busy() && (oldest == nil || e.used.Load() < oldest.used.Load()) {
				oldest = e
			}
		}
		if oldest == nil || !oldest.release() {
			return // the next one to be admitted tries again
		}
		oldest.live.Store(nil)
		b.drop(oldest)
	}
}
