package caddymodule

import (
	"errors"
	"slices"

	"github.com/gatehouse-auth/gatehouse/identity"
)

// empty tells whether a condition says nothing.
func (c Condition) empty() bool {
	return len(c.Users)+len(c.Groups)+len(c.Emails)+len(c.Domains)+len(c.Providers)+len(c.ACR)+len(c.ClientIPs) == 0 &&
		!c.MFA && c.MaxAuthAge == 0
}

// mayDeny refuses conditions under which being better authenticated would shut
// somebody out: whoever writes `deny mfa` means the opposite. Package guard
// holds it as well, but can't name the line.
func (c Condition) mayDeny() error {
	if c.MFA || len(c.ACR) > 0 || c.MaxAuthAge != 0 {
		return errors.New("mfa, acr and max_auth_age are demands: write them in allow")
	}
	return nil
}

// check reads a guard's placeholders, finds everything that is wrong with it
// on its own, and compiles it. app tells which providers there are.
func (g *Guard) check(app *App) error {
	r := newResolver()
	for i := range g.Allow {
		g.Allow[i].check(r, "allow", app)
	}
	for i := range g.Deny {
		g.Deny[i].check(r, "deny", app)
	}
	r.texts("origin", g.Origins)
	checkOrigins(&r.problems, "origin", g.Origins)
	r.texts("trusted_origins", g.TrustedOrigins)
	checkOrigins(&r.problems, "trusted_origins", g.TrustedOrigins)
	if g.Baseline && len(g.Allow)+len(g.Deny)+len(g.Public) > 0 {
		r.add("baseline", "a baseline demands nothing")
	}
	for name, value := range g.Headers {
		if value == "" && !isDefaultHeader(name) {
			r.add("headers", "%q has no value", name)
		}
	}
	g.compile(&r.problems)
	return r.err()
}

// check reads a condition's placeholders and looks at what package guard can't
// know.
func (c *Condition) check(r *resolver, where string, app *App) {
	if c.empty() {
		r.add(where, "a condition is empty")
	}
	for _, line := range c.lines() {
		r.texts(where, line.values)
	}
	for _, name := range c.Providers {
		if known := append(app.providerNames(), identity.Local); !slices.Contains(known, name) {
			r.add(where+": provider", "there is no provider '%s'%s", name, didYouMean(name, known))
		}
	}
}
