package caddymodule

import (
	"maps"
	"slices"

	"github.com/caddyserver/caddy/v2"

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
