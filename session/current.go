package session

import (
	"context"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

const (
	// loadLimit bounds one look-up in the store, which may outlive the request
	// that started it because others wait for it.
	loadLimit = 5 * time.Second
	// loadAttempts bounds look-ups that are outdated by changes again and
	// again, as loadLimit does.
	loadAttempts = 16
)

// Current tells whose request this is. nil without an error is nobody: no
// usable cookie, or a session that is over. An error means that the store
// can't tell; the caller must refuse.
//
// Only the session cookie of this site counts, never the query, the form or
// another header (SES-05).
func (s *Sessions) Current(r *http.Request) (*Live, error) {
	k, ok := s.site.current(r.Header["Cookie"])
	if !ok {
		return nil, nil
	}
	if live := s.manager.warm(k); live != nil {
		return live, nil
	}
	return s.manager.load(r.Context(), k)
}

// warm answers from memory, or with nil if the store must be asked: unknown,
// forgotten, past a limit as far as this process knows, or no longer sure to
// hear of changes.
func (m *Manager) warm(k key) *Live { return m.confirmed(m.book.find(k.brief())) }

// confirmed is the snapshot of an entry, which may be nil, or nil.
func (m *Manager) confirmed(e *entry) *Live {
	if e == nil {
		return nil
	}
	live := e.live.Load()
	if live == nil {
		return nil
	}
	now := m.millis()
	if !m.fresh(now) || live.over(now) {
		return nil
	}
	return live
}

// load asks the store. Requests for the same handle that come while one is
// being answered wait for the same answer.
func (m *Manager) load(ctx context.Context, k key) (*Live, error) {
	const op = "session.Current"
	began := m.millis()
	for range loadAttempts {
		c, lead := m.book.join(k)
		if lead {
			m.lead(ctx, k, c)
		} else {
			select {
			case <-c.done:
			case <-ctx.Done():
				return nil, fault.Wrap(fault.Unavailable, op, context.Cause(ctx))
			}
		}
		if !c.again {
			return c.live, fault.At(op, c.err)
		}
		if m.millis()-began >= loadLimit.Milliseconds() {
			break
		}
	}
	return nil, fault.New(fault.Unavailable, op, "")
}

// lead answers a call. If it panics, those who wait get an error and not
// nobody.
func (m *Manager) lead(ctx context.Context, k key, c *call) {
	defer m.book.leave(k, c)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadLimit)
	defer cancel()
	c.err = fault.New(fault.Internal, "session.lead", "")
	live, used, err := m.ask(ctx, k)
	if fault.Is(err, fault.NotFound) {
		if m.book.lose(k.brief()) {
			m.nudge()
		}
		c.err = nil
		return
	}
	c.err = err
	if err == nil {
		c.live = live
		c.again = !m.book.admit(c, k, live, used)
	}
}

// ask reads handle, session and account. fault.NotFound if any is over.
func (m *Manager) ask(ctx context.Context, k key) (live *Live, used int64, err error) {
	item, err := m.shorts.Get(ctx, kindHandle, k.String())
	if err != nil {
		return nil, 0, err
	}
	var h handleRecord
	if err := decode(item.Value, &h); err != nil {
		return nil, 0, err
	}
	live, used, err = m.read(ctx, h.SID)
	if err == nil && live.age != h.Age {
		return nil, 0, fault.New(fault.NotFound, "session.ask", "")
	}
	return live, used, err
}
