package session

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// change is what a store's feed says; the zero change concerns everything.
type change = store.Change

// mostForgotten bounds what a call remembers: a call during which more than
// that was forgotten counts as outdated as a whole.
const mostForgotten = 64

// call is one look-up of a handle in the store. Requests for the same handle
// share it.
//
// What was forgotten while it ran decides whether its result may be kept: the
// store may have answered before the change, and nobody would ever tell the
// book again.
type call struct {
	done  chan struct{}
	live  *Live // nil: nobody
	err   error
	again bool // outdated before it could be kept: ask once more

	forgotten []change // guarded by the mutex of the book
}

// join gives the running call for k, or a new one that the caller leads.
func (b *book) join(k key) (c *call, lead bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.joinable[k]; c != nil {
		return c, false
	}
	c = &call{done: make(chan struct{})}
	b.joinable[k] = c
	b.running[c] = struct{}{}
	return c, true
}

// leave ends a call and wakes whoever waits for it.
func (b *book) leave(k key, c *call) {
	b.mu.Lock()
	delete(b.running, c)
	if b.joinable[k] == c {
		delete(b.joinable, k)
	}
	b.mu.Unlock()
	close(c.done)
}

// outdate tells every running call about a change. A request that comes after
// the change must not get an answer from before it, so none of these calls can
// be joined any more.
func (b *book) outdate(c change) {
	for call := range b.running {
		if len(call.forgotten) < mostForgotten {
			call.forgotten = append(call.forgotten, c)
		} else {
			call.forgotten[0] = change{}
		}
	}
	clear(b.joinable)
}

// outdated tells whether anything about the session was forgotten since the
// call began.
func (c *call) outdated(sid string, sub identity.Subject) bool {
	return slices.ContainsFunc(c.forgotten, func(f change) bool {
		switch f.Topic {
		case store.TopicSession:
			return f.Key == sid
		case store.TopicSubject:
			return f.Key == string(sub)
		}
		return f == change{}
	})
}
