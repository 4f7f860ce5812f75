package session

import (
	"context"
	"sync"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// Bounds of the time between two writes of last uses: a tenth of the idle
// limit, so that another process is never wrong by more.
const (
	longestCadence  = 30 * time.Second
	shortestCadence = time.Second
)

// uses are the entries whose last use must be written.
type uses struct {
	mu   sync.Mutex
	list []*entry
}

func (u *uses) add(e *entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.list = append(u.list, e)
}

// putBack queues entries that are still marked as dirty.
func (u *uses) putBack(list []*entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.list = append(u.list, list...)
}

func (u *uses) take() []*entry {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := u.list
	u.list = nil
	return list
}

// hasten makes the writes frequent enough for an idle limit in milliseconds.
func (m *Manager) hasten(idle int64) {
	want := max(idle/10, shortestCadence.Milliseconds())
	for {
		have := m.cadence.Load()
		if have <= want || m.cadence.CompareAndSwap(have, want) {
			return
		}
	}
}

// flush writes the last uses. A failure leaves the rest for the next time.
func (m *Manager) flush(ctx context.Context) error {
	away := m.flushAway(ctx)
	list := m.uses.take()
	for i, e := range list {
		e.dirty.Store(false) // before reading: a later use queues again
		err := safely("session.note", func() error { return m.note(ctx, e.sid, e.used.Load()) })
		// Over meanwhile: whoever asks for it will notice.
		if err != nil && !fault.Is(err, fault.NotFound) {
			m.uses.putBack(list[i+1:])
			if e.dirty.CompareAndSwap(false, true) {
				m.uses.add(e)
			}
			return fault.At("session.flush", err)
		}
	}
	return away
}

// note writes the last use of one session, unless a later one is known.
func (m *Manager) note(ctx context.Context, sid string, used int64) error {
	_, err := m.update(ctx, sid, func(rec *record) bool {
		if rec.Used >= used {
			return false
		}
		rec.Used = used
		return true
	})
	return err
}
