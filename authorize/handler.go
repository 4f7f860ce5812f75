package authorize

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/prefetch"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// Authorize is the authorization endpoint (RFC 6749, section 3.1). An error is
// a *[DisplayError], or a failure of ours in a visit of a guarded site; both
// are for the caller to show.
func (s *Server) Authorize(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	switch r.Method {
	case http.MethodGet:
		return s.ask(w, r)
	case http.MethodPost:
		return s.post(w, r)
	default: // HEAD too: a code is nothing to be made for a look
		return answer.Method(w, http.MethodGet, http.MethodPost)
	}
}

// ask takes a request through its steps.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) error {
	if prefetch.InAdvance(r.Header) {
		return display(fault.Denied, codeAccessDenied, "Signing in can't be done in advance.")
	}
	p, err := s.parse(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if p.get("response_type") == responseTicket {
		return s.visit(w, r, p)
	}
	seen := s.sight(r, p.hash(), s.Now())
	if p.created && !seen.known {
		return strayed()
	}
	p, q, err := s.judge(r.Context(), p, &seen)
	if no, ok := errors.AsType[*ClientError](err); ok {
		return s.tell(w, r, no)
	}
	if err != nil {
		return err
	}
	return s.decide(w, r, p, q, seen)
}

// judge does everything that can be done without knowing who is signed in. seen
// and the errors are those of unwrap.
func (s *Server) judge(ctx context.Context, p params, seen *sighting) (params, *Request, error) {
	p, err := s.unwrap(ctx, p, seen)
	if err != nil {
		return p, nil, err
	}
	q, err := s.examine(ctx, p)
	return p, q, err
}

// examine is what a request goes through, in the browser or pushed, that lies
// open.
func (s *Server) examine(ctx context.Context, p params) (*Request, error) {
	q, err := check(ctx, p, &s.Config)
	if err == nil {
		err = s.recall(ctx, q)
	}
	return q, err
}

// decide asks [Decide], and does what comes of it.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, p params, q *Request, seen sighting) error {
	from := s.Now()
	facts, err := s.gather(r, p, q, seen)
	if err != nil {
		return s.tell(w, r, q.back.fail(err))
	}
	q.back.login = s.sessionState(w, r, q.back, facts.Session)
	switch out := Decide(q, facts).(type) {
	case SendToLogin:
		return s.toLogin(w, r, p, q, seen, facts.Session != nil)
	case CreateAccount:
		return s.toCreate(w, r, p, q, seen)
	case AskConsent:
		return s.toConsent(w, r, p, q, seen)
	case Refuse:
		s.forget(w, r, seen)
		return s.tell(w, r, q.back.refuse(out.Code, out.Description))
	case Issue:
		if facts.Allowed { // once: of two tabs that come at the same instant, one is asked again
			switch taken, err := s.Consents.Take(r.Context(), inquiry(p, q, facts.Session)); {
			case err != nil:
				return s.tell(w, r, q.back.fail(err))
			case !taken:
				return s.toConsent(w, r, p, q, seen)
			}
		}
		s.forget(w, r, seen)
		return s.issue(w, r, q, facts.Session, from)
	}
	return fault.New(fault.Internal, "authorize.decide", "")
}

// issue makes the code and answers with it. The session knows of the client
// before the client knows of the session, so that no logout misses it; and of
// several answers to a request that was sent ahead one gets this far. from is the
// instant before anything was looked at that the decision rests on.
func (s *Server) issue(w http.ResponseWriter, r *http.Request, q *Request, session *identity.Session, from time.Time) error {
	ctx := r.Context()
	switch err := s.Sessions.Join(ctx, session.SID, q.Client.ID); {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied): // it ended a moment ago
		return s.tell(w, r, q.back.refuse(codeLoginRequired, "the login is over"))
	case err != nil:
		return s.tell(w, r, q.back.fail(err))
	}
	if no := s.spend(ctx, q.back); no != nil {
		return s.tell(w, r, no)
	}
	code, err := s.Grants.NewCode(ctx, grant.Code{
		Redirect: secret.Hash(q.back.uri), Challenge: q.Challenge, Nonce: q.Nonce,
		Authorization: grant.Authorization{
			Client: q.Client.ID, Scopes: q.Scopes, Resources: q.Resources, Offline: q.Offline(),
			Subject: session.User.Subject, SID: session.SID, AuthTime: session.At.Unix(),
			IDP: session.IDP, AMR: session.AMR, ACR: session.ACR, Binding: grant.Binding{JKT: q.JKT},
			UserInfoClaims: q.UserInfoClaims, IDTokenClaims: q.IDTokenClaims,
		},
	}, from)
	if err != nil {
		return s.tell(w, r, q.back.fail(err))
	}
	return s.answer(w, q.back, q.Client.DisplayName(), [][2]string{{"code", code}}, "")
}

// seconds is d for a cookie.
func seconds(d time.Duration) int { return int(d / time.Second) }
