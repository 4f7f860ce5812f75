// Package client describes the applications that may ask this provider who
// somebody is.
//
// It owns what a client may do, the form of its redirect addresses, the
// comparison of its secrets and the name its certificate must bear. It does not
// own where clients come from (package registry) nor what is granted to them.
package client

import (
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// Client is one application. The zero value of every field is the strict
// choice. A Client must not be changed once it is in use.
type Client struct {
	// ID is the client_id: 1 to 100 printable ASCII characters without space
	// and without "://", which is kept for guarded sites; or, where Dynamic, an
	// address as [IsDocument] wants it. Required.
	ID string

	// Dynamic says that the client came by itself: it registered itself (RFC
	// 7591), or its id is the address of a document about it. Nobody here vouches
	// for it, so it is never a first party, and less may be said of it: see
	// [Client.Validate]. Default: no, whoever runs this provider knows it.
	Dynamic bool

	// Settled are the settings, by the words of a client block, that an
	// administrator decided about a client which registered itself: it can't
	// change them any more. Default: none.
	Settled []string

	// Name is shown to people on the login page. Default: ID.
	Name string

	// LogoURI is the https address of a picture shown beside the name.
	// Default: none.
	LogoURI string

	// Secrets are the hashed secrets of a confidential client; any of them is
	// accepted, so that they can be exchanged one at a time. Required unless
	// the client is Public or proves itself by keys or certificates.
	Secrets []Secret

	// Public says that the client can't keep a secret: an app on a device or
	// in a browser (RFC 6749, section 2.1). Default: confidential.
	Public bool

	// TokenEndpointAuthMethod is how the client proves who it is, at every
	// endpoint that asks (RFC 7591, section 2). Default: none for a public
	// client, [AuthSecret] for any other.
	TokenEndpointAuthMethod AuthMethod

	// JWKS are the client's public keys: for its assertions, its own
	// certificates and its signed requests. Default: none. Not both with
	// JWKSURI.
	JWKS jose.Set

	// JWKSURI is the https address of the client's public keys, fetched when
	// they are needed. Default: none.
	JWKSURI string

	// TokenEndpointAuthSigningAlg is the one algorithm of the client's
	// assertions. Default: any of [AssertionAlgs].
	TokenEndpointAuthSigningAlg string

	// StrictAssertions holds what the client signs to FAPI 2.0: the audience is
	// the issuer alone, assertions live for five minutes at most, and RS256 is
	// refused. Default: no.
	StrictAssertions bool

	// Profile is a set of rules that the client is held to: [ProfileFAPI2], for
	// which see [Client.ApplyProfile]. Default: none.
	Profile string

	// RequirePushedRequests refuses requests of the client that it did not push
	// before (RFC 9126, section 6). Default: no.
	RequirePushedRequests bool

	// RequireSignedRequests refuses requests of the client that it did not sign
	// (RFC 9101, section 10.5). Default: no.
	RequireSignedRequests bool

	// RequestObjectAlg is the one algorithm of the client's signed requests.
	// Default: any of [RequestAlgs].
	RequestObjectAlg string

	// DPoPBoundTokens refuses requests for tokens without a proof of a key (RFC
	// 9449, section 5.2). Default: no, who sends a proof gets bound tokens.
	DPoPBoundTokens bool

	// CertificateBoundTokens binds tokens to the certificate that the client
	// connects with, and refuses requests without one (RFC 8705, section 3.4).
	// Default: no.
	CertificateBoundTokens bool

	// The name that the certificate of a client with [AuthTLS] bears (RFC
	// 8705, section 2.1.2): exactly one is required there, and none
	// elsewhere. TLSSubjectDN is a distinguished name as in RFC 4514; the
	// others are each one entry of the subject alternative names.
	TLSSubjectDN string
	TLSSANDNS    string
	TLSSANURI    string
	TLSSANIP     string
	TLSSANEmail  string

	// RedirectURIs are where answers may be sent, compared letter by letter
	// (RFC 9700, section 2.1). Only a public client's http://127.0.0.1/… and
	// http://[::1]/… match with any port (RFC 8252, section 7.3). Required
	// for authorization_code.
	RedirectURIs []string

	// ResponseModes are the ways in which answers go to the client, of [Modes].
	// Default: all of them.
	ResponseModes []string

	// PostLogoutRedirectURIs are where a person may be sent after signing out
	// at this client's request, compared letter by letter (OpenID Connect
	// RP-Initiated Logout, section 3; RED-03). Default: none, the person stays
	// here.
	PostLogoutRedirectURIs []string

	// BackchannelLogoutURI is told by the server itself when a session ends
	// that the client knows of (OpenID Connect Back-Channel Logout, section
	// 2.2). https, or http at this computer. Default: none.
	BackchannelLogoutURI string

	// BackchannelLogoutSessionRequired says that the client needs the sid to
	// tell sessions apart. It is always sent, so this is only repeated to who
	// registered it.
	BackchannelLogoutSessionRequired bool

	// FrontchannelLogoutURI is shown in a hidden frame when the person signs
	// out (OpenID Connect Front-Channel Logout, section 2). It must have the
	// origin of a redirect address. Default: none.
	FrontchannelLogoutURI string

	// FrontchannelLogoutSessionRequired says that the client needs iss and sid
	// in that address. They are always sent, so this too is only repeated.
	FrontchannelLogoutSessionRequired bool

	// Scopes are what the client may ask for. Default: openid, profile,
	// email, groups.
	Scopes []string

	// GrantTypes are what the client may do at the token endpoint, of
	// [GrantTypes]. Default: authorization_code, and refresh_token with
	// OfflineAccess.
	GrantTypes []string

	// OfflineAccess lets the client ask for offline_access: refresh tokens
	// that outlive the person's session. Default: no; refresh tokens end with
	// the session.
	OfflineAccess bool

	// ExtendsSession says that who uses the client is at work: refreshing, and
	// use of its access tokens at our endpoints, puts off the idle limit of the
	// person's session, never its greatest age. Tokens that outlive the session
	// don't. Default: no; the session counts its browser alone.
	ExtendsSession bool

	// AccessToken is the form of the client's access tokens: opaque, a value
	// that only we can read, or jwt (RFC 9068). Default: opaque.
	AccessToken string

	// AccessTokenLife is how long access tokens live, at most an hour.
	// Default: 0, five minutes.
	AccessTokenLife time.Duration

	// RefreshIdle and RefreshMaxAge end refresh tokens: since their last use,
	// and since the person allowed them (OAU-38). Default: 0, 15 and 30 days.
	RefreshIdle, RefreshMaxAge time.Duration

	// FirstParty says that the client belongs to whoever runs this provider, so
	// that people need not be asked what it may know (OAU-41). Default: no, it
	// is somebody else's.
	FirstParty bool

	// Consent is how people are asked what the client may know: once for each
	// set of scopes, after which it is remembered; always, which remembers
	// nothing; or never, for FirstParty alone. Default: never for FirstParty,
	// else once.
	Consent string

	// ConsentMaxAge is how long a consent is remembered, at most two years
	// (OAU-38). Default: 0, one year.
	ConsentMaxAge time.Duration

	// Resources are the resource servers that the client may ask tokens for
	// (RFC 8707): absolute addresses without a fragment. Default: none but
	// our own userinfo endpoint.
	Resources []string

	// Audiences are the resource servers that the client is itself: tokens
	// meant for one of them it may have introspected (OAU-34), whoever they
	// were issued to. Default: none; a client may ask about its own tokens.
	Audiences []string

	// UserInfoAlg signs the answers of the userinfo endpoint: one of [Algs].
	// Default: plain JSON.
	UserInfoAlg string

	// Providers are the external identity providers whose logins the client
	// accepts, by name. Default: all.
	Providers []string

	// Local says whether logins with an account of this provider's own are
	// accepted. Default (nil): yes.
	Local *bool

	// Allow are alternatives: people for whom one of them holds may use the
	// client. Default: none, everybody who can sign in may.
	Allow []Rule

	// Deny are alternatives as well, and win: people for whom one of them holds
	// may not use the client. Default: none.
	Deny []Rule

	// UserSSOLifetime is the greatest age of a login the client accepts,
	// measured from the moment the person proved who they are. Default: 0, no
	// limit but the session's.
	UserSSOLifetime time.Duration

	// IDTokenAlg signs this client's ID tokens, access tokens and answers of
	// introspection: one of [Algs]. Default: RS256.
	IDTokenAlg string

	// IDTokenClaims puts the claims of the granted scopes into the ID token
	// too, for clients that never ask the userinfo endpoint. Default: no.
	IDTokenClaims bool

	// Claims are claims of this client's own, or with a meaning of its own. One
	// that belongs to a scope comes with that scope; any other always comes, in
	// the ID token and from userinfo. Default: none.
	Claims []Claim

	// AccessTokenClaims are the claims, of those that the client learns from
	// userinfo, that stand in its access tokens too if they are JWTs (RFC 9068,
	// section 2.2.2), for the resource servers. Default: none.
	AccessTokenClaims []string

	// SubjectType is how the client sees who somebody is: public, by the
	// account's own subject as every such client does, or pairwise, by one that
	// no client of another sector knows (OpenID Connect Core, section 8).
	// Default: public.
	SubjectType string

	// SectorIdentifier is the host that stands for the clients that shall know
	// people by the same pairwise subjects. Default: the host of the redirect
	// addresses, if they share one.
	SectorIdentifier string

	// InsecurePKCEOptional lets a confidential client leave PKCE out; a
	// request without it must carry a nonce then. Default: no. It is an error
	// in a public client.
	InsecurePKCEOptional bool

	// InsecureNonceOptional lifts that demand for a nonce too, so that nothing
	// ties an answer to the browser that asked. Default: no. It is an error
	// without InsecurePKCEOptional.
	InsecureNonceOptional bool

	// AllowedOrigins are the origins of browser scripts that may call the
	// token and userinfo endpoints (CORS), as scheme://host[:port]. Default:
	// none.
	AllowedOrigins []string
}

// DisplayName is what people see.
func (c *Client) DisplayName() string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID
}

// TakesLocal tells whether logins with local accounts are accepted.
func (c *Client) TakesLocal() bool { return c.Local == nil || *c.Local }

// Takes tells whether a login through the identity provider idp is accepted.
func (c *Client) Takes(idp string) bool {
	if idp == identity.Local {
		return c.TakesLocal()
	}
	return len(c.Providers) == 0 || slices.Contains(c.Providers, idp)
}
