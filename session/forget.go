package session

import (
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// forget makes the next request of whatever the change is about ask the store.
// Sessions with requests in flight are doubted, and found out by
// [Manager.settle]. It tells whether there are doubts.
func (b *book) forget(c change) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.outdate(c)
	switch c.Topic {
	case store.TopicSession:
		if e := b.sessions[c.Key]; e != nil {
			b.doubt(e)
		}
	case store.TopicSubject:
		for e := b.subjects[identity.Subject(c.Key)]; e != nil; {
			next := e.next
			b.doubt(e)
			e = next
		}
	case "":
		for i := len(b.ring) - 1; i >= 0; i-- {
			b.doubt(b.ring[i])
		}
	}
	return len(b.doubts) > 0
}

// doubt forgets what is known of a session.
func (b *book) doubt(e *entry) {
	e.live.Store(nil)
	b.unholdAll(e)
	if e.release() {
		b.drop(e)
		return
	}
	b.suspect(e)
}

// end forgets a session, or all of a subject, for good, and cancels what is in
// flight. The store must have lost them before.
func (b *book) end(c change) {
	var over *Flight
	b.mu.Lock()
	b.outdate(c)
	if e := b.sessions[c.Key]; c.Topic == store.TopicSession && e != nil {
		over = b.finish(e, over)
	}
	if c.Topic == store.TopicSubject {
		for e := b.subjects[identity.Subject(c.Key)]; e != nil; {
			next := e.next
			over = b.finish(e, over)
			e = next
		}
	}
	b.mu.Unlock()
	// Outside the lock: cancelling runs code of whoever derived a context.
	for f := over; f != nil; f = f.next {
		f.cancel(ErrEnded)
	}
}

// finish ends an entry and puts its flights in front of others.
func (b *book) finish(e *entry, others *Flight) *Flight {
	e.live.Store(nil)
	first := e.finish()
	b.drop(e)
	if first == nil {
		return others
	}
	last := first
	for last.next != nil {
		last = last.next
	}
	last.next = others
	return first
}

// lose forgets a handle that the store does not know. Its session is doubted if
// requests are in flight; lose tells whether it is.
func (b *book) lose(k brief) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.find(k)
	if e == nil {
		return false
	}
	b.unhold(k)
	if len(e.holds) == 0 {
		e.live.Store(nil)
		if e.release() {
			b.drop(e)
			return false
		}
	}
	if !e.busy() {
		return false
	}
	b.suspect(e)
	return true
}

// board gives the entry at which the holder of a snapshot can be found again
// after the old one was evicted. Nobody listened meanwhile, so a new entry is
// doubted at once.
func (b *book) board(l *Live) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.sessions[l.SID]
	if e == nil {
		e = b.enter(l.SID, l.User.Subject)
		raise(&e.used, l.entry.used.Load())
		b.suspect(e)
	}
	return e
}

// tidy drops an entry that was kept for its flights alone.
func (b *book) tidy(e *entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(e.holds) == 0 && e.release() {
		b.drop(e)
	}
}
