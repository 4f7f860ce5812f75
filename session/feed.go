package session

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// silence is how long a feed may say nothing until it counts as broken; a
// working one speaks every second.
const silence = 5 * time.Second

// feed is one source of changes.
type feed struct {
	watcher store.Watcher
	heard   atomic.Int64 // when it last spoke, in milliseconds; 0 never
}

// fresh tells whether every feed was heard lately. If not, nothing in memory
// can be relied on.
func (m *Manager) fresh(now int64) bool {
	for _, f := range m.feeds {
		if now-f.heard.Load() > silence.Milliseconds() {
			return false
		}
	}
	return true
}

// listen follows a feed until ctx is done.
func (m *Manager) listen(ctx context.Context, f *feed) {
	for ctx.Err() == nil {
		f.heard.Store(0)
		err := safely("session.listen", func() error {
			return f.watcher.Watch(ctx, func(changes []store.Change) { m.hear(f, changes) })
		})
		if ctx.Err() != nil {
			return
		}
		m.report(err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// hear applies what a feed said. After a silence changes may have been missed,
// whatever the feed believes.
func (m *Manager) hear(f *feed, changes []store.Change) {
	now := m.millis()
	if now-f.heard.Load() > silence.Milliseconds() {
		m.Apply(store.Change{})
	}
	m.Apply(changes...)
	f.heard.Store(now)
}

// Apply does what the feed does with changes, at once: whoever changed an
// account in this process calls it before answering. Sessions are not ended by
// it but asked about again; what is in flight for those that turn out to be
// over is cancelled a moment later.
func (m *Manager) Apply(changes ...store.Change) {
	for _, c := range changes {
		if c.Topic != store.TopicSession && c.Topic != store.TopicSubject && c != (store.Change{}) {
			continue
		}
		if m.book.forget(c) {
			m.nudge()
		}
	}
}

// nudge wakes Run to settle doubts.
func (m *Manager) nudge() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}
