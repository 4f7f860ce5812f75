package consent

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// AskView is what the page shows that asks. Its form posts [FieldToken],
// [FieldAction] ([ActionAllow] or [ActionDeny]) and [FieldRemember] to Action.
// The answer leads to another origin, so the page's policy can't have a
// form-action.
type AskView struct {
	Action, Token          string
	ClientName, ClientLogo string
	// ClientHost is where the answer goes, see [Question.Host].
	ClientHost string
	// Unvouched tells that nobody here vouches for the client. Source is then the
	// host that does by what it publishes, if there is one: the one thing about
	// the client that is known to be true. OnDevice is as in [Question].
	Unvouched, OnDevice bool
	Source              string
	UILocales           string
	// User is who is signed in; SwitchURL lets somebody else sign in.
	User      *identity.User
	SwitchURL string
	// Scopes and Resources are what the client asks for.
	Scopes    []Scope
	Resources []string
	// Offline tells that it could also while the person is away. The scope
	// offline_access is not among Scopes.
	Offline bool
	// RememberOffered tells that the answer may be remembered, for Days.
	RememberOffered bool
	Days            int
}

// Consent is the page that asks, and takes the answer.
func (s *Server) Consent(w http.ResponseWriter, r *http.Request) error {
	answer.Guard(w.Header())
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return s.question(w, r)
	case http.MethodPost:
		return s.answer(w, r)
	default:
		return answer.Method(w, http.MethodGet, http.MethodHead, http.MethodPost)
	}
}

func (s *Server) question(w http.ResponseWriter, r *http.Request) error {
	raw := ""
	if values := r.URL.Query()["return_url"]; len(values) == 1 {
		raw = values[0]
	}
	q, err := s.ask(r, raw)
	if err != nil {
		return err
	}
	if !q.Asked {
		return answer.SeeOther(w, q.ReturnURL)
	}
	v, err := s.view(q)
	if err != nil {
		return fault.At("consent.question", err)
	}
	return s.Pages.Ask(w, r, v)
}

// ask finds out what there is to ask. An address that is no request is for a
// person to see, whoever made it up.
func (s *Server) ask(r *http.Request, raw string) (Question, error) {
	q, err := s.Requests.Question(r, raw)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return Question{}, &fault.Error{
			Kind: fault.Invalid, Op: "consent.ask", Err: err,
			Public: "The address that brought you here is damaged. Go back to the application and try again.",
		}
	}
	return q, fault.At("consent.ask", err)
}

// view makes the page.
func (s *Server) view(q Question) (AskView, error) {
	key, err := q.key()
	if err != nil {
		return AskView{}, err
	}
	text, err := s.seal(token{SID: q.SID, ReturnURL: q.ReturnURL, Key: key}, forAsk)
	v := AskView{
		Action: s.base + PathAsk, Token: text, UILocales: q.UILocales,
		ClientName: q.Client.DisplayName(), ClientLogo: q.Client.LogoURI, ClientHost: q.Host,
		Unvouched: q.Client.Dynamic, OnDevice: q.OnDevice, Source: q.Client.Host(),
		User: q.User, SwitchURL: s.base + "/login?" + url.Values{"return_url": {q.ReturnURL}, "switch": {"1"}}.Encode(),
		Scopes:    Sort(Explain(s.Book, q.heads(), q.Values), s.Resources, q.Resources),
		Resources: s.Resources.AllShown(q.Resources), Offline: slices.Contains(q.Scopes, client.ScopeOffline),
		RememberOffered: q.Client.ConsentMode() == client.ConsentOnce, Days: Days(q.Client.ConsentLasts()),
	}
	return v, err
}

// answer takes the form. What the person saw must be what is asked now: the
// same request, of the same person in the same session, for the same scopes.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	values, t, err := s.posted(w, r, forAsk)
	if values == nil {
		return err
	}
	q, err := s.ask(r, t.ReturnURL)
	if err != nil {
		return err
	}
	if !q.Asked { // the form came twice, or nobody is signed in any more
		return answer.SeeOther(w, q.ReturnURL)
	}
	key, err := q.key()
	if err != nil {
		return fault.At("consent.answer", err)
	}
	if !secret.Equal(t.Key, key) || t.SID != q.SID { // somebody else by now, or other terms
		return answer.SeeOther(w, s.base+PathAsk+"?"+url.Values{"return_url": {q.ReturnURL}}.Encode())
	}
	switch values.Get(FieldAction) {
	case ActionAllow:
		return s.allow(w, r, q, values.Get(FieldRemember) == "1")
	case ActionDeny:
		return s.deny(w, r, q)
	default:
		return damaged()
	}
}

// allow notes the answer and goes back to the request. Who says yes but not for
// ever takes back what was for ever before.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, q Question, remember bool) error {
	const op = "consent.allow"
	ctx := r.Context()
	remember = remember && q.Client.ConsentMode() == client.ConsentOnce
	if remember {
		if err := s.Consents.Keep(ctx, q.Subject, q.Terms, q.Client.ConsentLasts()); err != nil {
			return fault.At(op, err)
		}
	} else if err := s.Consents.Forget(ctx, q.Subject, q.Terms.Client); err != nil {
		return fault.At(op, err)
	}
	if err := s.Consents.Allow(ctx, q.Ask); err != nil {
		return fault.At(op, err)
	}
	s.Audit(r, Event{Name: EventAllowed, User: q.User, SID: q.SID, Terms: q.Terms, Remembered: remember})
	return answer.SeeOther(w, q.ReturnURL)
}

// deny tells the client. Who says no takes back what they said before, or the
// next request would be granted without a question.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, q Question) error {
	if err := s.Consents.Forget(r.Context(), q.Subject, q.Terms.Client); err != nil {
		return fault.At("consent.deny", err)
	}
	s.Audit(r, Event{Name: EventDenied, User: q.User, SID: q.SID, Terms: q.Terms})
	return answer.SeeOther(w, q.DenyURL)
}
