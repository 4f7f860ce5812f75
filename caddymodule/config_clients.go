package caddymodule

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// Client is an OpenID Connect or OAuth 2 client (RFC 6749, section 2).
type Client struct {
	// Name is shown to the person on the login page.
	// Example: "Company wiki". Default: the client_id.
	Name string `json:"name,omitempty"`

	// Logo is the https address of an image shown beside the name.
	// Example: "https://wiki.example.com/logo.svg". Default: none.
	Logo string `json:"logo,omitempty"`

	// FirstParty says that the client belongs to whoever runs this login, so
	// that people need not be asked what it may know (OAU-41).
	// Default: false, it is somebody else's.
	FirstParty bool `json:"first_party,omitempty"`

	// How the client proves who it is.

	// Secret authenticates a confidential client (RFC 6749, section 2.3.1):
	// at least 32 random characters (OAU-11). Give it as {file./path} or
	// {env.NAME}; one written here is readable at Caddy's /config.
	// Example: "{file./run/secrets/wiki}". Default: none; needed unless the
	// client is public or proves itself by keys or certificates.
	Secret string `json:"secret,omitempty"`

	// Public is a client that can keep no secret, such as an application on
	// a phone (RFC 6749, section 2.1).
	// Default: false.
	Public bool `json:"public,omitempty"`

	// AuthMethod is the one way in which the client proves who it is, at every
	// endpoint that asks (RFC 7591, section 2): "client_secret_basic",
	// "client_secret_post", "private_key_jwt", "tls_client_auth" or
	// "self_signed_tls_client_auth".
	// Default: the secret, in the header or in the body; none if public.
	AuthMethod string `json:"auth_method,omitempty"`

	// JWKS is a file with the client's public keys (RFC 7517, section 5), for
	// its assertions, its own certificates and its signed requests. They are
	// no secret, and a file with private keys is refused.
	// Example: "{file./etc/caddy/bank.jwks}". Default: none.
	JWKS string `json:"jwks,omitempty"`

	// JWKSURI is the https address of the client's public keys, fetched when
	// they are needed. Not beside JWKS.
	// Example: "https://bank.example.com/jwks". Default: none.
	JWKSURI string `json:"jwks_uri,omitempty"`

	// AssertionAlg is the one algorithm of the client's assertions (RFC 7523):
	// "PS256", "ES256", "EdDSA", "Ed25519" or "RS256".
	// Default: any of them.
	AssertionAlg string `json:"assertion_alg,omitempty"`

	// TLSSubjectDN is the subject of the client's certificate (RFC 8705,
	// section 2.1.2), as RFC 4514 writes it. tls_client_auth needs exactly one
	// of the five names, and no other method has any.
	// Example: "CN=bank,O=Example,C=DE". Default: none.
	TLSSubjectDN string `json:"tls_subject_dn,omitempty"`

	// TLSSANDNS is a host name in the client's certificate.
	// Example: "bank.example.com". Default: none.
	TLSSANDNS string `json:"tls_san_dns,omitempty"`

	// TLSSANURI is an address in the client's certificate.
	// Example: "spiffe://example.com/bank". Default: none.
	TLSSANURI string `json:"tls_san_uri,omitempty"`

	// TLSSANIP is an IP address in the client's certificate.
	// Example: "10.1.2.3". Default: none.
	TLSSANIP string `json:"tls_san_ip,omitempty"`

	// TLSSANEmail is a mail address in the client's certificate.
	// Example: "bank@example.com". Default: none.
	TLSSANEmail string `json:"tls_san_email,omitempty"`

	// How the client has to ask.

	// Profile is a set of rules that the client is held to, with everything
	// that it demands set: "fapi2", the FAPI 2.0 Security Profile.
	// Default: none.
	Profile string `json:"profile,omitempty"`

	// RequirePushedRequests refuses requests that the client did not push
	// before (RFC 9126, section 6). Default: false.
	RequirePushedRequests bool `json:"require_pushed_requests,omitempty"`

	// RequireSignedRequests refuses requests that the client did not sign with
	// one of its keys (RFC 9101, section 10.5). Default: false.
	RequireSignedRequests bool `json:"require_signed_requests,omitempty"`

	// RequestAlg is the one algorithm of the client's signed requests: "PS256",
	// "ES256", "EdDSA", "Ed25519" or "RS256". Default: any of them.
	RequestAlg string `json:"request_alg,omitempty"`

	// DPoPBoundTokens refuses tokens to the client without a proof of the key
	// that they are bound to (RFC 9449, section 5.2).
	// Default: false, bound if there is a proof.
	DPoPBoundTokens bool `json:"dpop_bound_tokens,omitempty"`

	// CertificateBoundTokens binds tokens to the certificate that the client
	// connects with, and refuses them without one (RFC 8705, section 3.4).
	// Default: false.
	CertificateBoundTokens bool `json:"certificate_bound_tokens,omitempty"`

	// Where the client is.

	// RedirectURIs are the addresses to which answers may go, compared letter
	// by letter (RFC 9700, section 2.1); only the port of a loopback address
	// may differ (RFC 8252, section 7.3).
	// Example: ["https://wiki.example.com/callback"]. Default: none; needed
	// for the grant type authorization_code.
	RedirectURIs []string `json:"redirect_uris,omitempty"`

	// ResponseModes are the ways in which answers go there: "query", "fragment",
	// "form_post". Default: all of them.
	ResponseModes []string `json:"response_modes,omitempty"`

	// PostLogoutRedirectURIs are the addresses to which a person may be sent
	// after signing out at the client's request, compared letter by letter
	// (OpenID Connect RP-Initiated Logout, section 3).
	// Example: ["https://wiki.example.com/"]. Default: none.
	PostLogoutRedirectURIs []string `json:"post_logout_redirect_uris,omitempty"`

	// BackchannelLogoutURI hears from this server when a session ends that the
	// client knows of (OpenID Connect Back-Channel Logout, section 2.2).
	// Example: "https://wiki.example.com/logout". Default: none.
	BackchannelLogoutURI string `json:"backchannel_logout_uri,omitempty"`

	// FrontchannelLogoutURI is shown in a hidden frame when the person signs
	// out (OpenID Connect Front-Channel Logout, section 2). It has the origin
	// of a redirect address.
	// Example: "https://wiki.example.com/logout". Default: none.
	FrontchannelLogoutURI string `json:"frontchannel_logout_uri,omitempty"`

	// AllowedOrigins are the origins whose scripts may read answers of the
	// token and userinfo endpoints (CORS, without credentials).
	// Example: ["https://spa.example.com"]. Default: none.
	AllowedOrigins []string `json:"allowed_origins,omitempty"`

	// What the client gets.

	// Scopes are what the client may ask for (RFC 6749, section 3.3).
	// Example: ["openid", "email"].
	// Default: ["openid", "profile", "email", "groups"].
	Scopes []string `json:"scopes,omitempty"`

	// GrantTypes are what the client may do at the token endpoint (RFC 6749,
	// section 1.3): "authorization_code", "refresh_token",
	// "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"
	// (RFC 8628) and "urn:ietf:params:oauth:grant-type:token-exchange" (RFC 8693).
	// Default: ["authorization_code"], and "refresh_token" with offline_access.
	GrantTypes []string `json:"grant_types,omitempty"`

	// OfflineAccess lets the client ask for the scope of that name (OpenID
	// Connect Core, section 11): refresh tokens that outlive the session.
	// Default: false, refresh tokens end with the session.
	OfflineAccess bool `json:"offline_access,omitempty"`

	// ExtendsSession lets the client keep the person signed in: refreshing, and
	// use of its access tokens at userinfo, introspection and for exchange, puts
	// off the idle limit of the session, never its greatest age. Tokens with
	// offline_access, which outlive the session, don't.
	// Default: false, only what the browser visits counts.
	ExtendsSession bool `json:"extends_session,omitempty"`

	// AccessToken is the form of access tokens: "opaque", which only this
	// server can read, or "jwt" (RFC 9068).
	// Default: "opaque".
	AccessToken string `json:"access_token,omitempty"`

	// AccessTokenLifetime is how long access tokens are good, in whole seconds
	// and at most an hour.
	// Example: "10m". Default: "5m".
	AccessTokenLifetime caddy.Duration `json:"access_token_lifetime,omitempty"`

	// RefreshIdle ends refresh tokens that were not used for so long (OAU-38).
	// Example: "7d". Default: "15d".
	RefreshIdle caddy.Duration `json:"refresh_idle,omitempty"`

	// RefreshMaxAge ends them so long after the person allowed them.
	// Example: "90d". Default: "30d".
	RefreshMaxAge caddy.Duration `json:"refresh_max_age,omitempty"`

	// Resources are the resource servers that the client may ask tokens for
	// (RFC 8707).
	// Example: ["https://api.example.com"]. Default: none.
	Resources []string `json:"resources,omitempty"`

	// Audiences are the resource servers that the client is itself: it may
	// have tokens introspected that are meant for them (OAU-34).
	// Example: ["https://api.example.com"]. Default: none, its own tokens.
	Audiences []string `json:"audiences,omitempty"`

	// UserinfoAlg signs the answers of the userinfo endpoint (OpenID Connect
	// Core, section 5.3.2): "RS256", "ES256", "EdDSA" or "PS256".
	// Default: none, plain JSON.
	UserinfoAlg string `json:"userinfo_alg,omitempty"`

	// IDTokenAlg signs this client's ID tokens (OpenID Connect Core, section
	// 15.1): "RS256", "ES256", "EdDSA" or "PS256". Default: "RS256".
	IDTokenAlg string `json:"id_token_alg,omitempty"`

	// IDTokenClaims puts the claims of the granted scopes into the ID token
	// too, for clients that never ask the userinfo endpoint.
	// Default: false.
	IDTokenClaims bool `json:"id_token_claims,omitempty"`

	// Claims are claims of this client's own, or with a meaning of its own. One
	// that belongs to a scope comes with that scope; any other always comes, in
	// the ID token and from userinfo. Default: none.
	Claims []Claim `json:"claims,omitempty"`

	// AccessTokenClaims are the claims, of those that userinfo gives, that stand
	// in access tokens too if they are JWTs (RFC 9068, section 2.2.2).
	// Example: ["groups"]. Default: none.
	AccessTokenClaims []string `json:"access_token_claims,omitempty"`

	// SubjectType is how the client sees who somebody is: "public", by the
	// account's own subject, or "pairwise", by one that no client of another
	// sector knows (OpenID Connect Core, section 8). Default: "public".
	SubjectType string `json:"subject_type,omitempty"`

	// SectorIdentifier is the host that stands for the clients that shall know
	// people by the same pairwise subjects. Example: "example.com".
	// Default: the host of the redirect addresses, if they share one.
	SectorIdentifier string `json:"sector_identifier,omitempty"`

	// Who may sign in to the client, and what they are asked.

	// Consent is how people are asked what the client may know: "once" for
	// each set of scopes, "always", or "never", for a first party alone.
	// Default: "never" for a first party, else "once".
	Consent string `json:"consent,omitempty"`

	// ConsentMaxAge is how long a consent is remembered, at most two years
	// (OAU-38).
	// Example: "90d". Default: "365d".
	ConsentMaxAge caddy.Duration `json:"consent_max_age,omitempty"`

	// Providers are the only external sources of identities that may be used
	// for this client. Example: ["work"]. Default: all.
	Providers []string `json:"providers,omitempty"`

	// NoLocal forbids local accounts for this client.
	// Default: false.
	NoLocal bool `json:"no_local,omitempty"`

	// SSOLifetime is the age from which on a login made for somebody else is
	// not good enough for this client, and the person logs in again.
	// Example: "8h". Default: 0, as long as the session lasts.
	SSOLifetime caddy.Duration `json:"sso_lifetime,omitempty"`

	// Allow are alternatives: people who meet one of these conditions may use
	// the client, and then nobody else may.
	// Example: [{"group": ["staff"]}]. Default: everybody who can sign in.
	Allow []Condition `json:"allow,omitempty"`

	// Deny are alternatives too: people who meet one of these conditions may
	// not use the client, whatever Allow says.
	// Example: [{"group": ["interns"]}]. Default: none.
	Deny []Condition `json:"deny,omitempty"`

	// InsecurePKCEOptional lifts the duty to use PKCE (RFC 7636) from a
	// confidential client that can't; a nonce is then demanded instead.
	// Warned at load. Default: false.
	InsecurePKCEOptional bool `json:"insecure_pkce_optional,omitempty"`

	// InsecureNonceOptional lifts that demand for a nonce too, for a client
	// that can't send one either: a stolen code can then be used by the thief.
	// Only with InsecurePKCEOptional; warned at load. Default: false.
	InsecureNonceOptional bool `json:"insecure_nonce_optional,omitempty"`

	// secret is what Secret resolves to, keys what JWKS does.
	secret Secret
	keys   jose.Set
}
