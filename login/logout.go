package login

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Logout asks before it ends a session: a GET, from wherever, ends none
// (CSR-05). Where nobody is signed in it says so, which is also what a person
// sees after the session has ended.
func (h *Handler) Logout(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.Logout", err)
	}
	if r.Method == http.MethodPost {
		return h.leave(w, r, session)
	}
	d, err := h.destination(r.Context(), returnURL(r.URL.Query()))
	if err != nil {
		return err
	}
	if session == nil {
		return h.loggedOut(w, r, d, page.LoggedOut{}, r.URL.Query().Get(paramIDP))
	}
	return h.confirm(w, r, session, d, http.StatusOK)
}

// paramIDP names, in the address of the page after a logout, the provider of the
// login that is over.
const paramIDP = "idp"

// loggedOut says that nobody is signed in, on the page that view begins. idp is
// the provider of the login, where it goes on: unless the person ends it there
// too, the next login may need no word from them.
func (h *Handler) loggedOut(w http.ResponseWriter, r *http.Request, d destination, view page.LoggedOut, idp string) error {
	if view.Frame = d.frame(); !d.home {
		view.ContinueURL = d.url
	}
	if p, known := (ways{providers: h.Providers}).by(idp); known {
		if teller, tells := p.Federator.(LogoutTeller); tells {
			view.Elsewhere = page.Link{Title: p.Title(), URL: teller.LogoutURL()}
		}
	}
	return h.Pages.Write(w, r, http.StatusOK, view)
}

func (h *Handler) confirm(w http.ResponseWriter, r *http.Request, session *identity.Session, d destination, status int) error {
	view := page.Logout{Frame: d.frame(), Token: h.token(w, r, forLogout(session.SID)), User: session.User}
	if !d.home {
		view.ReturnURL = d.url
	}
	return h.Pages.Write(w, r, status, view)
}

// leave takes the form.
func (h *Handler) leave(w http.ResponseWriter, r *http.Request, session *identity.Session) error {
	form, d, err := h.sent(w, r)
	if form == nil {
		return err
	}
	switch {
	case form.Get(page.FieldAction) == page.ActionCancel:
		return page.SeeOther(w, d.url)
	case session == nil:
		return page.SeeOther(w, h.link("/logout", d))
	case !h.genuine(r, form.Get(page.FieldToken), forLogout(session.SID)):
		return h.confirm(w, r, session, d, http.StatusBadRequest)
	}
	end := h.Sessions.End
	if form.Get(page.FieldAction) == page.ActionEverywhere {
		end = h.Sessions.EndEverywhere
	}
	return h.end(w, r, session, d, end)
}

// end ends the session. Clients of the front channel, which are known only while
// there is one, are shown at once: the next request would know nothing of them.
// Without any the answer leads on, so that a reload posts nothing.
func (h *Handler) end(w http.ResponseWriter, r *http.Request, session *identity.Session, d destination, end HandlerFunc) error {
	var view page.LoggedOut
	if h.FrontChannel != nil {
		var err error
		if view.Frames, view.FrameSources, err = h.FrontChannel(r.Context(), session.SID); err != nil {
			return fault.At("login.Logout", err)
		}
	}
	if err := end(w, r); err != nil {
		return fault.At("login.Logout", err)
	}
	h.report(r, Event{Name: LoggedOut, User: session.User, Login: session.Login, SID: session.SID, IDP: session.IDP})
	if len(view.Frames) > 0 {
		return h.loggedOut(w, r, d, view, session.IDP)
	}
	return page.SeeOther(w, h.loggedOutURL(session, d))
}

// loggedOutURL is the address of the page after a logout.
func (h *Handler) loggedOutURL(session *identity.Session, d destination) string {
	link := h.link("/logout", d)
	if session.IDP == identity.Local {
		return link
	}
	sep := "?"
	if strings.Contains(link, "?") {
		sep = "&"
	}
	return link + sep + url.Values{paramIDP: {session.IDP}}.Encode()
}
