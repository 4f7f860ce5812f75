package caddymodule

import (
	"net/http"
	"net/url"

	"github.com/gatehouse-auth/gatehouse/guard"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/page"
	"github.com/gatehouse-auth/gatehouse/session"
)

// demandLogin sends a navigation to the login and answers everything else with
// 401 and the address where a login would begin (PRX-04).
func (p *passage) demandLogin(w http.ResponseWriter, r *http.Request, d guard.Decision) error {
	if !guard.Redirectable(r) {
		return p.unauthorized(w)
	}
	if p.service.single && d.Verdict == guard.NeedLogin {
		return page.SeeOther(w, p.service.issuer+"/login?return_url="+url.QueryEscape(p.target))
	}
	return p.start(w, session.Visit{Target: p.target, Force: d.Verdict == guard.NeedFreshLogin})
}

// start sends a browser to the login host as the site's implicit client. All
// that is kept of the visit travels sealed in state; the binder cookie ties
// what comes back to this browser (journey 2).
func (p *passage) start(w http.ResponseWriter, v session.Visit) error {
	if !secret.Valid(p.binder) {
		p.binder = secret.New()
		http.SetCookie(w, p.site.site.Cookie("binder", p.binder, 0))
	}
	v.Origin, v.Binder, v.FirstSeen = p.site.origin, session.HashBinder(p.binder), p.service.now()
	return page.SeeOther(w, p.site.authorize+p.service.rooms.Sessions.SealVisit(v))
}

// unauthorized is the answer for what can't follow a redirect.
func (p *passage) unauthorized(w http.ResponseWriter) error {
	login := p.service.issuer + "/login?return_url=" + url.QueryEscape(p.site.origin+"/")
	w.Header().Set("WWW-Authenticate", `Gatehouse login_url="`+login+`"`)
	return writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "login_required", "login_url": login})
}

// denied notes a refusal in the log (LOG-03).
func (p *passage) denied(r *http.Request, d guard.Decision) {
	var user *identity.User
	sid := ""
	if p.live != nil {
		user, sid = p.live.User, p.live.SID
	}
	p.service.audit.AccessDenied(source(r), user, sid, origin.Host(p.site.origin), d.Reason)
}

// forbid says no to somebody whom another login would not help.
func (p *passage) forbid(w http.ResponseWriter, r *http.Request) error {
	if !guard.Redirectable(r) {
		return writeJSON(w, http.StatusForbidden, map[string]string{"error": "access_denied"})
	}
	if p.live == nil {
		return p.service.show(w, r, page.ProblemFor(http.StatusForbidden))
	}
	view := page.AccessDenied(p.live.User, origin.Host(p.site.origin))
	view.LogoutURL = p.logoutURL()
	return p.service.show(w, r, view)
}
