package session

import (
	"context"
	"net/http"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/store"
)

// End signs this browser out: its session ends at every host, with everything
// in flight, before End returns (SES-09), and the cookie of this host is
// deleted. Other sessions of the person go on (SES-11). With nobody signed in
// it only deletes the cookie. After an error the cookie stays, since the
// session may still stand.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	const op = "session.End"
	g, b, err := s.open(r)
	if err != nil {
		return fault.At(op, err)
	}
	if sid, _ := b.session(); sid != "" {
		if err := s.manager.EndSession(r.Context(), sid, Logout); err != nil && !fault.Is(err, fault.NotFound) {
			return fault.At(op, err)
		}
	}
	*b = bond{}
	g.Options.MaxAge = -1
	return fault.At(op, g.Save(r, w))
}

// EndEverywhere signs the person out who is signed in at this browser, here and
// at every other one, and deletes the cookie of this host. Errors are those of
// [Sessions.End].
func (s *Sessions) EndEverywhere(w http.ResponseWriter, r *http.Request) error {
	const op = "session.EndEverywhere"
	g, b, err := s.open(r)
	if err != nil {
		return fault.At(op, err)
	}
	if _, sub := b.session(); sub != "" {
		if _, err := s.manager.EndSubject(r.Context(), sub, Everywhere); err != nil {
			return fault.At(op, err)
		}
	}
	*b = bond{}
	g.Options.MaxAge = -1
	return fault.At(op, g.Save(r, w))
}

// EndSession ends a session: its cookies are dead at every host and its
// requests in flight are cancelled when EndSession returns, in other processes
// when they hear of it. fault.NotFound if it was over already; then too,
// nothing of it is left. After any other error it may still stand.
func (m *Manager) EndSession(ctx context.Context, sid string, why Reason) error {
	const op = "session.EndSession"
	last, missing := m.close(ctx, sid)
	if missing != nil && !fault.Is(missing, fault.NotFound) {
		return fault.At(op, missing)
	}
	ctx = context.WithoutCancel(ctx) // it is done; the rest must not depend on the client
	ended := change{Topic: store.TopicSession, Key: sid}
	m.book.end(ended)
	err := m.shorts.Publish(ctx, ended)
	m.tellAudit(ctx, why, last)
	m.tell(ctx, last)
	if err != nil {
		return fault.At(op, err)
	}
	m.discard(ctx, store.BySID, sid)
	return fault.At(op, missing)
}

// close makes a session be over in the store. It gives what it was if its
// clients have to be told, and fault.NotFound if it was over already.
func (m *Manager) close(ctx context.Context, sid string) (*marked, error) {
	if m.ended != nil {
		return m.mark(ctx, sid)
	}
	_, missing := m.shorts.Get(ctx, kindSession, sid)
	if missing != nil && !fault.Is(missing, fault.NotFound) {
		return nil, missing
	}
	if err := m.shorts.Delete(ctx, kindSession, sid); err != nil {
		return nil, err
	}
	return nil, missing
}

// EndSubject ends every session of an account and says how many there were.
func (m *Manager) EndSubject(ctx context.Context, sub identity.Subject, why Reason) (int, error) {
	const op = "session.EndSubject"
	if sub == "" {
		return 0, fault.New(fault.Invalid, op, "")
	}
	ended, err := m.markAll(ctx, sub)
	n := len(ended)
	if err == nil && m.ended == nil {
		var rest int
		rest, err = m.shorts.DeleteByIndex(ctx, kindSession, store.BySub, string(sub))
		n += rest
	}
	if err != nil && n == 0 {
		return 0, fault.At(op, err)
	}
	ctx = context.WithoutCancel(ctx)
	over := change{Topic: store.TopicSubject, Key: string(sub)}
	if err == nil {
		m.book.end(over)
	} else {
		m.Apply(over) // some are, some may not be
	}
	if failed := m.shorts.Publish(ctx, over); err == nil {
		err = failed
	}
	m.tellAudit(ctx, why, ended...)
	m.tell(ctx, ended...)
	if err != nil {
		return n, fault.At(op, err)
	}
	m.discard(ctx, store.BySub, string(sub))
	return n, nil
}

// discard deletes the handles and tickets of what has ended. They are worth
// nothing without it and expire by themselves, so a failure is only reported.
func (m *Manager) discard(ctx context.Context, by store.IndexName, value string) {
	for _, kind := range []store.Kind{kindHandle, kindTicket} {
		if _, err := m.shorts.DeleteByIndex(ctx, kind, by, value); err != nil {
			m.report(fault.At("session.discard", err))
		}
	}
}

// prune deletes the handles and tickets of a session's earlier ages. Those of
// this age stay: a second login of the same browser may run at the same time.
func (m *Manager) prune(ctx context.Context, sid string, age int64) {
	const page = 100
	for _, kind := range []store.Kind{kindHandle, kindTicket} {
		for cursor, more := "", true; more; more = cursor != "" {
			items, next, err := m.shorts.ListByIndex(ctx, kind, store.BySID, sid, cursor, page)
			for _, item := range items {
				var old struct{ Age int64 }
				if err == nil && decode(item.Value, &old) == nil && old.Age < age {
					err = m.shorts.Delete(ctx, kind, item.Key)
				}
			}
			if err != nil {
				m.report(fault.At("session.prune", err))
				return
			}
			cursor = next
		}
	}
}
