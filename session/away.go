package session

import (
	"context"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// awayGrain is the least time between two notes of uses without a browser.
const awayGrain = time.Minute

// away are the last uses of sessions by others than their browsers. They are
// kept apart from the book, where only sessions are that browsers came with.
type away struct {
	mu   sync.Mutex
	uses map[string]awayUse // by sid
}

// awayUse is the last such use of one session, in milliseconds.
type awayUse struct {
	at      int64
	again   int64 // an earlier one than this is no news
	written bool
}

// Used notes that a session was used by something else than its browser, as an
// application that acts for the person: its idle limit is put off at all hosts,
// never its absolute one. The store is asked, and learns of it in a batch, at
// most once a minute, or a twentieth of a short idle limit; sooner again there is
// nothing to note, and nothing is asked. fault.NotFound: the session is over, and
// stays so.
func (m *Manager) Used(ctx context.Context, sid string) error {
	now := m.millis() // before the record is judged, which must still stand then
	if m.away.recent(sid, now) {
		return nil
	}
	rec, err := m.record(ctx, sid)
	if err != nil {
		return fault.At("session.Used", err)
	}
	m.away.note(sid, now, min(awayGrain.Milliseconds(), rec.Idle/20))
	if e := m.book.session(sid); e != nil {
		raise(&e.used, now)
	}
	return nil
}

// used gives the newest use of a session that this process knows of.
func (m *Manager) used(sid string) int64 {
	return max(m.book.used(sid), m.away.last(sid))
}

func (a *away) recent(sid string, now int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now < a.uses[sid].again
}

func (a *away) last(sid string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.uses[sid].at
}

func (a *away) note(sid string, now, grain int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.uses[sid].at < now {
		a.uses[sid] = awayUse{at: now, again: now + grain}
	}
}

// unwritten gives what the store does not know yet, and forgets what it knows
// and what says nothing any more about the next use.
func (a *away) unwritten(now int64) map[string]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := map[string]int64{}
	for sid, use := range a.uses {
		switch {
		case !use.written:
			list[sid] = use.at
		case now >= use.again:
			delete(a.uses, sid)
		}
	}
	return list
}

// wrote says that the store knows of a use, or has no more use for it.
func (a *away) wrote(sid string, at int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if use := a.uses[sid]; use.at == at {
		use.written = true
		a.uses[sid] = use
	}
}

// flushAway writes them. A failure leaves the rest for the next time.
func (m *Manager) flushAway(ctx context.Context) error {
	for sid, at := range m.away.unwritten(m.millis()) {
		err := safely("session.note", func() error { return m.note(ctx, sid, at) })
		if err != nil && !fault.Is(err, fault.NotFound) {
			return fault.At("session.flushAway", err)
		}
		m.away.wrote(sid, at)
	}
	return nil
}
