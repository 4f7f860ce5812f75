package caddymodule

import (
	"encoding/json"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/endpoints"
)

// parseGlobal reads the global option. Syntax:
//
//	gatehouse {
//		issuer          <origin>
//		previous_issuer <origin>
//		certificate_base <origin>
//		require_pushed_requests
//		require_signed_requests
//		provider <type> [<name>] { … }
//		users [{ … }]
//		client <id> { … }
//		scope <name> [{ … }]
//		resource <address> [{ … }]
//		registration [{ … }]
//		client_id_metadata [<host>…] [{ … }]
//		session  { … }
//		throttle { … }
//		password { … }
//		keys     { … }
//		store    <type> [{ … }]
//		sessions <type> [{ … }]
//		master_key {file./path}
//		allow_private
//		trusted_origins <origin>…
//		check_session [cross_site]
//		create_account <address>
//		disable <endpoint>…
//		pages { … }
//	}
//
// Everything may be left out, the block as well. It yields the JSON of the app
// `gatehouse`, one field per line.
func parseGlobal(d *caddyfile.Dispenser, existing any) (any, error) {
	d.Next() // the option's name
	if existing != nil {
		return nil, d.Err("'gatehouse' is already given: write one block")
	}
	app := new(App)
	if err := app.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	return httpcaddyfile.App{Name: "gatehouse", Value: caddyconfig.JSON(app, nil)}, nil
}

// UnmarshalCaddyfile reads the block of the global option; d stands on the
// option's name.
func (a *App) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': gatehouse takes a block here", d.Val())
	}
	var firstClient caddyfile.Dispenser
	err := parseBlock(d, "gatehouse", grammar{
		"issuer":                  text(&a.Issuer, isOrigin),
		"previous_issuer":         text(&a.PreviousIssuer, isBase),
		"certificate_base":        text(&a.CertificateBase, isOrigin),
		"require_pushed_requests": flag(&a.RequirePushedRequests),
		"require_signed_requests": flag(&a.RequireSignedRequests),
		"provider":                {many: true, parse: a.parseProvider(map[string]bool{})},
		"users":                   {parse: a.parseUsers},
		"client": {many: true, parse: func(d *caddyfile.Dispenser) error {
			if a.Clients == nil {
				firstClient = *d
			}
			return a.parseClient(d)
		}},
		"scope":           {many: true, parse: a.parseScope},
		"resource":        {many: true, parse: a.parseResource},
		"registration":    {parse: a.parseRegistration},
		"session":         {parse: a.parseSession},
		"throttle":        {parse: a.parseThrottle},
		"password":        {parse: a.parsePassword},
		"keys":            {parse: a.parseKeys},
		"store":           guest(&a.StoreRaw, "gatehouse.stores"),
		"sessions":        guest(&a.SessionsRaw, "gatehouse.sessions"),
		"master_key":      {parse: a.parseMasterKey},
		"allow_private":   flag(&a.AllowPrivate),
		"trusted_origins": texts(&a.TrustedOrigins, isOrigin),
		"check_session":   {parse: a.parseCheckSession},
		"create_account":  text(&a.CreateAccount, isCreateAddress),
		"disable":         texts(&a.Disable, oneOf(endpoints.Switchable()...)),
		"pages":           {parse: a.parsePages},

		"client_id_metadata": {parse: a.parseClientIDMetadata},
	})
	if err != nil {
		return err
	}
	if a.Issuer == "" && len(a.Clients) > 0 {
		return firstClient.WrapErr(errClientsNeedIssuer)
	}
	return nil
}

// parseMasterKey reads
//
//	master_key {file./path}
func (a *App) parseMasterKey(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.ArgErr()
	}
	if _, err := placeholderFile(d.Val()); err != nil {
		return d.WrapErr(err)
	}
	a.MasterKey = d.Val()
	return nil
}

// The values of App.CheckSession.
const (
	sameSite  = "same_site"
	crossSite = "cross_site"
)

// parseCheckSession reads
//
//	check_session [cross_site]
func (a *App) parseCheckSession(d *caddyfile.Dispenser) error {
	a.CheckSession = sameSite
	if !d.NextArg() {
		return nil
	}
	if d.Val() != crossSite {
		return d.Errf("unexpected argument '%s': check_session takes %s, or nothing", d.Val(), crossSite)
	}
	a.CheckSession = crossSite
	return nil
}

// guest reads `<word> <type> …` into the JSON of a module.
func guest(to *json.RawMessage, namespace string) entry {
	return entry{parse: func(d *caddyfile.Dispenser) error {
		word := d.Val()
		kind, module, err := parseGuest(d, word, namespace)
		if err != nil {
			return err
		}
		*to = caddyconfig.JSONModuleObject(module, "type", kind, nil)
		return nil
	}}
}

// parseGuest reads the type that follows word and lets its module read the
// rest of the line and the block.
func parseGuest(d *caddyfile.Dispenser, word, namespace string) (string, caddy.Module, error) {
	if !d.NextArg() {
		return "", nil, d.Errf("'%s' needs a type%s", word, didYouMean("", guestNames(namespace)))
	}
	kind := d.Val()
	if !slices.Contains(guestNames(namespace), kind) {
		return "", nil, d.Errf("there is no %s '%s' in this build%s", word, kind, didYouMean(kind, guestNames(namespace)))
	}
	unmarshaler, err := caddyfile.UnmarshalModule(d, namespace+"."+kind)
	if err != nil {
		return "", nil, err
	}
	module, ok := unmarshaler.(caddy.Module)
	if !ok {
		return "", nil, d.Errf("%s.%s is not a module", namespace, kind)
	}
	return kind, module, nil
}

// guestNames lists the modules of a namespace that are in this build.
func guestNames(namespace string) []string {
	var names []string
	for _, info := range caddy.GetModules(namespace) {
		names = append(names, info.ID.Name())
	}
	return names
}

// parsePages reads
//
//	pages {
//		directory <path>
//		product   <name>
//	}
func (a *App) parsePages(d *caddyfile.Dispenser) error {
	a.Pages = new(Pages)
	if d.NextArg() {
		return d.Errf("unexpected argument '%s': pages takes a block", d.Val())
	}
	return parseBlock(d, "pages", grammar{
		"directory": text(&a.Pages.Directory, anything),
		"product":   text(&a.Pages.Product, anything),
	})
}
