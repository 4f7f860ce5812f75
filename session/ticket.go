package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
)

// TicketLife is how long a ticket can be redeemed.
const TicketLife = 30 * time.Second

// ticketRecord carries one person from the portal to one host, in one browser.
type ticketRecord struct {
	Origin string `json:"origin"`
	Target string `json:"target"`
	Binder string `json:"binder"`
	SID    string `json:"sid"`
	Age    int64  `json:"age"`
	Tries  int    `json:"tries,omitempty"`
}

// ForeignError says that a ticket belongs to another browser, and what its
// visit was, so that the caller can start over or give up.
type ForeignError struct {
	Tries  int
	Target string // path and query at the same origin
}

// Error implements error.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("the ticket belongs to another browser (try %d)", e.Tries)
}

// HashBinder gives the form in which a visit and a ticket know the value of
// the binder cookie: secret.Hash of it, or "" for a value that can't be one.
func HashBinder(value string) string {
	if !secret.Valid(value) {
		return ""
	}
	return secret.Hash(value)
}

// Ticket makes a one-time ticket that opens a handle at v.Origin for the
// session, in the browser that holds v.Binder. fault.NotFound if the session
// is over, fault.Invalid for a visit without origin or binder.
func (m *Manager) Ticket(ctx context.Context, sid string, v Visit) (string, error) {
	const op = "session.Ticket"
	if v.Origin == "" || v.Binder == "" {
		return "", fault.New(fault.Invalid, op, "")
	}
	rec, err := m.record(ctx, sid)
	if fault.Is(err, fault.NotFound) { // it was ended elsewhere, and we had not heard
		m.book.end(change{Topic: store.TopicSession, Key: sid})
	}
	if err != nil {
		return "", fault.At(op, err)
	}
	ticket := secret.New()
	item := store.Item{Kind: kindTicket, Key: secret.Hash(ticket)}
	item.Index = store.Index{SID: sid, Sub: string(rec.Sub)}
	err = m.create(ctx, item, m.now().Add(TicketLife).UnixMilli(), ticketRecord{
		Origin: v.Origin,
		Target: cleanTarget(v.Target),
		Binder: v.Binder,
		SID:    sid,
		Age:    rec.Age,
		Tries:  v.Tries,
	})
	if err != nil {
		return "", fault.At(op, err)
	}
	return ticket, nil
}

// Redeem takes a ticket and signs this browser in at this host: it sets the
// cookie and returns the session and the target of the visit, which starts
// with exactly one slash. binder is the value of the browser's binder cookie.
// Another session that the browser has here ends first.
//
// Errors: fault.Invalid if the ticket was made for another origin or (wrapping
// a *[ForeignError]) another browser; it is not consumed then, so that nobody
// can burn somebody else's. fault.Spent if it was used. fault.NotFound if it
// is unknown, expired, or its session is over. If the store fails after the
// cookie was set, the cookie stays: it is the person's own, and the next
// request tells.
func (s *Sessions) Redeem(w http.ResponseWriter, r *http.Request, ticket, binder string) (*Live, string, error) {
	const op = "session.Redeem"
	ctx := r.Context()
	t, err := s.take(ctx, ticket, binder)
	if err != nil {
		return nil, "", fault.At(op, err)
	}
	rec, err := s.manager.record(ctx, t.SID)
	if err == nil && rec.Age != t.Age {
		err = fault.New(fault.NotFound, op, "")
	}
	if err != nil {
		return nil, "", fault.At(op, err)
	}
	live, err := s.enter(w, r, t.SID, rec)
	if err != nil {
		return nil, "", fault.At(op, err)
	}
	return live, cleanTarget(t.Target), nil
}

// take compares before it takes.
func (s *Sessions) take(ctx context.Context, ticket, binder string) (*ticketRecord, error) {
	const op = "session.take"
	if !secret.Valid(ticket) {
		return nil, fault.New(fault.NotFound, op, "")
	}
	name, shorts := secret.Hash(ticket), s.manager.shorts
	item, err := shorts.Get(ctx, kindTicket, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	t := new(ticketRecord)
	if err == nil {
		if err := decode(item.Value, t); err != nil {
			return nil, err
		}
		if t.Origin != s.site.origin {
			return nil, fault.Wrap(fault.Invalid, op, errors.New("the ticket belongs to another host"))
		}
		if hash := HashBinder(binder); hash == "" || !secret.Equal(hash, t.Binder) {
			return nil, fault.Wrap(fault.Invalid, op, &ForeignError{Tries: t.Tries, Target: cleanTarget(t.Target)})
		}
	}
	// If it was not found, asking for it still tells spent from unknown.
	if _, taken := shorts.Take(ctx, kindTicket, name, s.site.origin); taken != nil {
		return nil, taken
	}
	return t, err
}

// enter issues a handle for a session at this host and reads it back through
// the front door, so that a session which ended meanwhile is noticed.
func (s *Sessions) enter(w http.ResponseWriter, r *http.Request, sid string, rec *record) (*Live, error) {
	ctx, m := r.Context(), s.manager
	g, b, err := s.open(r)
	if err != nil {
		return nil, err
	}
	switch old, _ := b.session(); old {
	case "":
	case sid:
		m.revoke(ctx, sid, b.old)
	default:
		if err := m.EndSession(ctx, old, OtherLogin); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	b.live, b.sid, b.next = nil, sid, rec
	g.Options.MaxAge = 0
	if err := g.Save(r, w); err != nil {
		return nil, err
	}
	live, err := m.load(ctx, b.old)
	if err == nil && live == nil {
		err = fault.New(fault.NotFound, "session.enter", "")
	}
	return live, err
}

// revoke deletes the handle that a new one replaces. It belongs to the same
// browser and session, so a failure only leaves it until it expires.
func (m *Manager) revoke(ctx context.Context, sid string, k key) {
	replaced := change{Topic: store.TopicSession, Key: sid}
	err := m.shorts.Delete(ctx, kindHandle, k.String())
	m.Apply(replaced)
	if err == nil {
		err = m.shorts.Publish(ctx, replaced)
	}
	if err != nil {
		m.report(fault.At("session.revoke", err))
	}
}
