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
// are now, or who would have to sign in anew for it.
func (s *Service) admitted(c *client.Client, out *issued) *refusal {
	if !s.admits(c, out.Authorization, out.session) {
		return refuse("invalid_grant", "the client is not for this person, or not by a login so old")
	}
	return nil
}

// admits tells whether the person of an authorization may use a client as things
// are now. Where the person is nobody can tell here: that was judged when they
// were there. Nobody is needed for what is the client's own.
func (s *Service) admits(c *client.Client, a grant.Authorization, session *identity.Session) bool {
	if session == nil || !c.Restricted() {
		return true
	}
	who := *session
	if who.At.IsZero() { // the session is over: what is left of the login
		who.Login = identity.Login{IDP: a.IDP, AMR: a.AMR, ACR: a.ACR, At: time.Unix(a.AuthTime, 0)}
	}
	return c.Judge(s.Gate, client.Visitor{Session: &who, Away: true}) == client.Admitted
}

// behind finds the login behind what was issued, as [Service.inForce] does, if
// the person may use each of these clients as things are now. They are few, and
// a client without rules costs nothing. fault.Denied: the person may not.
func (s *Service) behind(ctx context.Context, a grant.Authorization, clients ...*client.Client) (*identity.Session, error) {
	session, err := s.inForce(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, c := range clients {
		if !s.admits(c, a, session) {
			return nil, fault.New(fault.Denied, "token.behind", "")
		}
	}
	return session, nil
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
