package client

import (
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// AuthMethod is a way for a client to prove who it is, by its name in the IANA
// registry (RFC 8414, section 2). The zero value leaves it to
// [Client.AuthMethod].
type AuthMethod string

// The methods. client_secret_jwt is not among them: it needs the secret in
// plain text (OAU-11).
const (
	AuthNone          AuthMethod = "none"
	AuthBasic         AuthMethod = "client_secret_basic"
	AuthPost          AuthMethod = "client_secret_post"
	AuthPrivateKey    AuthMethod = "private_key_jwt"             // RFC 7523
	AuthTLS           AuthMethod = "tls_client_auth"             // RFC 8705, section 2.1
	AuthSelfSignedTLS AuthMethod = "self_signed_tls_client_auth" // RFC 8705, section 2.2

	// AuthSecret is ours: the secret, in the header or in the body. Most
	// clients don't say which they will choose, and both prove the same.
	AuthSecret AuthMethod = "client_secret"
)

// AuthMethods lists what discovery announces.
func AuthMethods() []AuthMethod {
	return []AuthMethod{AuthBasic, AuthPost, AuthPrivateKey, AuthTLS, AuthSelfSignedTLS, AuthNone}
}

// AuthMethod is the one method of the client.
func (c *Client) AuthMethod() AuthMethod {
	switch {
	case c.TokenEndpointAuthMethod != "":
		return c.TokenEndpointAuthMethod
	case c.Public:
		return AuthNone
	default:
		return AuthSecret
	}
}

// Accepts tells whether a request that brought its proof by method may be the
// client's.
func (c *Client) Accepts(method AuthMethod) bool {
	registered := c.AuthMethod()
	return method == registered || registered == AuthSecret && method.secret()
}

// NeedsSecret tells whether the client proves itself by a secret.
func (c *Client) NeedsSecret() bool { return c.AuthMethod().secret() }

// secret tells whether the method is one of those with a shared secret.
func (m AuthMethod) secret() bool { return m == AuthBasic || m == AuthPost || m == AuthSecret }

// AssertionAlgs lists the algorithms for client assertions, the better first.
func AssertionAlgs() []string {
	return []string{jose.PS256, jose.ES256, jose.EdDSA, jose.Ed25519, jose.RS256}
}

// AssertionAlgs are those that this client may use: the one it registered, or
// all but, under FAPI 2.0, RS256 (security profile, section 5.4.1; JWT-02).
func (c *Client) AssertionAlgs() []string {
	return slices.DeleteFunc(AssertionAlgs(), func(alg string) bool {
		return c.StrictAssertions && alg == jose.RS256 ||
			c.TokenEndpointAuthSigningAlg != "" && alg != c.TokenEndpointAuthSigningAlg
	})
}

// checkAuth holds the method and the keys it needs.
func (c *Client) checkAuth(wrong func(string, ...any)) {
	method := c.AuthMethod()
	switch {
	case method != AuthSecret && !slices.Contains(AuthMethods(), method):
		wrong("{auth_method} %q: must be one of %s", shown(string(method)), methodNames())
	case (method == AuthNone) != c.Public:
		wrong("{auth_method} %s: a public client has none, and only it", method)
	}
	hasKeys := c.JWKS.Len() > 0 || c.JWKSURI != ""
	if (method == AuthPrivateKey || method == AuthSelfSignedTLS) && !hasKeys {
		wrong("{jwks}: %s needs the client's public keys, or {jwks_uri}", method)
	}
	if c.JWKS.Len() > 0 && c.JWKSURI != "" {
		wrong("{jwks_uri}: must not stand beside {jwks}") // RFC 7591, section 2
	}
	if c.JWKSURI != "" && !IsHTTPS(c.JWKSURI) {
		wrong("{jwks_uri}: must be an https address")
	}
	if c.TokenEndpointAuthSigningAlg != "" && len(c.AssertionAlgs()) == 0 {
		wrong("{assertion_alg} %q: must be one of %s, and not RS256 under FAPI 2.0",
			shown(c.TokenEndpointAuthSigningAlg), strings.Join(AssertionAlgs(), ", "))
	}
}

func methodNames() string {
	var names []string
	for _, m := range AuthMethods() {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}
