package token

import (
	"context"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// person finds whom an authorization is about, as things are now: nil for a
// client's own. If nobody may be answered for any more it is invalid_grant.
func (s *Service) person(ctx context.Context, a grant.Authorization) (*identity.Session, *refusal) {
	session, err := s.inForce(ctx, a)
	switch {
	case over(err):
		return nil, invalidGrant("the login is over", nil)
	case err != nil:
		return nil, failure(err)
	}
	return session, nil
}

// admitted refuses what is about a person who may not use the client as things
// are now, or who would have to sign in anew for it. Where the person is nobody
// can tell here: that was judged when they were there.
func (s *Service) admitted(c *client.Client, out *issued) *refusal {
	if out.session == nil { // the client's own
		return nil
	}
	who, a := *out.session, out.Authorization
	if who.At.IsZero() { // the session is over: what is left of the login
		who.Login = identity.Login{IDP: a.IDP, AMR: a.AMR, ACR: a.ACR, At: time.Unix(a.AuthTime, 0)}
	}
	if c.Judge(s.Gate, client.Visitor{Session: &who, Away: true}) != client.Admitted {
		return refuse("invalid_grant", "the client is not for this person, or not by a login so old")
	}
	return nil
}

// over tells whether an error says that somebody or something is gone.
func over(err error) bool { return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) }

// inForce finds the login behind an authorization; for one that outlives its
// session, the account. Without a session no claims of the login are left, only
// the account's. fault.NotFound or fault.Denied: nobody may be answered for.
func (s *Service) inForce(ctx context.Context, a grant.Authorization) (*identity.Session, error) {
	const op = "token.inForce"
	if !a.Person() {
		return nil, nil
	}
	session, err := s.Sessions.Find(ctx, a.SID)
	if err == nil && (session == nil || session.User == nil || session.User.Subject != a.Subject) {
		err = fault.New(fault.NotFound, op, "") // a session that belongs to somebody else is not it
	}
	if err == nil || !over(err) || !a.Offline || s.Accounts == nil {
		return session, err
	}
	user, err := s.Accounts.User(ctx, a.Subject)
	if err == nil && (user == nil || user.Subject != a.Subject) {
		err = fault.New(fault.NotFound, op, "")
	}
	if err != nil {
		return nil, err
	}
	return &identity.Session{SID: a.SID, User: user}, nil
}

// use notes that the person behind an authorization is at work in c, if c says
// so. One that outlives the session must not keep it alive. That it can't be
// noted does not make what was asked for wrong.
func (s *Service) use(ctx context.Context, c *client.Client, a grant.Authorization) {
	if !c.ExtendsSession || a.Offline || !a.Person() {
		return
	}
	if err := s.Sessions.Used(ctx, a.SID); err != nil && !over(err) {
		s.report(ctx, failure(err))
	}
}

// named is the sub of what is issued to c: what it calls the person (OpenID
// Connect Core, section 8.1), or the client itself.
func (s *Service) named(c *client.Client, a grant.Authorization) string {
	if !a.Person() {
		return string(a.Subject)
	}
	return s.Subjects.For(c, a.Subject)
}

// clientSubject is the sub of a client that acts for itself: "the 'sub' claim
// SHOULD correspond to an identifier the authorization server uses to indicate
// the client application" (RFC 9068, section 2.2).
func clientSubject(c *client.Client) identity.Subject { return identity.Subject(c.ID) }
