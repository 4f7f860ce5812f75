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

// Flight is one request in flight that ends with its session. The zero Flight
// is ready for one [Live.Track]; it must not be copied after that. It is the
// caller's, so that it can be a part of what the caller keeps of a request
// anyway.
type Flight struct {
	cancel     context.CancelCauseFunc
	entry      *entry
	prev, next *Flight
	landed     bool
}

// Track ties a request in flight to the session: the returned context is
// cancelled, with [ErrEnded] as its cause, when the session ends, be it by
// logout, by an administrator, by the account, or by a limit. A session whose
// user merely changed is not cancelled. f.Land must be called when the request
// is over.
func (l *Live) Track(ctx context.Context, f *Flight) (tracked context.Context) {
	tracked, f.cancel = context.WithCancelCause(ctx)
	for e := l.entry; ; e = e.manager.book.board(l) {
		switch e.add(f) {
		case present:
			f.entry = e
			return tracked
		case ended:
			f.cancel(ErrEnded)
			return tracked
		}
	}
}

// Land ends the tracking, and forgets the session's entry if nothing else
// needs it. It may be called more than once, also on a Flight that tracks
// nothing.
func (f *Flight) Land() {
	if f.cancel == nil {
		return
	}
	if e := f.entry; e != nil && e.remove(f) && e.live.Load() == nil {
		e.manager.book.tidy(e)
	}
	f.cancel(nil)
}
