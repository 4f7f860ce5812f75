package device

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/internal/answer"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
)

// ConfirmView is the page that asks. Its form posts [FieldToken], [FieldMine],
// [FieldRemember] and [FieldAction] ([ActionAllow] or [ActionDeny]) to Action.
type ConfirmView struct {
	Action, Token          string
	ClientName, ClientLogo string
	// UserCode is what the device must show too.
	UserCode string
	// Address is where the device asked from, "" if that is unknown; Here tells
	// that it is where this browser is, too. Began is when.
	Address string
	Here    bool
	Began   time.Time
	// User is who is signed in; SwitchURL lets somebody else sign in.
	User      *identity.User
	SwitchURL string
	// Scopes, Resources and Offline are as in [consent.AskView].
	Scopes    []consent.Scope
	Resources []string
	Offline   bool
	// RememberOffered tells that the answer may be remembered, for Days.
	RememberOffered bool
	Days            int
	// MineMissing tells that the person pressed allow, and did not say that the
	// device is theirs.
	MineMissing bool
}

// DoneView is the page after the decision.
type DoneView struct {
	Allowed    bool
	ClientName string
	HomeURL    string
}

// question is what a person is asked.
type question struct {
	Request
	code        string
	client      *client.Client
	mineMissing bool
}

// confirm shows the page that asks, if this login will do.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, who *identity.Session, q question) error {
	if done, err := s.unfit(w, r, who, q); done {
		return err
	}
	token, err := s.seal(pass{SID: who.SID, UserCode: q.code})
	if err != nil {
		return fault.At("device.confirm", err)
	}
	return s.Pages.Confirm(w, r, ConfirmView{
		Action: s.base + Path, Token: token, UserCode: q.code, MineMissing: q.mineMissing,
		ClientName: q.client.DisplayName(), ClientLogo: q.client.LogoURI,
		Address: q.Address, Here: q.Address != "" && q.Address == text(s.ClientIP(r)), Began: time.UnixMilli(q.Began),
		User: who.User, SwitchURL: s.login(q.code, true),
		Scopes:          consent.Sort(consent.Explain(s.Book, q.Scopes, s.Book.Of(q.client, who, q.Scopes)), s.Resources, q.Resources),
		Resources:       s.Resources.AllShown(q.Resources),
		Offline:         slices.Contains(q.Scopes, client.ScopeOffline),
		RememberOffered: s.remembers(q.client), Days: consent.Days(q.client.ConsentLasts()),
	})
}

// unfit answers a person whose login the client does not take, or whom its rules
// refuse. Who signed in too long ago does so again. This is the one place where a
// client's rules about people are held before they are asked.
func (s *Server) unfit(w http.ResponseWriter, r *http.Request, who *identity.Session, q question) (bool, error) {
	switch limit := q.client.UserSSOLifetime; {
	case !q.client.Takes(who.IDP):
		return true, s.enter(w, r, who, EnterView{UserCode: q.code, Problem: OtherLogin})
	case limit > 0 && s.Now().Sub(who.At.Truncate(time.Second)) > limit:
		return true, answer.SeeOther(w, s.login(q.code, true))
	}
	switch q.client.Judge(s.Gate, client.Visitor{Session: who, From: s.ClientIP(r)}) {
	case client.Admitted:
		return false, nil
	case client.NeedsLogin:
		return true, answer.SeeOther(w, s.login(q.code, true))
	default:
		s.Audit(r, Event{Name: EventRefused, User: who.User, SID: who.SID, Client: q.Client})
		return true, s.enter(w, r, who, EnterView{UserCode: q.code, Problem: OtherLogin})
	}
}

// remembers tells whether the client's consents are.
func (s *Server) remembers(c *client.Client) bool {
	return s.Consents != nil && c.ConsentMode() == client.ConsentOnce
}

// answer takes the decision about the code that the page was made for.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, who *identity.Session, code string, values url.Values) error {
	found, c, err := s.find(r.Context(), code)
	q := question{code: code, Request: found, client: c}
	switch {
	case fault.Is(err, fault.NotFound):
		return s.enter(w, r, who, EnterView{Problem: NothingLeft})
	case err != nil:
		return fault.At("device.answer", err)
	}
	switch values.Get(FieldAction) {
	case ActionDeny:
		err = s.Requests.deny(r.Context(), code, found, who.SID)
		return s.done(w, r, who, q, EventDenied, err)
	case ActionAllow:
		if q.mineMissing = values.Get(FieldMine) != "1"; q.mineMissing {
			return s.confirm(w, r, who, q)
		}
		if done, err := s.unfit(w, r, who, q); done {
			return err
		}
		return s.allow(w, r, who, q, values.Get(FieldRemember) == "1")
	default:
		return damaged()
	}
}

// allow gives the device what it asked for. The session knows of the client
// before the client knows of the session, so that no logout misses it.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, who *identity.Session, q question, remember bool) error {
	const op = "device.allow"
	ctx, from := r.Context(), s.Now() // joining finds out whether they are signed in
	switch err := s.Sessions.Join(ctx, who.SID, q.Client); {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied): // it ended a moment ago
		return answer.SeeOther(w, s.here(q.code))
	case err != nil:
		return fault.At(op, err)
	}
	err := s.Requests.allow(ctx, q.code, q.Request, grant.Authorization{
		Client: q.Client, Scopes: q.Scopes, Resources: q.Resources, Offline: slices.Contains(q.Scopes, client.ScopeOffline),
		Subject: who.User.Subject, SID: who.SID, AuthTime: who.At.Unix(), IDP: who.IDP, AMR: who.AMR, ACR: who.ACR,
	}, from)
	if err == nil && remember && s.remembers(q.client) {
		terms := consent.Terms{Client: q.Client, Scopes: q.Scopes, Resources: q.Resources}
		if err := s.Consents.Keep(ctx, who.User.Subject, terms, q.client.ConsentLasts()); err != nil {
			return fault.At(op, err)
		}
	}
	return s.done(w, r, who, q, EventAllowed, err)
}

// done says what was decided, if it was.
func (s *Server) done(w http.ResponseWriter, r *http.Request, who *identity.Session, q question, event string, err error) error {
	switch {
	case fault.Is(err, fault.NotFound):
		return s.enter(w, r, who, EnterView{Problem: NothingLeft})
	case err != nil:
		return fault.At("device.done", err)
	}
	s.Audit(r, Event{Name: event, User: who.User, SID: who.SID, Client: q.Client})
	return s.Pages.Done(w, r, DoneView{Allowed: event == EventAllowed, ClientName: q.client.DisplayName(), HomeURL: s.base + "/"})
}
