package session

import (
	"sync"
	"sync/atomic"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// entry is the place of one session in this process. Snapshots come and go in
// it; the requests in flight and the last use stay.
type entry struct {
	manager *Manager
	sid     string
	sub     identity.Subject
	live    atomic.Pointer[Live] // nil: ask the store; then there are no holds
	used    atomic.Int64         // newest known use, in milliseconds
	dirty   atomic.Bool          // waits for its last use to be written

	// Guarded by the mutex of the book.
	place      int32   // in the ring
	holds      []brief // handles that point here
	prev, next *entry  // other sessions of the subject

	// mu guards the rest. It is taken after the book's, never before.
	mu      sync.Mutex
	flights *Flight
	state   state
}

// state says whether an entry can still be found by a change.
type state uint8

const (
	present state = iota // in the book: a change will find it
	removed              // evicted: whoever still holds a snapshot must board anew
	ended                // the session is over, for good
)

// add puts f among the flights if the entry is present.
func (e *entry) add(f *Flight) state {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != present {
		return e.state
	}
	f.next = e.flights
	if f.next != nil {
		f.next.prev = f
	}
	e.flights = f
	return present
}

// remove takes f off; true if it was the last one.
func (e *entry) remove(f *Flight) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.landed {
		return false
	}
	f.landed = true
	if e.state == ended {
		return false // finish took the whole list
	}
	if f.next != nil {
		f.next.prev = f.prev
	}
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		e.flights = f.next
	}
	f.prev, f.next = nil, nil
	return e.flights == nil
}

// release marks the entry as removed unless requests are in flight.
func (e *entry) release() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flights != nil {
		return false
	}
	if e.state == present {
		e.state = removed
	}
	return true
}

// busy tells whether requests are in flight.
func (e *entry) busy() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.flights != nil
}

// finish ends the entry and hands out its flights for cancelling.
func (e *entry) finish() *Flight {
	e.mu.Lock()
	defer e.mu.Unlock()
	first := e.flights
	e.flights, e.state = nil, ended
	return first
}

// raise sets v to n unless it is already later.
func raise(v *atomic.Int64, n int64) {
	for {
		old := v.Load()
		if old >= n || v.CompareAndSwap(old, n) {
			return
		}
	}
}
