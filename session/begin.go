package session

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// Begin signs sub in at this browser and sets the cookie; it must be called
// before the answer's first byte. The id is new each time (SES-07).
//
// If the browser is already signed in as sub, the session keeps its sid, its
// beginning and its clients, takes over login, and every handle and ticket
// made before is dead, at all hosts. If it is signed in as somebody else, that
// session ends first (SES-08).
//
// Errors: fault.Denied if the account is gone or disabled, fault.Invalid for
// an empty subject, fault.Unavailable if a store fails.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, sub identity.Subject, login identity.Login, remember bool) (*identity.Session, error) {
	const op = "session.Begin"
	if sub == "" {
		return nil, fault.New(fault.Invalid, op, "")
	}
	ctx, m := r.Context(), s.manager
	user, err := m.user(ctx, sub)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Wrap(fault.Denied, op, err)
	}
	if err != nil {
		return nil, fault.At(op, err)
	}
	g, b, err := s.open(r)
	if err != nil {
		return nil, fault.At(op, err)
	}
	fresh := s.fresh(sub, login, remember)
	renewed, err := s.supersede(ctx, b, fresh)
	if err != nil {
		return nil, fault.At(op, err)
	}
	if !renewed {
		if err := s.start(ctx, b, fresh); err != nil {
			return nil, fault.At(op, err)
		}
	}
	g.Options.MaxAge = 0
	if err := g.Save(r, w); err != nil {
		if !renewed {
			_ = m.EndSession(context.WithoutCancel(ctx), b.sid, Logout) // nobody has its id
		}
		return nil, fault.At(op, err)
	}
	sess := b.next.session(b.sid, user)
	return &sess, nil
}

// fresh makes the record of a login that happened now.
func (s *Sessions) fresh(sub identity.Subject, login identity.Login, remember bool) *record {
	now := s.manager.now()
	login.At = login.At.Round(0).UTC()
	if login.At.IsZero() || login.At.After(now) {
		login.At = now.Round(0).UTC() // a provider's clock may be ahead
	}
	idle, absolute, remembered := s.config.limits(remember)
	return &record{
		Sub:      sub,
		Login:    login,
		Began:    now.UnixMilli(),
		Expires:  now.Add(absolute).UnixMilli(),
		Idle:     idle.Milliseconds(),
		Used:     now.UnixMilli(),
		Remember: remembered,
	}
}

// supersede deals with the session that the browser has: it starts the next
// age of the same person's, and ends anybody else's. It tells whether there is
// nothing left to start.
func (s *Sessions) supersede(ctx context.Context, b *bond, fresh *record) (renewed bool, err error) {
	sid, sub := b.session()
	if sid == "" {
		return false, nil
	}
	b.live, b.sid, b.next = nil, "", nil
	if sub != fresh.Sub {
		err = s.manager.EndSession(ctx, sid, OtherLogin)
	} else if b.next, err = s.manager.renew(ctx, sid, fresh); err == nil {
		b.sid = sid
	}
	if fault.Is(err, fault.NotFound) {
		return false, nil // it was over already
	}
	return b.next != nil, err
}

// renew starts the next age of a session. The write itself kills what was
// issued before; the rest is tidiness and telling the other processes.
func (m *Manager) renew(ctx context.Context, sid string, fresh *record) (*record, error) {
	rec, err := m.update(ctx, sid, func(rec *record) bool {
		next := *fresh
		next.Began, next.Clients, next.Age = rec.Began, rec.Clients, rec.Age+1
		*rec = next
		return true
	})
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	m.Apply(change{Topic: store.TopicSession, Key: sid})
	if err := m.shorts.Publish(ctx, change{Topic: store.TopicSession, Key: sid}); err != nil {
		return nil, err
	}
	m.prune(ctx, sid, rec.Age)
	if len(rec.Clients) > 0 && m.ended != nil {
		if err := m.expect(ctx, sid, rec.ends()); err != nil { // limits may be shorter now
			m.report(fault.At("session.renew", err))
		}
	}
	return rec, nil
}

// start stores a new session.
func (s *Sessions) start(ctx context.Context, b *bond, rec *record) error {
	b.sid, b.next = newSID(), rec
	item := store.Item{Kind: kindSession, Key: b.sid, Index: rec.index()}
	return s.manager.create(ctx, item, rec.kept().UnixMilli(), rec)
}

// create stores one thing until expires, in milliseconds.
func (m *Manager) create(ctx context.Context, item store.Item, expires int64, value any) error {
	var err error
	if item.Value, err = encode(value); err != nil {
		return err
	}
	item.Expires = time.UnixMilli(expires)
	return m.shorts.Create(ctx, item)
}

// newSID makes a public id: 128 random bits that have nothing to do with any
// cookie (SES-02). None begins with a dash, so that `session revoke` takes it.
func newSID() string {
	for {
		var b [16]byte
		rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		if sid := base64.RawURLEncoding.EncodeToString(b[:]); sid[0] != '-' {
			return sid
		}
	}
}
