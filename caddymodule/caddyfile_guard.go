package caddymodule

import (
	"net/textproto"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// parseGuard reads the site directive. Syntax:
//
//	gatehouse [<matcher>] {
//		allow  <condition>
//		allow  { <condition>… }
//		deny   <condition>
//		deny   { <condition>… }
//		public <path>…
//		headers {
//			<name>  <value>
//			-<name>
//		}
//		origin          <origin>…
//		trusted_origins <origin>…
//	}
//
// A matcher limits what is demanded, never the cleaning: with one, the
// directive is equivalent to
//
//	route {
//		gatehouse @matcher { … }   # the rule
//		gatehouse (baseline)       # clean, answer /.gatehouse/*, attach the identity
//	}
//
// and the baseline is sorted behind every rule of the site.
func parseGuard(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	if !h.Next() {
		return nil, h.ArgErr()
	}
	name := *h.Dispenser
	matcher, err := h.ExtractMatcherSet()
	if err != nil {
		return nil, name.WrapErr(err)
	}
	guard := new(Guard)
	if err := guard.UnmarshalCaddyfile(h.Dispenser); err != nil {
		return nil, err
	}
	routes := h.NewRoute(matcher, guard)
	if matcher != nil {
		routes = append(routes, h.NewRoute(nil, guard.baseline())...)
	}
	return routes, nil
}

// UnmarshalCaddyfile reads the directive without its matcher.
func (g *Guard) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': gatehouse takes a matcher (@name, /path or *) and a block", d.Val())
	}
	return parseBlock(d, "gatehouse", grammar{
		"allow":           {many: true, parse: parseRule(&g.Allow)},
		"deny":            {many: true, parse: parseRule(&g.Deny)},
		"public":          texts(&g.Public, isPublicPath),
		"headers":         {parse: g.parseHeaders},
		"origin":          texts(&g.Origins, isOrigin),
		"trusted_origins": texts(&g.TrustedOrigins, isOrigin),
	})
}

// parseHeaders reads
//
//	headers {
//		<name>  <value>
//		-<name>
//	}
func (g *Guard) parseHeaders(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': headers takes a block", d.Val())
	}
	g.Headers = map[string]string{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := g.parseHeader(d); err != nil {
			return err
		}
	}
	return nil
}

func (g *Guard) parseHeader(d *caddyfile.Dispenser) error {
	name, removed := strings.CutPrefix(d.Val(), "-")
	if removed && !isDefaultHeader(name) {
		return d.Errf("'%s' can't be taken away: it is none of %s", name, defaultHeaderNames())
	}
	var value string
	if !removed {
		if !d.NextArg() {
			return d.Errf("header '%s' needs a value, such as {http.auth.user.username}", name)
		}
		value = d.Val()
	}
	if err := lineEnds(d, name); err != nil {
		return err
	}
	key := textproto.CanonicalMIMEHeaderKey(name)
	if _, given := g.Headers[key]; given {
		return d.Errf("header '%s' is already given", key)
	}
	g.Headers[key] = value
	if _, err := identityHeaders(g.Headers); err != nil {
		return d.WrapErr(err)
	}
	return nil
}

// parsePortal reads the site directive. Syntax:
//
//	gatehouse_portal
//
// It takes no matcher, since the login host serves nothing else.
func parsePortal(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	if !h.Next() {
		return nil, h.ArgErr()
	}
	portal := new(Portal)
	h.Reset()
	if err := portal.UnmarshalCaddyfile(h.Dispenser); err != nil {
		return nil, err
	}
	return h.NewRoute(nil, portal), nil
}

// UnmarshalCaddyfile reads the directive.
func (p *Portal) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive's name
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': gatehouse_portal takes no matcher, the login host serves nothing else", d.Val())
	}
	return parseBlock(d, "gatehouse_portal", grammar{})
}
