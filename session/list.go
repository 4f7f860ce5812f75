package session

import (
	"context"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// mostClients bounds the client list of a session.
const mostClients = 1000

// Info describes a session to whoever looks after them. It names no secret.
type Info struct {
	SID      string           `json:"sid"`
	Subject  identity.Subject `json:"sub"`
	Login    identity.Login   `json:"login"`
	Began    time.Time        `json:"began"`
	Used     time.Time        `json:"used"` // last use that was written
	Expires  time.Time        `json:"expires"`
	Remember bool             `json:"remember"`
	Clients  []string         `json:"clients,omitempty"`
}

func (r *record) info(sid string) Info {
	return Info{
		SID:      sid,
		Subject:  r.Sub,
		Login:    r.Login,
		Began:    time.UnixMilli(r.Began).UTC(),
		Used:     time.UnixMilli(r.Used).UTC(),
		Expires:  time.UnixMilli(r.Expires).UTC(),
		Remember: r.Remember,
		Clients:  r.Clients,
	}
}

// Find gives a session by its public id. fault.NotFound if it is over, also
// because its account is gone or disabled. It answers from memory under the
// conditions of [Sessions.Current].
func (m *Manager) Find(ctx context.Context, sid string) (*identity.Session, error) {
	if live := m.confirmed(m.book.session(sid)); live != nil {
		return &live.Session, nil
	}
	live, _, err := m.read(ctx, sid)
	if err != nil {
		return nil, fault.At("session.Find", err)
	}
	return &live.Session, nil
}

// Join notes that a client was told of the session, once however often it is
// called. fault.NotFound if the session is over, fault.Invalid without a
// client or if there are too many.
func (m *Manager) Join(ctx context.Context, sid, clientID string) error {
	const op = "session.Join"
	if clientID == "" {
		return fault.New(fault.Invalid, op, "")
	}
	if known, err := m.prepare(ctx, sid, clientID); known || err != nil {
		return fault.At(op, err)
	}
	full := false
	_, err := m.update(ctx, sid, func(rec *record) bool {
		if slices.Contains(rec.Clients, clientID) {
			return false
		}
		if full = len(rec.Clients) >= mostClients; full {
			return false
		}
		rec.Clients = append(rec.Clients, clientID)
		return true
	})
	if err == nil && full {
		return fault.New(fault.Invalid, op, "")
	}
	return fault.At(op, err)
}

// Clients lists the clients that were told of the session, in the order in
// which they joined. fault.NotFound if it is over.
func (m *Manager) Clients(ctx context.Context, sid string) ([]string, error) {
	rec, err := m.record(ctx, sid)
	if err != nil {
		return nil, fault.At("session.Clients", err)
	}
	return rec.Clients, nil
}

// List gives a page of the sessions of an account, or of all for "", ordered
// by sid, and the cursor of the next page ("" after the last). Sessions that
// are over are left out, so a page may be shorter than limit.
func (m *Manager) List(ctx context.Context, sub identity.Subject, cursor string, limit int) ([]Info, string, error) {
	var by store.IndexName
	if sub != "" {
		by = store.BySub
	}
	items, next, err := m.shorts.ListByIndex(ctx, kindSession, by, string(sub), cursor, limit)
	if err != nil {
		return nil, "", fault.At("session.List", err)
	}
	page := make([]Info, 0, len(items))
	for _, item := range items {
		var rec record
		if decode(item.Value, &rec) == nil && !rec.over(m.millis(), m.used(item.Key)) {
			page = append(page, rec.info(item.Key))
		}
	}
	return page, next, nil
}
