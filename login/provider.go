package login

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Provider sends a person to the provider in the path. The login page's buttons
// post here. It answers GET too, since applications link here and a single
// provider is reached by redirect; then it stores nothing and changes nothing
// but a cookie of this browser, without which the way back leads nowhere. So a
// link on another site can at most make somebody log in as themselves (FED-02),
// and never to stay signed in.
func (h *Handler) Provider(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodPost {
		return h.picked(w, r)
	}
	q := r.URL.Query()
	d, err := h.destination(r.Context(), returnURL(q))
	if err != nil {
		return err
	}
	return h.leaveFor(w, r, d, screen{switching: switches(q)})
}

// picked takes the login page's form from a provider's button. A password in it
// is not looked at.
func (h *Handler) picked(w http.ResponseWriter, r *http.Request) error {
	form, d, err := h.sent(w, r)
	if form == nil {
		return err
	}
	s := h.filled(form)
	if !h.genuine(r, form.Get(page.FieldToken), forLogin) {
		return h.stale(w, r, d, s)
	}
	return h.leaveFor(w, r, d, s)
}

// leaveFor sends the person to the provider in the path if that is a way in
// and they are not signed in already.
func (h *Handler) leaveFor(w http.ResponseWriter, r *http.Request, d destination, s screen) error {
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.Provider", err)
	}
	if session != nil && !d.forced() && !s.switching {
		return page.SeeOther(w, d.url)
	}
	if _, known := (ways{providers: h.Providers}).by(r.PathValue("provider")); !known {
		return fault.New(fault.NotFound, "login.Provider", "")
	}
	p, offered := h.ways(d.context).by(r.PathValue("provider"))
	if !offered { // not for this application: show what is
		return page.SeeOther(w, h.link("/login", d))
	}
	s.again = d.again(session, s.switching)
	return h.send(w, r, p, d, s)
}

// send begins the round trip.
func (h *Handler) send(w http.ResponseWriter, r *http.Request, p Provider, d destination, s screen) error {
	t := trip{Provider: p.Name(), State: secret.New(), Remember: s.remember, Began: h.Now().Unix()}
	if !d.home {
		t.Return = d.url
	}
	location, memo, err := p.Begin(r.Context(), h.callback(p), t.State, wishes(d.context))
	if err != nil {
		return h.failed(w, r, p, d, err, s)
	}
	t.Memo = memo
	if !h.keep(w, r, t) {
		// The address is longer than cookies can hold: better to end at home
		// than not at all (DOS-06).
		t.Return = ""
		if !h.keep(w, r, t) {
			return fault.New(fault.Internal, "login.Provider", "")
		}
	}
	return page.SeeOther(w, location)
}

// callback is where p sends people back: its own path (FED-04).
func (h *Handler) callback(p Provider) string { return h.Issuer + "/callback/" + p.Name() }

// wishes are what the application wants of a provider's login.
func wishes(c *Context) BeginOptions {
	var o BeginOptions
	if c == nil {
		return o
	}
	o.LoginHint, o.UILocales, o.Tenant, o.Force = c.LoginHint, c.UILocales, c.Tenant, c.Fresh
	o.ACRValues = classes(c.ACRValues)
	if c.MaxAge != nil {
		if o.MaxAge = *c.MaxAge; o.MaxAge < time.Second {
			o.Force = true
		}
	}
	return o
}

// maxClasses bounds what is said about classes in a provider's address, in bytes.
const maxClasses = 500

// classes writes classes as acr_values has them (OpenID Connect Core, section
// 3.1.2.1): each once, those that can be written, as many as fit.
func classes(list []string) string {
	var out []string
	length := 0
	for _, class := range list {
		odd := func(r rune) bool { return r <= ' ' || r >= 0x7f }
		if class == "" || strings.ContainsFunc(class, odd) || slices.Contains(out, class) {
			continue
		}
		if length += len(class) + 1; length > maxClasses {
			break
		}
		out = append(out, class)
	}
	return strings.Join(out, " ")
}

// failed shows the login page with a line about the provider: the other ways,
// and another try, stay open.
func (h *Handler) failed(w http.ResponseWriter, r *http.Request, p Provider, d destination, err error, s screen) error {
	h.report(r, Event{Name: ProviderFailed, IDP: p.Name(), Client: d.client(), Err: err})
	switch fault.KindOf(err) {
	case fault.Denied:
		s.status, s.notice = http.StatusForbidden, page.About(page.MsgProviderRefused, p.Title())
	case fault.Invalid:
		s.status, s.notice = http.StatusBadRequest, page.About(page.MsgProviderInvalid, p.Title())
	case fault.Unavailable:
		s.status, s.notice = http.StatusServiceUnavailable, page.About(page.MsgProviderUnavailable, p.Title())
	default:
		return fault.At("login.provider", err)
	}
	return h.show(w, r, d, s)
}
