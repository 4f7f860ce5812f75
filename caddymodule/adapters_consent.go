package caddymodule

import (
	"net/http"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/page"
)

// consentPages shows what package consent asks, and what was allowed.
type consentPages struct{ *page.Pages }

// Ask implements consent.Pages.
func (p consentPages) Ask(w http.ResponseWriter, r *http.Request, v consent.AskView) error {
	view := page.Consent{
		Frame:     page.Frame{ClientName: v.ClientName, ClientLogo: v.ClientLogo, ClientHost: v.ClientHost, UILocales: v.UILocales},
		Unvouched: v.Unvouched, OnDevice: v.OnDevice, Source: v.Source,
		Action: v.Action, Token: v.Token, User: v.User, SwitchURL: v.SwitchURL,
		Resources: v.Resources, Offline: v.Offline, RememberOffered: v.RememberOffered, Days: v.Days,
	}
	for _, scope := range v.Scopes {
		view.Scopes = append(view.Scopes, page.Scope(scope))
	}
	return p.Write(w, r, http.StatusOK, view)
}

// Grants implements consent.Pages.
func (p consentPages) Grants(w http.ResponseWriter, r *http.Request, v consent.GrantsView) error {
	view := page.Grants{Action: v.Action, User: v.User, Withdrawn: v.Withdrawn, HomeURL: v.HomeURL}
	for _, g := range v.Grants {
		shown := page.Grant{
			Token: g.Token, Title: g.ClientName, Resources: g.Resources,
			Granted: g.Granted, Expires: g.Expires, Used: g.Used, Offline: g.Offline,
		}
		for _, scope := range g.Scopes {
			shown.Scopes = append(shown.Scopes, page.Scope(scope))
		}
		view.Grants = append(view.Grants, shown)
	}
	return p.Write(w, r, http.StatusOK, view)
}
