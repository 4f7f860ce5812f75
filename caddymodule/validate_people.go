package caddymodule

import (
	"maps"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

// checkUsers brings every name into its canonical form and reads hashes that
// are kept in files.
func (a *App) checkUsers(r *resolver) {
	if a.Users == nil || len(a.Users.Accounts) == 0 {
		return
	}
	canonical := map[string]*Account{}
	for _, name := range slices.Sorted(maps.Keys(a.Users.Accounts)) {
		where, account := "user "+name, a.Users.Accounts[name]
		canon, err := identity.Canonical(name)
		r.check(where, err)
		if account == nil {
			r.add(where, "password_hash is missing; %s", howToHash)
			continue
		}
		if canonical[canon] != nil {
			r.add(where, "another spelling of this name is already given")
		}
		canonical[canon] = account
		account.check(r, where)
	}
	a.Users.Accounts = canonical
}

func (a *Account) check(r *resolver, where string) {
	r.text(where+": name", &a.Name)
	r.text(where+": email", &a.Email)
	if secret, _ := r.secret(where+": password_hash", a.PasswordHash); secret.Reveal() != "" || a.PasswordHash == "" {
		r.check(where+": password_hash", isPasswordHash(secret.Reveal()))
		a.PasswordHash = secret.Reveal()
	}
	if a.Name != "" {
		r.check(where+": name", isLine(a.Name))
	}
	if a.Email != "" {
		r.check(where+": email", isEmail(a.Email))
	}
	for _, group := range a.Groups {
		r.check(where+": group", isGroup(group))
	}
}

// checkWhole looks at what a client's fields mean together, before secrets are
// read.
func (c *Client) checkWhole(where string, p *problems) {
	switch {
	case c.Public && c.Secret != "":
		p.add(where, "a public client has no secret")
	case !c.Public && c.Secret == "":
		p.add(where, "secret is missing; say public if the client can't keep one")
	case c.Public && c.InsecurePKCEOptional:
		p.add(where, "insecure_pkce_optional: a public client has no other proof than PKCE") // OAU-05
	}
	if len(c.RedirectURIs) == 0 {
		p.add(where, "redirect_uri is missing")
	}
	if !c.Public {
		for _, uri := range c.RedirectURIs {
			if !hasPlaceholder(uri) && isRedirectURI(uri) == nil {
				p.check(where, (&client.Client{ID: "x", Secrets: []client.Secret{anySecret()}, RedirectURIs: []string{uri}}).Validate())
			}
		}
	}
}

// anySecret stands in for a secret that is not known yet.
func anySecret() client.Secret {
	s, err := client.NewSecret("0123456789abcdef0123456789abcdef")
	if err != nil {
		panic(err) // the text above is long enough
	}
	return s
}

func (a *App) checkClient(r *resolver, id string, c *Client) {
	where := "client " + id
	if c == nil {
		r.add(where, "is empty")
		return
	}
	r.text(where+": name", &c.Name)
	r.text(where+": logo", &c.Logo)
	r.texts(where+": redirect_uri", c.RedirectURIs)
	r.texts(where+": allowed_origin", c.AllowedOrigins)
	checkOrigins(&r.problems, where+": allowed_origin", c.AllowedOrigins)
	secret, literal := r.secret(where+": secret", c.Secret)
	if secret.Reveal() != "" {
		r.check(where+": secret", isClientSecret(secret.Reveal()))
	}
	c.secret = secret
	before := len(r.list)
	c.checkWhole(where, &r.problems)
	if before == len(r.list) && (c.Public || isClientSecret(secret.Reveal()) == nil) {
		_, err := c.Build(id)
		r.check(where, err)
	}
	a.checkReach(r, where, c)
	a.warnClient(where, c, literal)
}

// checkReach makes sure that somebody can sign in to the client.
func (a *App) checkReach(r *resolver, where string, c *Client) {
	known := a.providerNames()
	for _, name := range c.Providers {
		if !slices.Contains(known, name) {
			r.add(where+": providers", "there is no provider '%s'%s", name, didYouMean(name, known))
		}
	}
	if c.NoLocal && len(known) == 0 {
		r.add(where+": no_local", "without a provider nobody could sign in")
	}
	if c.SSOLifetime < 0 || c.SSOLifetime > longest {
		r.add(where+": sso_lifetime", "%s is out of range", time.Duration(c.SSOLifetime))
	}
}

func (a *App) warnClient(where string, c *Client, literal bool) {
	if literal {
		a.warn("%s: secret stands in the configuration and can be read at Caddy's /config; write {file./path} or {env.NAME}", where)
	}
	if c.InsecurePKCEOptional {
		a.warn("%s: insecure_pkce_optional lets this client leave PKCE out (RFC 9700, section 2.1.1)", where)
	}
}

// Build gives the client as package authorize knows it.
func (c *Client) Build(id string) (*client.Client, error) {
	local := !c.NoLocal
	built := &client.Client{
		ID: id, Name: c.Name, LogoURI: c.Logo, Public: c.Public, RedirectURIs: c.RedirectURIs, Scopes: c.Scopes,
		Providers: c.Providers, Local: &local, UserSSOLifetime: time.Duration(c.SSOLifetime), IDTokenAlg: c.IDTokenAlg,
		InsecurePKCEOptional: c.InsecurePKCEOptional, AllowedOrigins: c.AllowedOrigins,
		FirstParty: true, // until a client block can say whose it is, and the page that asks is served
	}
	if !c.Public {
		secret, err := client.NewSecret(c.secret.Reveal())
		if err != nil {
			return nil, err
		}
		built.Secrets = []client.Secret{secret}
	}
	return built, built.Validate()
}

// checkClaims looks at what is read from the provider and told to it.
func (o *OIDC) checkClaims(r *resolver, where string) {
	for _, word := range slices.Sorted(maps.Keys(o.ClaimMap)) {
		r.check(where+": claim_map", oidc.ValidSource(word, o.ClaimMap[word]))
	}
	if o.TenantParameter != "" {
		r.check(where+": tenant_parameter", oidc.ValidParameter(o.TenantParameter))
	}
	if o.AuthMethod != "" {
		r.check(where+": auth_method", isAuthMethod(o.AuthMethod))
	}
}

// checkWhole looks at what must be there, before secrets are read.
func (o *OIDC) checkWhole(where string, p *problems) {
	if o.Issuer == "" {
		p.add(where, "issuer is missing")
	}
	if o.ClientID == "" {
		p.add(where, "client_id is missing")
	}
	if o.AuthMethod != "" && o.ClientSecret == "" {
		p.add(where, "auth_method says how a client_secret is sent, and there is none")
	}
	if o.UsernameClaim != "" && o.ClaimMap["username"] != "" {
		p.add(where, "username_claim and claim_map both name the claim of the user name")
	}
	if o.GroupsClaim != "" && o.ClaimMap["groups"] != "" {
		p.add(where, "groups_claim and claim_map both name the claim of the groups")
	}
}

// Provision reads placeholders and checks. It makes no network call: discovery
// happens at the first use.
func (o *OIDC) Provision(caddy.Context) error {
	r, where := newResolver(), "provider "+o.ProviderName()
	o.Name = o.ProviderName()
	r.check(where, isProviderName(o.Name))
	r.text(where+": issuer", &o.Issuer)
	r.text(where+": client_id", &o.ClientID)
	r.text(where+": title", &o.Title)
	fallback(&o.Title, o.Name)
	if o.Scopes == nil {
		o.Scopes = []string{"profile", "email"}
	}
	o.checkWhole(where, &r.problems)
	if o.Issuer != "" {
		r.check(where+": issuer", isProviderIssuer(o.Issuer))
	}
	o.checkSecret(r, where)
	o.checkClaims(r, where)
	for there, here := range o.MapGroup {
		if err := isGroup(here); err != nil {
			r.add(where+": map_group "+there, "%v", err)
		}
	}
	return r.err()
}

func (o *OIDC) checkSecret(r *resolver, where string) {
	secret, literal := r.secret(where+": client_secret", o.ClientSecret)
	if secret.Reveal() != "" {
		r.check(where+": client_secret", isProviderSecret(secret.Reveal()))
	}
	if literal {
		o.warnings = append(o.warnings, where+": client_secret stands in the configuration and can be read at Caddy's /config; write {file./path} or {env.NAME}")
	}
	o.secret = secret
}
