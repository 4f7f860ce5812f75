package caddymodule

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// Provision implements caddy.Provisioner.
func (m *Matcher) Provision(ctx caddy.Context) error {
	if m.Condition.empty() {
		return nil
	}
	app, _, err := findPlace(ctx)
	if err != nil {
		return err
	}
	r := newResolver()
	m.Condition.check(r, "matcher", app.app)
	if err := r.err(); err != nil {
		return err
	}
	rule, err := m.Condition.rule()
	if err != nil {
		return err
	}
	m.rules, err = guard.NewRules(guard.Policy{Allow: []guard.Rule{rule}})
	return err
}

// MatchWithError implements caddyhttp.RequestMatcherWithError. Only what a
// guard before it found out counts.
func (m *Matcher) MatchWithError(r *http.Request) (bool, error) {
	p, ok := caddyhttp.GetVar(r.Context(), passageKey).(*passage)
	if !ok || p.live == nil {
		return false, nil
	}
	if m.rules == nil {
		return true, nil
	}
	decision := m.rules.Decide(guard.Facts{Session: &p.live.Session, Path: p.path, Now: p.service.now(), ClientIP: clientIP(r)})
	return decision.Verdict == guard.Pass, nil
}

// Authenticate implements caddyauth.Authenticator: yes or no, never a redirect.
// It says what a guard before it found out, and no without one.
func (a *SessionProvider) Authenticate(_ http.ResponseWriter, r *http.Request) (caddyauth.User, bool, error) {
	p, ok := caddyhttp.GetVar(r.Context(), passageKey).(*passage)
	if !ok || p.live == nil || p.foreign {
		return caddyauth.User{}, false, nil
	}
	user := caddyauth.User{ID: string(p.live.User.Subject), Metadata: map[string]string{}}
	for _, name := range []string{"username", "name", "email", "groups", "idp", "amr", "acr", "auth_time", "sid"} {
		user.Metadata[name] = guard.Claim(&p.live.Session, name)
	}
	return user, true, nil
}
