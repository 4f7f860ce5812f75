package caddymodule

import (
	"fmt"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

// parseProvider reads
//
//	provider <type> [<name>] { … }
//
// where the module gatehouse.providers.<type> reads what follows. names are
// those given so far.
func (a *App) parseProvider(names map[string]bool) func(*caddyfile.Dispenser) error {
	return func(d *caddyfile.Dispenser) error { return a.parseOneProvider(d, names) }
}

func (a *App) parseOneProvider(d *caddyfile.Dispenser, names map[string]bool) error {
	begin := *d
	kind, module, err := parseGuest(d, "provider", "gatehouse.providers")
	if err != nil {
		return err
	}
	provider, ok := module.(Provider)
	if !ok {
		return begin.Errf("gatehouse.providers.%s is not a source of identities", kind)
	}
	name := provider.ProviderName()
	if names[name] {
		return begin.Errf("provider '%s' is already given; name the second one: provider %s <name> { … }", name, kind)
	}
	names[name] = true
	a.ProvidersRaw = append(a.ProvidersRaw, caddyconfig.JSONModuleObject(module, "type", kind, nil))
	return nil
}

// UnmarshalCaddyfile reads
//
//	oidc [<name>] {
//		issuer         <address>
//		client_id      <id>
//		client_secret  {file./path}|{env.NAME}
//		auth_method    client_secret_basic|client_secret_post
//		title          <display name>
//		scopes         <scope>…
//		username_claim <claim>
//		groups_claim   <claim>
//		claim_map {
//			<word here> <claim there>
//		}
//		map_group      <group there> <group here>
//		tenant_parameter <parameter>
//		trust_email
//		trust_amr
//		no_provisioning
//		allow_private
//	}
func (o *OIDC) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the type
	begin := *d
	if d.NextArg() {
		if err := isProviderName(d.Val()); err != nil {
			return d.WrapErr(err)
		}
		o.Name = d.Val()
	}
	if d.NextArg() {
		return d.Errf("unexpected argument '%s' after 'provider oidc %s'", d.Val(), o.Name)
	}
	where := "provider " + o.ProviderName()
	if err := parseBlock(d, where, o.grammar()); err != nil {
		return err
	}
	var p problems
	o.checkWhole(where, &p)
	if err := p.err(); err != nil {
		return begin.WrapErr(err)
	}
	return nil
}

func (o *OIDC) grammar() grammar {
	return grammar{
		"issuer":           text(&o.Issuer, isProviderIssuer),
		"client_id":        text(&o.ClientID, isLine),
		"client_secret":    text(&o.ClientSecret, isProviderSecret),
		"auth_method":      text(&o.AuthMethod, isAuthMethod),
		"title":            text(&o.Title, isLine),
		"scopes":           texts(&o.Scopes, isScope),
		"username_claim":   text(&o.UsernameClaim, isLine),
		"groups_claim":     text(&o.GroupsClaim, isLine),
		"claim_map":        {parse: o.parseClaimMap},
		"tenant_parameter": text(&o.TenantParameter, oidc.ValidParameter),
		"map_group":        {many: true, parse: o.parseMapGroup},
		"trust_email":      flag(&o.TrustEmail),
		"trust_amr":        flag(&o.TrustAMR),
		"no_provisioning":  flag(&o.NoProvisioning),
		"allow_private":    flag(&o.AllowPrivate),
	}
}

// parseClaimMap reads a block whose lines begin with words of ours.
func (o *OIDC) parseClaimMap(d *caddyfile.Dispenser) error {
	o.ClaimMap = map[string]string{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word, claim := d.Val(), ""
		if !d.Args(&claim) {
			return d.Errf("'%s' in claim_map needs the name of a claim there", word)
		}
		if err := oidc.ValidSource(word, claim); err != nil {
			return d.WrapErr(err)
		}
		if _, given := o.ClaimMap[word]; given {
			return d.Errf("'%s' is already given in claim_map", word)
		}
		o.ClaimMap[word] = claim
		if err := lineEnds(d, word); err != nil {
			return err
		}
	}
	if len(o.ClaimMap) == 0 {
		return d.Err("'claim_map' needs a block of words here and claims there")
	}
	return nil
}

// isAuthMethod knows the ways to send a secret.
func isAuthMethod(s string) error {
	if s != "client_secret_basic" && s != "client_secret_post" {
		return fmt.Errorf("%q: use client_secret_basic or client_secret_post", s)
	}
	return nil
}

func (o *OIDC) parseMapGroup(d *caddyfile.Dispenser) error {
	var there, here string
	if !d.Args(&there, &here) {
		return d.Err("'map_group' needs two names: the group there and the group here")
	}
	if err := isGroup(here); err != nil {
		return d.WrapErr(err)
	}
	if _, given := o.MapGroup[there]; given {
		return d.Errf("group '%s' is already mapped", there)
	}
	if o.MapGroup == nil {
		o.MapGroup = map[string]string{}
	}
	o.MapGroup[there] = here
	return nil
}

// UnmarshalCaddyfile reads
//
//	sqlite [<path>]
func (s *SQLiteStore) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	return optionalPath(d, &s.Path)
}

// UnmarshalCaddyfile reads
//
//	sqlite [<path>]
func (s *SQLiteSessions) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	return optionalPath(d, &s.Path)
}

// UnmarshalCaddyfile reads
//
//	memory
func (*MemorySessions) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	return lineEnds(d, d.Val())
}

// optionalPath reads a path after the type, or from the block
//
//	{
//		path <path>
//	}
func optionalPath(d *caddyfile.Dispenser, to *string) error {
	d.Next()
	kind := d.Val()
	if d.NextArg() {
		*to = d.Val()
		if err := checked(d, isLine); err != nil {
			return err
		}
		return lineEnds(d, kind)
	}
	return parseBlock(d, kind, grammar{"path": text(to, isLine)})
}
