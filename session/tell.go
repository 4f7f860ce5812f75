package session

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Whoever joined a session is told of its end (Options.Ended), at least once.
//
// The record and whatever Ended writes are in different stores, so no
// transaction holds both. Instead the record is marked as ended first, which is
// what ends the session, and deleted after Ended has succeeded. A mark that is
// left behind by a failure or a crash is found by its due note (due.go), as is
// a session whose limit passes with nobody looking.
const (
	// keepEnded is how long a record is kept for clients that could not be
	// told, as when no server was running.
	keepEnded = 7 * 24 * time.Hour
	// retell is how long after a mark or a failure Ended is tried again.
	retell = time.Minute
)

// marked is a session that is over and was not deleted yet.
type marked struct {
	sid string
	*record
}

// mark ends a session in the store with one conditional write, so that exactly
// one caller tells its clients and none that joins meanwhile is missed. The
// mark is in no index: deleting the sessions of its account leaves it.
// fault.NotFound if it was over already.
func (m *Manager) mark(ctx context.Context, sid string) (*marked, error) {
	const op = "session.mark"
	for range swapAttempts {
		item, err := m.shorts.Get(ctx, kindSession, sid)
		if err != nil {
			return nil, err
		}
		rec := new(record)
		if err := decode(item.Value, rec); err != nil {
			return nil, m.deleted(ctx, sid, err)
		}
		if rec.Ended {
			return nil, fault.New(fault.NotFound, op, "")
		}
		rec.Ended = true
		if item.Value, err = encode(rec); err != nil {
			return nil, err
		}
		item.Index, item.Expires = store.Index{}, m.now().Add(keepEnded)
		if _, err = m.shorts.Swap(ctx, item); err == nil {
			return &marked{sid, rec}, nil
		}
		if !fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
	return nil, fault.New(fault.Conflict, op, "")
}

// deleted deletes a record that is good for nothing, and gives why.
func (m *Manager) deleted(ctx context.Context, sid string, why error) error {
	if err := m.shorts.Delete(ctx, kindSession, sid); err != nil {
		return err
	}
	return why
}

// markAll marks every session of an account, those too that begin meanwhile.
// After an error some may be marked, which it gives all the same.
func (m *Manager) markAll(ctx context.Context, sub identity.Subject) ([]*marked, error) {
	if m.ended == nil {
		return nil, nil
	}
	var all []*marked
	for {
		some, err := m.markListed(ctx, sub)
		all = append(all, some...)
		if err != nil || len(some) == 0 {
			return all, err
		}
	}
}

// markListed marks the sessions that an account has now.
func (m *Manager) markListed(ctx context.Context, sub identity.Subject) ([]*marked, error) {
	var all []*marked
	for cursor, more := "", true; more; more = cursor != "" {
		items, next, err := m.shorts.ListByIndex(ctx, kindSession, store.BySub, string(sub), cursor, duePage)
		if err != nil {
			return all, err
		}
		for _, item := range items {
			s, err := m.mark(ctx, item.Key)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return all, err
			}
			if err == nil {
				all = append(all, s)
			}
		}
		cursor = next
	}
	return all, nil
}

// tell has the clients of sessions told and forgets these. What fails is tried
// again after a while, by whichever process looks first.
func (m *Manager) tell(ctx context.Context, over ...*marked) {
	for _, s := range over {
		if s == nil {
			continue
		}
		var err error
		if len(s.Clients) > 0 {
			err = m.ended(ctx, s.sid, s.Sub, s.Clients)
		}
		if err == nil {
			err = m.shorts.Delete(ctx, kindSession, s.sid)
		}
		if err == nil && len(s.Clients) > 0 {
			_, err = m.shorts.DeleteByIndex(ctx, kindDue, store.BySID, s.sid)
		}
		if err == nil {
			continue
		}
		m.report(fault.At("session.tell", err))
		if err := m.expect(ctx, s.sid, m.millis()+retell.Milliseconds()); err != nil {
			m.report(fault.At("session.tell", err))
		}
	}
}
