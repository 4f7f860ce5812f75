package login

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/page"
)

// HomePage shows who is signed in and where they can go.
func (h *Handler) HomePage(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Sessions.Current(r)
	if err != nil {
		return fault.At("login.HomePage", err)
	}
	if session == nil {
		own := h.base + "/"
		return page.SeeOther(w, h.link("/login", destination{url: own, home: own == h.Home}))
	}
	view := page.Home{
		User: session.User, IDP: session.IDP, AuthTime: session.At,
		LogoutURL: h.base + "/logout", Token: h.token(w, r, forLogout(session.SID)),
		GrantsURL: h.GrantsURL, DeviceURL: h.DeviceURL,
	}
	if h.Applications != nil {
		view.Applications = h.Applications(session)
	}
	return h.Pages.Write(w, r, http.StatusOK, view)
}
