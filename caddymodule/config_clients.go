package caddymodule

import "github.com/caddyserver/caddy/v2"

// Client is an OpenID Connect or OAuth 2 client (RFC 6749, section 2).
type Client struct {
	// Name is shown to the person on the login page.
	// Example: "Company wiki". Default: the client_id.
	Name string `json:"name,omitempty"`

	// Logo is the https address of an image shown beside the name.
	// Example: "https://wiki.example.com/logo.svg". Default: none.
	Logo string `json:"logo,omitempty"`

	// Secret authenticates a confidential client (RFC 6749, section 2.3.1):
	// at least 32 random characters (OAU-11). Give it as {file./path} or
	// {env.NAME}; one written here is readable at Caddy's /config.
	// Example: "{file./run/secrets/wiki}". Default: none; needed unless public.
	Secret string `json:"secret,omitempty"`

	// Public is a client that can keep no secret, such as an application on
	// a phone (RFC 6749, section 2.1).
	// Default: false.
	Public bool `json:"public,omitempty"`

	// RedirectURIs are the addresses to which answers may go, compared letter
	// by letter (RFC 9700, section 2.1); only the port of a loopback address
	// may differ (RFC 8252, section 7.3).
	// Example: ["https://wiki.example.com/callback"]. Default: none; needed.
	RedirectURIs []string `json:"redirect_uris,omitempty"`

	// Scopes are what the client may ask for (RFC 6749, section 3.3).
	// Example: ["openid", "email"].
	// Default: ["openid", "profile", "email", "groups"].
	Scopes []string `json:"scopes,omitempty"`

	// Providers are the only external sources of identities that may be used
	// for this client. Example: ["work"]. Default: all.
	Providers []string `json:"providers,omitempty"`

	// NoLocal forbids local accounts for this client.
	// Default: false.
	NoLocal bool `json:"no_local,omitempty"`

	// IDTokenAlg signs this client's ID tokens (OpenID Connect Core, section
	// 15.1): "RS256" or "ES256". Default: "RS256".
	IDTokenAlg string `json:"id_token_alg,omitempty"`

	// InsecurePKCEOptional lifts the duty to use PKCE (RFC 7636) from a
	// confidential client that can't; a nonce is then demanded instead.
	// Warned at load. Default: false.
	InsecurePKCEOptional bool `json:"insecure_pkce_optional,omitempty"`

	// SSOLifetime is the age from which on a login made for somebody else is
	// not good enough for this client, and the person logs in again.
	// Example: "8h". Default: 0, as long as the session lasts.
	SSOLifetime caddy.Duration `json:"sso_lifetime,omitempty"`

	// AllowedOrigins are the origins whose scripts may read answers of the
	// token and userinfo endpoints (CORS, without credentials).
	// Example: ["https://spa.example.com"]. Default: none.
	AllowedOrigins []string `json:"allowed_origins,omitempty"`

	// secret is what Secret resolves to.
	secret Secret
}
