package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/claims"
	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// parseClaim reads
//
//	claim <name> [<attribute>]
//	claim <name> value <text>
func parseClaim(to *[]Claim) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error {
		words := d.RemainingArgs()
		for _, word := range words {
			if hasPlaceholder(word) {
				return d.Err("a placeholder can't stand in a claim; {$NAME} is replaced when the file is read")
			}
		}
		c, err := client.ParseClaim(words...)
		if err != nil {
			return d.WrapErr(err)
		}
		for _, known := range *to {
			if known.Name == c.Name {
				return d.Errf("claim '%s' is already given", c.Name)
			}
		}
		*to = append(*to, Claim(c))
		return nil
	}
}

// parseScope reads
//
//	scope <name> [{
//		description <text>
//		claim <name> [<attribute>]
//	}]
func (a *App) parseScope(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Err("'scope' needs a name: scope calendar { … }")
	}
	name, begin := d.Val(), *d
	if _, taken := a.Scopes[name]; taken {
		return d.Errf("scope '%s' is already given", name)
	}
	if d.NextArg() {
		return d.Errf("unexpected argument '%s' after 'scope %s'", d.Val(), name)
	}
	s := new(Scope)
	err := parseBlock(d, "scope "+name, grammar{
		"description": text(&s.Description, isLine),
		"claim":       {many: true, parse: parseClaim(&s.Claims)},
	})
	if err != nil {
		return err
	}
	if _, err := claims.NewBook(claims.Scope{Name: name, Claims: built(s.Claims)}); err != nil {
		return begin.WrapErr(onOneLine(err))
	}
	if a.Scopes == nil {
		a.Scopes = map[string]*Scope{}
	}
	a.Scopes[name] = s
	return nil
}

// parseResource reads
//
//	resource <address> [{
//		name                  <text>
//		access_token          opaque|jwt
//		access_token_lifetime <duration>
//		scopes                <scope>…
//	}]
func (a *App) parseResource(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Err("'resource' needs an address: resource https://api.example.com { … }")
	}
	uri, begin := d.Val(), *d
	if err := isResource(uri); err != nil {
		return d.WrapErr(err)
	}
	if _, taken := a.Resources[uri]; taken {
		return d.Errf("resource '%s' is already given", uri)
	}
	if d.NextArg() {
		return d.Errf("unexpected argument '%s' after 'resource %s'", d.Val(), uri)
	}
	r := new(Resource)
	err := parseBlock(d, "resource "+uri, grammar{
		"name":                  text(&r.Name, isLine),
		"access_token":          text(&r.AccessToken, oneOf(client.Opaque, client.JWT)),
		"access_token_lifetime": duration(&r.AccessTokenLifetime),
		"scopes":                texts(&r.Scopes, isScope),
	})
	if err != nil {
		return err
	}
	if err := r.build().Validate(); err != nil {
		return begin.WrapErr(err)
	}
	if a.Resources == nil {
		a.Resources = map[string]*Resource{}
	}
	a.Resources[uri] = r
	return nil
}
