package house

import (
	"context"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store"
)

// A command can't reach sessions that are in the memory of the server. What it
// would end there it orders: by a change in the feed of the records, which the
// server hears within a second. A server that does not run has no sessions. An
// order is kept nowhere: one that falls into a gap of the feed, while the server
// can't read its database, is lost.

// The orders. Their key is a reason, a slash, and what the order is about.
const (
	orderSignOut  store.Topic = "order.sign_out"     // an account, see [Rooms.SignOut]
	orderSessions store.Topic = "order.end_sessions" // an account
	orderEnd      store.Topic = "order.end_session"  // a session
)

// Sees tells whether the sessions that people have can be seen from here.
func (r *Rooms) Sees() bool { return !r.remote }

// EndSession ends one session, here or by an order. fault.NotFound if it is seen
// that there is none.
func (r *Rooms) EndSession(ctx context.Context, sid string, why session.Reason) error {
	if r.remote {
		return r.order(ctx, orderEnd, why, sid)
	}
	return fault.At("house.EndSession", r.Sessions.EndSession(ctx, sid, why))
}

// EndSessions ends the sessions of a person, here or by an order, and leaves
// what was granted for longer. It says how many there were, as far as they can
// be seen from here.
func (r *Rooms) EndSessions(ctx context.Context, sub identity.Subject, why session.Reason) (int, error) {
	const op = "house.EndSessions"
	if r.remote {
		return 0, fault.At(op, r.order(ctx, orderSessions, why, string(sub)))
	}
	n, err := r.Sessions.EndSubject(ctx, sub, why)
	return n, fault.At(op, err)
}

// order publishes an order.
func (r *Rooms) order(ctx context.Context, topic store.Topic, why session.Reason, key string) error {
	return fault.At("house.order", r.Records.Update(ctx, func(tx store.Tx) error {
		return tx.Publish(store.Change{Topic: topic, Key: string(why) + "/" + key})
	}))
}

// obey does what commands order, until ctx ends.
func (r *Rooms) obey(ctx context.Context, report func(error)) error {
	return r.Records.Watch(ctx, func(changes []store.Change) {
		for _, c := range changes {
			why, key, _ := strings.Cut(c.Key, "/")
			var err error
			switch c.Topic {
			case orderSignOut:
				_, err = r.SignOut(ctx, identity.Subject(key), session.Reason(why))
			case orderSessions:
				_, err = r.Sessions.EndSubject(ctx, identity.Subject(key), session.Reason(why))
			case orderEnd:
				err = r.Sessions.EndSession(ctx, key, session.Reason(why))
			}
			if err != nil && !fault.Is(err, fault.NotFound) {
				report(fault.At("house.obey", err))
			}
		}
	})
}
