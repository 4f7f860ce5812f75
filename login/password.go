package login

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// posted takes the login form. Whatever goes wrong, the page comes back with
// everything but the password and the return address still in it.
func (h *Handler) posted(w http.ResponseWriter, r *http.Request) error {
	form, d, err := h.sent(w, r)
	if form == nil {
		return err
	}
	if form.Get(page.FieldAction) == page.ActionCancel {
		return page.SeeOther(w, h.deny(d)) // changes nothing, so it needs no token
	}
	s := h.filled(form)
	if !h.genuine(r, form.Get(page.FieldToken), forLogin) {
		return h.stale(w, r, d, s)
	}
	if !h.ways(d.context).local {
		s.status = http.StatusForbidden // not offered, nor for this application
		return h.show(w, r, d, s)
	}
	return h.password(w, r, form, d, s)
}

// filled is the login page as it was sent.
func (h *Handler) filled(form url.Values) screen {
	return screen{
		username: form.Get(page.FieldUsername), switching: switches(form),
		remember: h.Remember && form.Get(page.FieldRemember) == "1",
	}
}

// stale is for a form that was open for long, or whose cookie is gone: a
// friendly line and a fresh form (CSR-01 without a dead end). Somebody who
// signed in meanwhile, in another tab, just goes on.
func (h *Handler) stale(w http.ResponseWriter, r *http.Request, d destination, s screen) error {
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.stale", err)
	}
	if session != nil && !d.forced() && !s.switching {
		return page.SeeOther(w, d.url)
	}
	s.status, s.again = http.StatusBadRequest, session != nil && !s.switching
	if len(h.browsers(r)) == 0 {
		s.notice = page.Say(page.MsgCookieMissing)
	} else {
		s.expired = true
	}
	return h.show(w, r, d, s)
}

// password counts, then checks, then signs in. A wrong attempt is answered 401
// with the page: password managers and log readers see a failure, and browsers
// show the page since they know no scheme "Gatehouse" (RFC 9110, section
// 15.5.2, demands one). The answer is the same whoever was tried (ENU-01).
func (h *Handler) password(w http.ResponseWriter, r *http.Request, form url.Values, d destination, s screen) error {
	user, err := h.check(r, s.username, form.Get(page.FieldPassword))
	if err == nil {
		login := identity.Login{IDP: identity.Local, AMR: []string{identity.MethodPassword}, At: h.Now()}
		return h.signedIn(w, r, user, login, s.remember, d)
	}
	event := Event{Name: LoginFailed, Username: s.username, IDP: identity.Local, Client: d.client(), Err: err}
	switch fault.KindOf(err) {
	case fault.Denied:
		s.status, s.failed = http.StatusUnauthorized, true
		w.Header().Set("WWW-Authenticate", "Gatehouse")
	case fault.Throttled:
		s.status, s.throttled = http.StatusTooManyRequests, retryAfter(err)
		event.Name, event.RetryAfter = LoginThrottled, s.throttled
		w.Header().Set("Retry-After", strconv.Itoa(int((s.throttled+time.Second-1)/time.Second)))
	default: // closed, but not a dead end (DOS-01, FED-13)
		s.status, s.notice = http.StatusServiceUnavailable, page.Say(page.MsgLoginBusy)
	}
	h.report(r, event)
	return h.show(w, r, d, s)
}

// check counts the attempt and then looks at the password (LGN-28). Counts are
// settled even if the person leaves just now.
func (h *Handler) check(r *http.Request, username, password string) (*identity.User, error) {
	attempt, err := h.Throttle.Attempt(r.Context(), username, h.ClientIP(r))
	if err != nil {
		return nil, err
	}
	user, err := h.Accounts.Authenticate(r.Context(), username, password)
	switch {
	case err == nil:
		attempt.Succeeded(context.WithoutCancel(r.Context()))
	case !fault.Is(err, fault.Denied):
		attempt.Unchecked(context.WithoutCancel(r.Context()))
	}
	return user, err
}

// retryAfter reads how long to wait from an error, a minute if it does not say.
func retryAfter(err error) time.Duration {
	type waiter interface {
		error
		RetryAfter() time.Duration
	}
	if w, ok := errors.AsType[waiter](err); ok {
		return max(w.RetryAfter(), time.Second)
	}
	return time.Minute
}
