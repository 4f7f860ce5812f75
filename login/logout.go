package login

import (
	"net/http"

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
		return h.loggedOut(w, r, d, page.LoggedOut{})
	}
	return h.confirm(w, r, session, d, http.StatusOK)
}

// loggedOut says that nobody is signed in, on the page that view begins.
func (h *Handler) loggedOut(w http.ResponseWriter, r *http.Request, d destination, view page.LoggedOut) error {
	if view.Frame = d.frame(); !d.home {
		view.ContinueURL = d.url
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
	form, err := h.form(w, r)
	if form == nil {
		return err
	}
	d, err := h.destination(r.Context(), returnURL(form))
	if err != nil {
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
		return h.loggedOut(w, r, d, view)
	}
	return page.SeeOther(w, h.link("/logout", d))
}
