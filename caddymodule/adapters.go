package caddymodule

import (
	"context"
	"net/http"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize"
	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/login"
	"github.com/gatehouse-auth/gatehouse/session"
)

// issuerSessions are the sessions at the issuer, as login and authorize see
// them.
type issuerSessions struct {
	*session.Sessions
	// state is the cookie by which clients' pages notice a change; nil if there
	// is none.
	state *checksession.Checker
	// grants are what clients hold.
	grants *grant.Grants
}

// Begin signs in.
func (s issuerSessions) Begin(w http.ResponseWriter, r *http.Request, sub identity.Subject, login identity.Login, remember bool) (*identity.Session, error) {
	began, err := s.Sessions.Begin(w, r, sub, login, remember)
	if err == nil && s.state != nil {
		s.state.Sync(w, r, began)
	}
	return began, err
}

// End signs out.
func (s issuerSessions) End(w http.ResponseWriter, r *http.Request) error {
	err := s.Sessions.End(w, r)
	if err == nil && s.state != nil {
		s.state.Sync(w, r, nil)
	}
	return err
}

// EndEverywhere signs out at every browser. Clients lose what they hold of the
// person, what was granted for longer than a session too (SES-11).
func (s issuerSessions) EndEverywhere(w http.ResponseWriter, r *http.Request) error {
	live, err := s.Sessions.Current(r)
	if err != nil {
		return err
	}
	if err := s.Sessions.EndEverywhere(w, r); err != nil {
		return err
	}
	if s.state != nil {
		s.state.Sync(w, r, nil)
	}
	if live == nil {
		return nil
	}
	return s.grants.EndSubject(context.WithoutCancel(r.Context()), live.User.Subject)
}

// noticing lets a browser know, at a page, that its session is over which ended
// elsewhere: by command, by a limit, at another host.
func (s issuerSessions) noticing(serve login.HandlerFunc) login.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.state.Present(r) {
			if live, err := s.Sessions.Current(r); live == nil && err == nil {
				s.state.Sync(w, r, nil)
			}
		}
		return serve(w, r)
	}
}

// Current gives the session of this browser, nil if nobody is signed in.
// Coming to the issuer counts as use.
func (s issuerSessions) Current(r *http.Request) (*identity.Session, error) {
	live, err := s.Sessions.Current(r)
	if live == nil || err != nil {
		return nil, err
	}
	live.Used()
	return &live.Session, nil
}

// allSessions adds the look-up by public id.
type allSessions struct {
	issuerSessions
	manager *session.Manager
}

// Find implements token.Sessions.
func (s allSessions) Find(ctx context.Context, sid string) (*identity.Session, error) {
	return s.manager.Find(ctx, sid)
}

// Used implements token.Sessions.
func (s allSessions) Used(ctx context.Context, sid string) error {
	return s.manager.Used(ctx, sid)
}

// Join implements authorize.Sessions.
func (s allSessions) Join(ctx context.Context, sid, client string) error {
	return s.manager.Join(ctx, sid, client)
}

// EndUpstream implements login.Sessions.
func (s allSessions) EndUpstream(ctx context.Context, idp string, sub identity.Subject, sid string) (int, error) {
	return s.manager.EndUpstream(ctx, idp, sub, sid)
}

// sites are the guarded sites as the authorize endpoint sees them.
type sites struct {
	manager *session.Manager
	known   map[string]*guardedSite
}

// Open implements authorize.Sites. A visit to a site that is no longer guarded
// is nobody's.
func (s sites) Open(state string) (authorize.Visit, error) {
	v, err := s.open(state)
	if err != nil {
		return authorize.Visit{}, err
	}
	return authorize.Visit{Origin: v.Origin, Name: origin.Host(v.Origin), FirstSeen: v.FirstSeen, Force: v.Force}, nil
}

func (s sites) open(state string) (session.Visit, error) {
	v, err := s.manager.OpenVisit(state)
	if err != nil {
		return v, err
	}
	if s.known[v.Origin] == nil {
		return v, fault.New(fault.Invalid, "sites.Open", "This site is not protected by this login.")
	}
	return v, nil
}

// Ticket implements authorize.Sites.
func (s sites) Ticket(ctx context.Context, sess *identity.Session, state string) (string, error) {
	v, err := s.open(state)
	if err != nil {
		return "", err
	}
	ticket, err := s.manager.Ticket(ctx, sess.SID, v)
	if err != nil {
		return "", err
	}
	join := "?"
	if strings.Contains(v.Target, "?") {
		join = "&"
	}
	return v.Origin + v.Target + join + ticketParameter + "=" + ticket, nil
}
