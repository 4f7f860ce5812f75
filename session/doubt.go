package session

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// doubt says that the store must be asked whether a session with requests in
// flight still stands. New requests ask by themselves.
type doubt struct {
	number uint64 // of what was heard last
	since  int64  // first question, in milliseconds; 0 none yet
}

// suspect doubts an entry, anew if it was doubted before: an answer that is on
// its way may be older than what was heard now.
func (b *book) suspect(e *entry) {
	b.heard++
	d := b.doubts[e]
	d.number = b.heard
	b.doubts[e] = d
}

// doubted lists the doubted entries.
func (b *book) doubted(now int64) map[*entry]doubt {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make(map[*entry]doubt, len(b.doubts))
	for e, d := range b.doubts {
		if d.since == 0 {
			d.since = now
			b.doubts[e] = d
		}
		list[e] = d
	}
	return list
}

// trust takes a doubt back unless there is a newer one.
func (b *book) trust(e *entry, d doubt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.doubts[e].number == d.number {
		delete(b.doubts, e)
	}
}

// settle asks the store about every doubted session. One that is over is ended
// by the question. One that the store can't tell of is asked about again at
// the next beat, and cut off when that has gone on for as long as a feed may
// be silent.
func (m *Manager) settle(ctx context.Context) {
	var failed error
	for e, d := range m.book.doubted(m.millis()) {
		err := failed
		if err == nil { // else the store would fail again, and take its time
			err = m.question(ctx, e.sid)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			m.book.trust(e, d)
			m.book.tidy(e)
		case fault.Is(err, fault.NotFound):
		default:
			failed = err
			if m.millis()-d.since > silence.Milliseconds() {
				m.book.end(change{Topic: store.TopicSession, Key: e.sid})
			}
		}
	}
	if failed != nil {
		m.report(fault.At("session.settle", failed))
	}
}

// question asks whether a session stands, and ends it here if not.
func (m *Manager) question(ctx context.Context, sid string) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	return safely("session.question", func() error {
		_, _, err := m.read(ctx, sid)
		return err
	})
}
