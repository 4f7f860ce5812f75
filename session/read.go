package session

import (
	"context"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// swapAttempts bounds how often an update tries again when somebody else was
// first. Each failed try means that another one succeeded.
const swapAttempts = 16

// record reads a session as it is stored; fault.NotFound if it is over.
func (m *Manager) record(ctx context.Context, sid string) (*record, error) {
	item, err := m.shorts.Get(ctx, kindSession, sid)
	if err != nil {
		return nil, err
	}
	rec := new(record)
	if err := decode(item.Value, rec); err != nil {
		return nil, err
	}
	if rec.over(m.millis(), m.used(sid)) {
		return nil, fault.New(fault.NotFound, "session.record", "")
	}
	m.hasten(rec.Idle)
	return rec, nil
}

// read makes a snapshot from the store. If it finds that the session is over,
// it ends what this process still has of it.
func (m *Manager) read(ctx context.Context, sid string) (live *Live, used int64, err error) {
	rec, err := m.record(ctx, sid)
	if fault.Is(err, fault.NotFound) {
		m.book.end(change{Topic: store.TopicSession, Key: sid})
	}
	if err != nil {
		return nil, 0, err
	}
	user, err := m.user(ctx, rec.Sub)
	if fault.Is(err, fault.NotFound) {
		// An account that comes back must not bring its sessions with it.
		if err := m.EndSession(ctx, sid, AccountChanged); err != nil && !fault.Is(err, fault.NotFound) {
			m.report(fault.At("session.read", err))
		}
	}
	if err != nil {
		return nil, 0, err
	}
	return snapshot(sid, rec, user), max(rec.Used, m.away.last(sid)), nil
}

func snapshot(sid string, rec *record, user *identity.User) *Live {
	return &Live{
		Session: rec.session(sid, user),
		age:     rec.Age,
		idle:    rec.Idle,
	}
}

// update changes a session's record: f is called with what is stored, perhaps
// more than once, and tells whether there is something to write. fault.NotFound
// if the session is over.
func (m *Manager) update(ctx context.Context, sid string, f func(*record) bool) (*record, error) {
	const op = "session.update"
	for range swapAttempts {
		item, err := m.shorts.Get(ctx, kindSession, sid)
		if err != nil {
			return nil, fault.At(op, err)
		}
		rec := new(record)
		if err := decode(item.Value, rec); err != nil {
			return nil, err
		}
		if rec.over(m.millis(), m.used(sid)) {
			return nil, fault.New(fault.NotFound, op, "")
		}
		if !f(rec) {
			return rec, nil
		}
		if item.Value, err = encode(rec); err != nil {
			return nil, err
		}
		item.Expires, item.Index = rec.kept(), rec.index()
		_, err = m.shorts.Swap(ctx, item)
		if !fault.Is(err, fault.Conflict) {
			return rec, fault.At(op, err)
		}
	}
	return nil, fault.New(fault.Conflict, op, "")
}
