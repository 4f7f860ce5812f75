package login

import (
	"net/http"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/page"
)

// Callback takes the answer of the provider in the path. Without a trip of
// this browser that fits and was not finished yet it does nothing but show a
// page (FED-01, FED-03).
func (h *Handler) Callback(w http.ResponseWriter, r *http.Request) error {
	p, known := (ways{providers: h.Providers}).by(r.PathValue("provider"))
	if !known {
		return fault.New(fault.NotFound, "login.Callback", "")
	}
	t, ok := trip{}, false
	if states := r.URL.Query()["state"]; len(states) == 1 {
		t, ok = h.find(r, states[0])
	}
	if !ok || t.Provider != p.Name() {
		return h.old(w, r, p, "")
	}
	if !t.fresh(h.Now()) {
		h.forget(w, t)
		return h.old(w, r, p, t.Return)
	}
	// The cookie forgets the trip, but a copy of the cookie does not: the mark
	// makes it count once. It outlives the trip.
	err := h.Once.Use(r.Context(), t.State, h.Now().Add(tripLife+2*time.Minute))
	if fault.Is(err, fault.Spent) {
		return h.old(w, r, p, t.Return)
	}
	if err != nil {
		return fault.At("login.Callback", err)
	}
	h.forget(w, t)
	d, err := h.destination(r.Context(), t.Return) // judged again when it is used (RED-01)
	if err != nil {
		return err
	}
	return h.finish(w, r, p, t, d)
}

// finish believes the provider about its own people, finds the account and
// signs in. A provider's login never makes an administrator: the flag is not
// in what it asserts (LGN-12).
func (h *Handler) finish(w http.ResponseWriter, r *http.Request, p Provider, t trip, d destination) error {
	ctx := r.Context()
	if _, offered := h.ways(d.context).by(p.Name()); !offered {
		return page.SeeOther(w, h.link("/login", d)) // the configuration changed meanwhile
	}
	ext, err := p.Finish(ctx, h.callback(p), t.Memo, r)
	if err == nil && ext.Provider != p.Name() {
		err = fault.New(fault.Invalid, "login.Callback", "")
	}
	if err != nil {
		return h.failed(w, r, p, d, err, screen{remember: t.Remember})
	}
	user, err := h.Accounts.Resolve(ctx, ext, p.Provision)
	if fault.Is(err, fault.Denied) {
		h.report(r, Event{Name: LoginFailed, Username: ext.Username, IDP: p.Name(), Client: d.client(), Err: err})
		return h.show(w, r, d, screen{status: http.StatusForbidden, remember: t.Remember, notice: page.About(page.MsgAccountDenied, p.Title())})
	}
	if err != nil {
		return h.failed(w, r, p, d, err, screen{remember: t.Remember})
	}
	login := identity.Login{IDP: p.Name(), AMR: ext.AMR, ACR: ext.ACR, At: ext.AuthTime, IDPSession: ext.Session, Claims: ext.Claims}
	if len(login.AMR) == 0 {
		login.AMR = []string{identity.MethodFederated}
	}
	if now := h.Now(); login.At.IsZero() || login.At.After(now) {
		login.At = now
	}
	return h.signedIn(w, r, user, login, h.Remember && t.Remember, d)
}

// old is for an answer that came late, twice, or in another browser. It says
// so and leads to a new start, which ends where the person wanted to go if
// that is known. Somebody who is signed in goes there at once from there.
func (h *Handler) old(w http.ResponseWriter, r *http.Request, p Provider, back string) error {
	d, err := h.destination(r.Context(), back)
	if err != nil {
		return err
	}
	view := page.ProviderOld(p.Title())
	view.Frame = d.frame()
	view.ContinueURL = h.link("/login", d)
	return h.problem(w, r, view)
}
