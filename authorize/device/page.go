package device

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// EnterView is the page where a code is typed. Its form posts [FieldToken],
// [FieldUserCode] and [FieldAction] ([ActionContinue]) to Action.
type EnterView struct {
	Action, Token string
	// User is who is signed in; SwitchURL lets somebody else sign in.
	User      *identity.User
	SwitchURL string
	// UserCode fills the field. A link does no more than that.
	UserCode string
	Problem  Problem
	// Wait is how long no code is taken, with [TooMany].
	Wait time.Duration
}

// Problem is why a code led nowhere.
type Problem int

// The problems.
const (
	NoProblem   Problem = iota
	WrongCode           // it is none, or none any more
	TooMany             // of them were wrong
	OtherLogin          // the application does not take this login
	NothingLeft         // it was decided already, or time is up
)

// Page is the page at the device's verification_uri.
func (s *Server) Page(w http.ResponseWriter, r *http.Request) error {
	const op = "device.Page"
	answer.Guard(w.Header())
	session, err := s.Sessions.Current(r)
	if err != nil {
		return fault.At(op, err)
	}
	signedIn := session != nil && session.User != nil
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		code := ""
		if given := r.URL.Query()[fieldUserCode]; len(given) == 1 {
			code, _ = ReadCode(given[0])
		}
		if !signedIn {
			return answer.SeeOther(w, s.login(code, false))
		}
		return s.enter(w, r, session, EnterView{UserCode: code})
	case http.MethodPost:
		values, p, err := s.posted(w, r)
		if values == nil {
			return err
		}
		if !signedIn || session.SID != p.SID { // somebody else by now, or nobody
			code, _ := ReadCode(values.Get(FieldUserCode))
			return answer.SeeOther(w, s.here(code))
		}
		if p.UserCode == "" {
			return s.typed(w, r, session, values)
		}
		return s.answer(w, r, session, p.UserCode, values)
	default:
		return answer.Method(w, http.MethodGet, http.MethodHead, http.MethodPost)
	}
}

// here is the page's own address, with a code filled in.
func (s *Server) here(code string) string {
	if code == "" {
		return s.base + Path
	}
	return s.base + Path + "?" + url.Values{fieldUserCode: {code}}.Encode()
}

// login is where somebody signs in, and comes back from.
func (s *Server) login(code string, anew bool) string {
	v := url.Values{"return_url": {s.here(code)}}
	if anew {
		v.Set("switch", "1")
	}
	return s.base + "/login?" + v.Encode()
}

// enter shows the page where a code is typed.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, who *identity.Session, v EnterView) (err error) {
	v.Action, v.User, v.SwitchURL = s.base+Path, who.User, s.login(v.UserCode, true)
	if v.Token, err = s.seal(pass{SID: who.SID}); err != nil {
		return fault.At("device.enter", err)
	}
	return s.Pages.Enter(w, r, v)
}

// typed takes a code. It is counted before it is looked up, by account and by
// address (RFC 8628, section 5.1; OAU-39); what can't be a code is no guess.
func (s *Server) typed(w http.ResponseWriter, r *http.Request, who *identity.Session, values url.Values) error {
	ctx, typed := r.Context(), values.Get(FieldUserCode)
	code, ok := ReadCode(typed)
	if !ok {
		return s.enter(w, r, who, EnterView{UserCode: short(typed), Problem: WrongCode})
	}
	try, err := s.Guesses.Attempt(ctx, string(who.User.Subject), s.ClientIP(r))
	if wait := retryAfter(err); wait > 0 {
		s.Audit(r, Event{Name: EventThrottled, User: who.User, SID: who.SID})
		return s.enter(w, r, who, EnterView{UserCode: code, Problem: TooMany, Wait: wait})
	}
	if err != nil {
		return fault.At("device.typed", err)
	}
	q, c, err := s.find(ctx, code)
	switch {
	case fault.Is(err, fault.NotFound):
		return s.enter(w, r, who, EnterView{UserCode: code, Problem: WrongCode})
	case err != nil:
		try.Unchecked(ctx)
		return fault.At("device.typed", err)
	}
	try.Succeeded(ctx)
	return s.confirm(w, r, who, question{code: code, Request: q, client: c})
}

// find gives the request of a code that waits, and its client. A client that is
// gone, or may not do this any more, has no requests: fault.NotFound.
func (s *Server) find(ctx context.Context, code string) (Request, *client.Client, error) {
	q, err := s.Requests.waiting(ctx, code)
	if err != nil {
		return q, nil, err
	}
	c, err := s.Clients.Client(ctx, q.Client)
	if client.Absent(err) || err == nil && !c.MayUse(client.GrantDevice) {
		err = fault.New(fault.NotFound, "device.find", "")
	}
	return q, c, err
}

// short bounds what is shown again.
func short(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	return typed
}
