package session

import (
	"context"
	"errors"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// ErrEnded is the cause (context.Cause) of a context that [Live.Track]
// cancelled because the session ended.
var ErrEnded = errors.New("the session has ended")

// Live is a session in force as the process knows it: an immutable snapshot
// that all requests of the session share. Holders must not write to it.
type Live struct {
	identity.Session

	entry *entry
	age   int64
	idle  int64 // milliseconds
}

// over tells whether a limit has passed as far as this process knows.
func (l *Live) over(now int64) bool {
	return now >= l.Expires.UnixMilli() || now-l.entry.used.Load() >= l.idle
}

// Used notes that the session was used now, which puts off its idle limit at
// all its hosts. It does no I/O; the store learns of it in a batch. Callers
// leave it out for public and refused requests, which are no activity.
func (l *Live) Used() {
	e := l.entry
	now := e.manager.millis()
	// Finer than a second (or a twentieth of a short limit) is of no use, and
	// every write would cost the other cores their copy.
	if now-e.used.Load() < min(1000, l.idle/20) {
		return
	}
	raise(&e.used, now)
	if !e.dirty.Load() && e.dirty.CompareAndSwap(false, true) {
		e.manager.uses.add(e)
	}
}

// Track ties a request in flight to the session: the returned context is
// cancelled, with [ErrEnded] as its cause, when the session ends, be it by
// logout, by an administrator, by the account, or by a limit. A session whose
// user merely changed is not cancelled. done must be called when the request
// is over; it may be called more than once.
func (l *Live) Track(ctx context.Context) (tracked context.Context, done func()) {
	tracked, cancel := context.WithCancelCause(ctx)
	f := &flight{cancel: cancel}
	for e := l.entry; ; e = e.manager.book.board(l) {
		switch e.add(f) {
		case present:
			return tracked, func() { e.manager.land(e, f) }
		case ended:
			cancel(ErrEnded)
			return tracked, func() {}
		}
	}
}

// land takes a flight off its entry and forgets the entry if nothing else
// needs it.
func (m *Manager) land(e *entry, f *flight) {
	if e.remove(f) && e.live.Load() == nil {
		m.book.tidy(e)
	}
	f.cancel(nil)
}
