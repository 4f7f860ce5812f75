package oidc

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/egress"
)

// Config is one provider. Name, Issuer and ClientID are required.
type Config struct {
	// Name identifies the provider in rules, in the callback's path and in
	// the account key (Name, subject). It never changes once accounts exist.
	// Lower-case letters, digits, "-" and "_"; not "local". Example: "work".
	Name string `json:"name,omitempty"`

	// Title is what the login page calls it. Default: Name.
	// Example: "Acme staff".
	Title string `json:"title,omitempty"`

	// Issuer is the provider's issuer identifier, byte by byte as in its
	// metadata (OpenID Connect Discovery, section 4.3). https; http only on
	// loopback. Example: "https://id.acme.test/realms/acme".
	Issuer string `json:"issuer,omitempty"`

	// ClientID is how the provider knows Gatehouse.
	ClientID string `json:"client_id,omitempty"`

	// ClientSecret proves it. Empty means a public client, which PKCE alone
	// protects.
	ClientSecret Secret `json:"client_secret,omitempty"`

	// AuthMethod is how the secret is sent: "client_secret_basic" or
	// "client_secret_post" (OpenID Connect Core, section 9). Default: basic
	// where the metadata announces it or nothing, else post.
	AuthMethod string `json:"auth_method,omitempty"`

	// Scopes are asked for. Default: openid, profile, email. "openid" is
	// added if missing.
	Scopes []string `json:"scopes,omitempty"`

	// ClaimMap says which of the provider's claims is read for a word of ours.
	// The words "username", "name", "email" and "groups" have defaults:
	// preferred_username, name, email and groups. Every other word is a further
	// claim, as in "tenant": "tid". A claim's name with dots that is no claim
	// itself leads into objects, as in "realm_access.roles".
	//
	// If the user name is absent or can't be one, the address and then "sub"
	// stand in, and at last a name made of Name and the subject. Groups are a
	// string or a list of strings. Further claims are strings, numbers or
	// booleans; anything else refuses the login.
	ClaimMap map[string]string `json:"claim_map,omitempty"`

	// GroupMap gives provider groups local names: provider's name to ours.
	// Every other group arrives as "<Name>/<group>", so that the groups of two
	// providers can't be confused (AUZ-02); one whose name can't be written in
	// a rule, for a comma in it, is left out unless it is mapped.
	GroupMap map[string]string `json:"group_map,omitempty"`

	// TrustEmail believes the provider's email_verified, which is about the
	// claim email and about no other that ClaimMap may name. Without it every
	// address from here counts as unproved, and rules on addresses don't match
	// it (FED-06). Default: false.
	TrustEmail bool `json:"trust_email,omitempty"`

	// TrustAMR believes the provider's amr and acr, so that a second factor
	// checked there counts here. Default: false.
	TrustAMR bool `json:"trust_amr,omitempty"`

	// TenantParameter is the parameter of the authorization request that tells
	// the provider the tenant which an application asked for (acr_values
	// tenant:x), such as "domain_hint" or "organization". The provider decides
	// what it makes of it. Empty means that it is not told.
	TenantParameter string `json:"tenant_parameter,omitempty"`

	// AllowPrivate permits a provider in a private network or on this machine.
	// Link-local addresses stay closed. Default: false.
	AllowPrivate bool `json:"allow_private,omitempty"`
}

// Limits on what a configuration may hold.
const maxConfigText = 1024

var (
	nameForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	scopeForm = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`) // RFC 6749, section 3.3
	paramForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)
)

// ours are the parameters of an authorization request that this package sets,
// or that would change who answers and how.
var ours = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
	"login_hint", "ui_locales", "prompt", "max_age", "acr_values", "request", "request_uri", "claims", "resource", "id_token_hint",
}

// withDefaults gives a copy with every default filled in.
func (c Config) withDefaults() Config {
	if c.Title == "" {
		c.Title = c.Name
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"profile", "email"}
	}
	if !slices.Contains(c.Scopes, "openid") {
		c.Scopes = append([]string{"openid"}, c.Scopes...)
	}
	c.Scopes = slices.Clone(c.Scopes)
	c.GroupMap = maps.Clone(c.GroupMap)
	c.ClaimMap = sources(c.ClaimMap)
	return c
}

// Validate reports every mistake at once, as fault.Invalid. It asks nobody.
func (c Config) Validate() error {
	var wrong []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	add(!nameForm.MatchString(c.Name), "name %q: use up to 32 lower-case letters, digits, - and _", c.Name)
	add(c.Name == identity.Local, "name %q is taken by local accounts", c.Name)
	if err := egress.CheckURL(c.Issuer, true); err != nil {
		add(true, "issuer %q: %w", c.Issuer, err)
	}
	add(strings.Contains(c.Issuer, "?"), "issuer %q: an issuer has no query", c.Issuer)
	add(strings.HasSuffix(c.Issuer, "/.well-known/openid-configuration"), "issuer %q: leave out /.well-known/openid-configuration", c.Issuer)
	add(c.ClientID == "" || len(c.ClientID) > maxConfigText, "client_id is missing or too long")
	add(len(c.ClientSecret) > maxConfigText, "client_secret is too long")
	add(!slices.Contains([]string{"", basic, post}, c.AuthMethod), "auth_method %q: use %s or %s", c.AuthMethod, basic, post)
	add(c.AuthMethod != "" && c.ClientSecret == "", "auth_method without client_secret")
	for _, scope := range c.Scopes {
		add(!scopeForm.MatchString(scope), "scope %q: not a scope name", scope)
	}
	for from, to := range c.GroupMap {
		add(from == "" || identity.ValidGroup(to) != nil, "group_map %q: not a group name: %q", from, to)
	}
	for word, claim := range c.ClaimMap {
		if err := ValidSource(word, claim); err != nil {
			add(true, "claim_map: %w", err)
		}
	}
	if c.TenantParameter != "" {
		if err := ValidParameter(c.TenantParameter); err != nil {
			add(true, "tenant_parameter: %w", err)
		}
	}
	return fault.Wrap(fault.Invalid, "oidc.Config", errors.Join(wrong...))
}
