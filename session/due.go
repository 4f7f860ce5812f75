package session

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Due notes say when to look at a session that clients joined. They are ordered
// by that time, so that finding what is due costs nothing while nothing is.
const (
	// dueEvery is how often they are read.
	dueEvery = 10 * time.Second
	// duePage is how many are read at a time.
	duePage = 100
)

// prepare makes sure that the end of a session will be noticed before a first
// client joins. It tells whether clientID has joined already.
func (m *Manager) prepare(ctx context.Context, sid, clientID string) (known bool, err error) {
	if m.ended == nil {
		return false, nil
	}
	rec, err := m.record(ctx, sid)
	if err != nil || slices.Contains(rec.Clients, clientID) {
		return err == nil, err
	}
	if len(rec.Clients) > 0 {
		return false, nil
	}
	return false, m.expect(ctx, sid, rec.ends())
}

// expect leaves a note to look at a session at a time in milliseconds.
func (m *Manager) expect(ctx context.Context, sid string, at int64) error {
	err := m.shorts.Create(ctx, store.Item{
		Kind: kindDue, Key: fmt.Sprintf("%014d.%s", at, sid), Value: []byte("{}"),
		Index: store.Index{SID: sid}, Expires: time.UnixMilli(at).Add(keepEnded),
	})
	if fault.Is(err, fault.Exists) {
		return nil
	}
	return err
}

// watchDue looks at what is due until ctx is done.
func (m *Manager) watchDue(ctx context.Context) {
	ticker := time.NewTicker(dueEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := safely("session.watchDue", func() error { return m.workDue(ctx) })
		if err != nil && ctx.Err() == nil {
			m.report(fault.At("session.watchDue", err))
		}
	}
}

// workDue deals with every note that is due. A failure leaves the rest for the
// next time.
func (m *Manager) workDue(ctx context.Context) error {
	for {
		notes, _, err := m.shorts.ListByIndex(ctx, kindDue, "", "", "", duePage)
		if err != nil {
			return err
		}
		for _, note := range notes {
			text, sid, _ := strings.Cut(note.Key, ".")
			if at, err := strconv.ParseInt(text, 10, 64); err == nil && at > m.millis() {
				return nil // as are all after it
			}
			if err := m.check(ctx, sid); err != nil {
				return err
			}
			if err := m.shorts.Delete(ctx, kindDue, note.Key); err != nil {
				return err
			}
		}
		if len(notes) < duePage {
			return nil
		}
	}
}

// check looks at a session that may be over. If it is not, the next look is
// when it will be unless it is used.
func (m *Manager) check(ctx context.Context, sid string) error {
	item, err := m.shorts.Get(ctx, kindSession, sid)
	rec := new(record)
	if err == nil {
		err = decode(item.Value, rec)
	}
	now := m.millis()
	switch since := item.Expires.Add(-keepEnded).UnixMilli(); {
	case fault.Is(err, fault.NotFound): // told and forgotten
		return nil
	case err != nil:
		return err
	case rec.Ended && now < since+retell.Milliseconds(): // somebody is at it
		return m.expect(ctx, sid, since+retell.Milliseconds())
	case rec.Ended:
		m.tell(ctx, &marked{sid, rec})
		return nil
	case now < rec.ends():
		return m.expect(ctx, sid, rec.ends())
	}
	if err = m.EndSession(ctx, sid, Expired); fault.Is(err, fault.NotFound) {
		return m.expect(ctx, sid, now+retell.Milliseconds()) // somebody else was first; see whether they did it
	}
	return err
}
