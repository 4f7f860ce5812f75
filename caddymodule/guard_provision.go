package caddymodule

import (
	"slices"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// prepared is what Provision made of a Guard's fields.
type prepared struct {
	app          *App
	hosts        *guard.Hosts
	cleaner      *guard.Cleaner
	headers      *guard.Headers
	rules        *guard.Rules
	trusted      []string
	pathDecides  bool // a path decides something at this site
	needsAddress bool // a rule looks at the client's address
	branded      bool // the operator's error routes show refusals
}

// Provision implements caddy.Provisioner.
func (g *Guard) Provision(ctx caddy.Context) error {
	p, err := g.prepare(ctx)
	if err != nil {
		return err
	}
	g.app, g.hosts = p.app, guard.NewHosts(p.origins)
	p.app.running.survey = p.survey
	g.trusted = append(slices.Clone(p.app.TrustedOrigins), g.TrustedOrigins...)
	if g.Baseline { // it demands nothing of its own: whoever one of the site's rules trusts is judged by that rule
		g.trusted = append(g.trusted, p.trusted...)
	}
	g.pathDecides, g.branded = p.pathDecides, p.branded
	return nil
}

// compile turns the fields into what package guard works with, which checks
// them. Placeholders must have been read.
func (g *Guard) compile(p *problems) {
	var err error
	if g.headers, err = identityHeaders(g.Headers); err == nil {
		g.cleaner = guard.NewCleaner(guard.Own{Headers: cleanedHeaders(g.headers), CookiePrefixes: cookiePrefixes()})
	}
	p.check("headers", err)
	policy := guard.Policy{Public: g.Public}
	policy.Allow, err = rules(g.Allow)
	p.check("allow", err)
	policy.Deny, err = rules(g.Deny)
	p.check("deny", err)
	g.needsAddress = slices.ContainsFunc(slices.Concat(g.Allow, g.Deny), func(c Condition) bool { return len(c.ClientIPs) > 0 })
	g.rules, err = guard.NewRules(policy)
	p.check("", err)
}
