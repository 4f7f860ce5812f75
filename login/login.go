package login

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// maxUsername is the longest user name that is shown again, in bytes.
const maxUsername = 256

// Login shows the login page and takes its form.
func (h *Handler) Login(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodPost {
		return h.posted(w, r)
	}
	q := r.URL.Query()
	d, err := h.destination(r.Context(), returnURL(q))
	if err != nil {
		return err
	}
	switching := switches(q)
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.Login", err)
	}
	if session != nil && !d.forced() && !switching {
		return page.SeeOther(w, d.url)
	}
	if only, ok := h.ways(d.context).only(); ok && !switching {
		return page.SeeOther(w, h.link("/login/"+only.Name(), d))
	}
	s := screen{status: http.StatusOK, again: d.again(session, switching), switching: switching}
	if d.context != nil {
		s.username = d.context.LoginHint
	}
	return h.show(w, r, d, s)
}

// switches tells that the login is wanted though somebody is signed in, so that
// somebody else can be: a parameter of links to the login page, and a field of
// its form.
func switches(v url.Values) bool { return v.Get(page.FieldSwitch) == "1" }

// screen is the state of a login page beyond where it leads.
type screen struct {
	status           int
	username         string
	remember         bool
	failed, expired  bool
	throttled        time.Duration
	notice           page.Message
	again, switching bool
}

// show writes the login page.
func (h *Handler) show(w http.ResponseWriter, r *http.Request, d destination, s screen) error {
	in := h.ways(d.context)
	if len(s.username) > maxUsername {
		s.username = ""
	}
	back, token := "", h.token(w, r, forLogin)
	if !d.home {
		back = d.url
	}
	fresh := h.nobodyYet(r, in)
	if fresh {
		in.local = false
	}
	cancel, remember, create := d.context != nil, h.Remember && in.open(), h.createURL(d, s.again)
	if fresh {
		create = ""
	}
	if !in.local && len(in.providers) > 1 && !s.expired && !s.failed && s.throttled == 0 {
		return h.Pages.Write(w, r, s.status, page.Choose{
			Frame: d.frame(), ReturnURL: back, Token: token, Switching: s.switching, RememberOffered: remember, Remember: s.remember,
			CancelOffered: cancel, CreateURL: create, Providers: h.buttons(in), Notice: s.notice,
		})
	}
	return h.Pages.Write(w, r, s.status, page.Login{
		Frame: d.frame(), ReturnURL: back, Token: token, Username: strings.ToValidUTF8(s.username, "\uFFFD"),
		Failed: s.failed, Throttled: s.throttled, Expired: s.expired, Notice: s.notice, Again: s.again, Switching: s.switching,
		RememberOffered: remember, Remember: s.remember, CancelOffered: cancel, CreateURL: create,
		Providers: h.buttons(in), Local: in.local, New: fresh,
	})
}

// signedIn begins the session and sends the person on. The address was judged
// in this very request.
func (h *Handler) signedIn(w http.ResponseWriter, r *http.Request, user *identity.User, login identity.Login, remember bool, d destination) error {
	session, err := h.Sessions.Begin(w, r, user.Subject, login, remember)
	if err != nil {
		return fault.At("login.signedIn", err)
	}
	h.report(r, Event{Name: LoginSucceeded, User: user, Login: login, SID: session.SID, IDP: login.IDP, Client: d.client()})
	return page.SeeOther(w, d.url)
}
