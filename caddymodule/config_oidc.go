package caddymodule

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/login"
)

// Provider is what every module in the namespace gatehouse.providers is.
type Provider interface {
	// ProviderName is unique over all providers. It stands in the callback
	// path, in `name@provider`, in `provider/group` and in rules.
	ProviderName() string
	// Federator gives the provider at work. It makes no network call.
	Federator() (login.Federator, error)
	// Provisions tells whether people who are new get an account.
	Provisions() bool
}

// OIDC is an external OpenID Connect provider (OpenID Connect Core). Caddy
// starts also while it is down: discovery happens at the first use.
type OIDC struct {
	// Name tells this provider from others.
	// Example: "work". Default: "oidc".
	Name string `json:"name,omitempty"`

	// Issuer is the provider's issuer, letter by letter as in its discovery
	// document (OpenID Connect Discovery, section 4.3).
	// Example: "https://id.acme.test/realms/acme". Default: none; needed.
	Issuer string `json:"issuer,omitempty"`

	// ClientID is what we are called there.
	// Example: "gatehouse". Default: none; needed.
	ClientID string `json:"client_id,omitempty"`

	// ClientSecret is what the provider gave us. Give it as {file./path} or
	// {env.NAME}; one written here is readable at Caddy's /config.
	// Example: "{file./run/secrets/work}". Default: none, a public client.
	ClientSecret string `json:"client_secret,omitempty"`

	// AuthMethod is how the secret is sent: "client_secret_basic" or
	// "client_secret_post" (OpenID Connect Core, section 9).
	// Default: basic if the provider announces it, or nothing; else post.
	AuthMethod string `json:"auth_method,omitempty"`

	// Title is what the login page calls the provider.
	// Example: "ACME account". Default: the name.
	Title string `json:"title,omitempty"`

	// Scopes are asked for beside openid.
	// Example: ["profile", "email", "groups"]. Default: ["profile", "email"].
	Scopes []string `json:"scopes,omitempty"`

	// UsernameClaim holds the user name of a new account.
	// Default: "preferred_username".
	UsernameClaim string `json:"username_claim,omitempty"`

	// GroupsClaim holds the groups, as a string or a list of strings.
	// Example: "roles". Default: "groups".
	GroupsClaim string `json:"groups_claim,omitempty"`

	// ClaimMap says which of the provider's claims is read for a word of ours:
	// "username", "name", "email", "groups", or a further claim, which is known
	// as {http.auth.user.<word>} then. A name with dots leads into objects.
	// Example: {"email": "mail", "tenant": "tid"}. Default: none.
	ClaimMap map[string]string `json:"claim_map,omitempty"`

	// MapGroup gives groups of the provider a name here. Those not listed
	// arrive as "name/group", so that two providers can't be mixed up (AUZ-02).
	// Example: {"/acme/ops": "admins"}. Default: none.
	MapGroup map[string]string `json:"map_group,omitempty"`

	// TrustEmail believes addresses that the provider calls verified. Rules
	// on addresses look at believed ones only.
	// Default: false.
	TrustEmail bool `json:"trust_email,omitempty"`

	// TrustAMR believes what the provider says about factors (`amr`, `acr`),
	// so that `mfa` rules are met by a second factor checked there.
	// Default: false.
	TrustAMR bool `json:"trust_amr,omitempty"`

	// TenantParameter is the request parameter that tells the provider the
	// tenant which an application asked for (acr_values tenant:x).
	// Example: "domain_hint". Default: none, it is not told.
	TenantParameter string `json:"tenant_parameter,omitempty"`

	// NoProvisioning refuses people who have no account here yet.
	// Default: false, an account is made at the first login.
	NoProvisioning bool `json:"no_provisioning,omitempty"`

	// AllowPrivate lets requests to this provider reach addresses that are
	// not public, and plain http on loopback.
	// Default: false.
	AllowPrivate bool `json:"allow_private,omitempty"`

	secret   Secret
	warnings []string
}

// CaddyModule implements caddy.Module.
func (*OIDC) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "gatehouse.providers.oidc", New: func() caddy.Module { return new(OIDC) }}
}

// Classifies tells whether what the provider says of the class of a login (acr)
// is believed.
func (o *OIDC) Classifies() bool { return o.TrustAMR }

// ProviderName implements [Provider].
func (o *OIDC) ProviderName() string {
	if o.Name == "" {
		return "oidc"
	}
	return o.Name
}
