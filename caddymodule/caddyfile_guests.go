package caddymodule

import (
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
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
//		title          <display name>
//		scopes         <scope>…
//		username_claim <claim>
//		groups_claim   <claim>
//		map_group      <group there> <group here>
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
		"issuer":          text(&o.Issuer, isProviderIssuer),
		"client_id":       text(&o.ClientID, isLine),
		"client_secret":   text(&o.ClientSecret, isProviderSecret),
		"title":           text(&o.Title, isLine),
		"scopes":          texts(&o.Scopes, isScope),
		"username_claim":  text(&o.UsernameClaim, isLine),
		"groups_claim":    text(&o.GroupsClaim, isLine),
		"map_group":       {many: true, parse: o.parseMapGroup},
		"trust_email":     flag(&o.TrustEmail),
		"trust_amr":       flag(&o.TrustAMR),
		"no_provisioning": flag(&o.NoProvisioning),
		"allow_private":   flag(&o.AllowPrivate),
	}
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
