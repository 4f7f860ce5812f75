package login

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/page"
)

// paramSetup is the parameter of the setup link.
const paramSetup = "token"

// Setup makes the first account with the one-time link of the command. Looking
// at the link consumes nothing (REC-03). Who made the account is signed in at
// once: the link proved the right to it, and the password was chosen a moment
// ago in the same form.
func (h *Handler) Setup(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodPost {
		return h.setUp(w, r)
	}
	token := r.URL.Query().Get(paramSetup)
	if closed, err := h.setupClosed(w, r, token); closed || err != nil {
		return err
	}
	return h.setupPage(w, r, http.StatusOK, page.Setup{SetupToken: token})
}

// nobodyYet tells whether the one way in is a password and nobody has one yet:
// then the login page says how to begin, and to an outsider no more than that
// the place is new. A store that can't tell is no reason to say so.
func (h *Handler) nobodyYet(r *http.Request, in ways) bool {
	if !in.local || len(h.Providers) > 0 || h.lived.Load() {
		return false
	}
	empty, err := h.Accounts.NeedsSetup(r.Context())
	if err == nil && !empty {
		h.lived.Store(true)
	}
	return err == nil && empty
}

func (h *Handler) setupPage(w http.ResponseWriter, r *http.Request, status int, v page.Setup) error {
	v.Token, v.MinPassword = h.token(w, r, forSetup), h.MinPassword
	return h.Pages.Write(w, r, status, v)
}

// setupClosed shows why a token is worth nothing, if it is.
func (h *Handler) setupClosed(w http.ResponseWriter, r *http.Request, token string) (bool, error) {
	err := fault.New(fault.NotFound, "login.Setup", "")
	if secret.Valid(token) {
		err = h.Accounts.SetupOpen(r.Context(), token)
	}
	switch {
	case err == nil:
		return false, nil
	case fault.Is(err, fault.Spent):
		view := page.SetupClosed()
		view.ContinueURL = h.base + "/login"
		return true, h.problem(w, r, view)
	case fault.Is(err, fault.NotFound):
		return true, h.problem(w, r, page.SetupExpired())
	}
	return true, fault.At("login.Setup", err)
}

func (h *Handler) setUp(w http.ResponseWriter, r *http.Request) error {
	form, err := h.form(w, r)
	if form == nil {
		return err
	}
	token := form.Get(page.FieldSetupToken)
	if closed, err := h.setupClosed(w, r, token); closed || err != nil {
		return err
	}
	view := page.Setup{SetupToken: token, Username: form.Get(page.FieldUsername), Name: form.Get(page.FieldName), Email: form.Get(page.FieldEmail)}
	if !h.genuine(r, form.Get(page.FieldToken), forSetup) {
		view.Error = page.Say(page.MsgSetupExpired)
		return h.setupPage(w, r, http.StatusBadRequest, view)
	}
	if view.Errors = h.mistakes(form); view.Errors != (page.SetupErrors{}) {
		return h.setupPage(w, r, http.StatusUnprocessableEntity, view)
	}
	user, err := h.Accounts.Setup(r.Context(), token, NewAccount{view.Username, view.Name, view.Email, form.Get(page.FieldPassword)})
	switch {
	case fault.Is(err, fault.Spent), fault.Is(err, fault.NotFound): // somebody was quicker
		_, err := h.setupClosed(w, r, token)
		return err
	case fault.Is(err, fault.Exists):
		view.Errors.Username = page.Say(page.MsgUsernameTaken)
		return h.setupPage(w, r, http.StatusUnprocessableEntity, view)
	case fault.Is(err, fault.Invalid) && fault.Public(err) != "":
		view.Error = page.Said(fault.Public(err))
		return h.setupPage(w, r, http.StatusUnprocessableEntity, view)
	case err != nil:
		return fault.At("login.Setup", err)
	}
	h.report(r, Event{Name: SetupDone, User: user, IDP: identity.Local})
	login := identity.Login{IDP: identity.Local, AMR: []string{identity.MethodPassword}, At: h.Now()}
	return h.signedIn(w, r, user, login, false, destination{url: h.base + "/", home: true})
}

// mistakes finds what can be told in the person's language. The account has
// the last word.
func (h *Handler) mistakes(form url.Values) page.SetupErrors {
	var wrong page.SetupErrors
	switch _, err := identity.Canonical(form.Get(page.FieldUsername)); {
	case form.Get(page.FieldUsername) == "":
		wrong.Username = page.Say(page.MsgUsernameMissing)
	case err != nil:
		wrong.Username = page.Say(page.MsgUsernameInvalid)
	}
	if email := form.Get(page.FieldEmail); email != "" {
		if _, err := identity.ValidEmail(email); err != nil {
			wrong.Email = page.Say(page.MsgEmailInvalid)
		}
	}
	password, least := form.Get(page.FieldPassword), page.Setup{MinPassword: h.MinPassword}.Min()
	switch {
	case password == "":
		wrong.Password = page.Say(page.MsgPasswordMissing)
	case utf8.RuneCountInString(password) < least:
		wrong.Password = page.Counted(page.MsgPasswordShort, least)
	case !secret.Equal(password, form.Get(page.FieldPasswordConfirm)):
		wrong.Confirm = page.Say(page.MsgPasswordMismatch)
	}
	return wrong
}
