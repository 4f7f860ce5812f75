package client

import (
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// RequestAlgs lists the algorithms of signed request objects, the better first.
func RequestAlgs() []string {
	return []string{jose.PS256, jose.ES256, jose.EdDSA, jose.Ed25519, jose.RS256}
}

// RequestAlgs are those that this client's request objects may have: the one it
// registered, or all but, under FAPI 2.0, RS256 (JWT-02).
func (c *Client) RequestAlgs() []string {
	return slices.DeleteFunc(RequestAlgs(), func(alg string) bool {
		return c.StrictAssertions && alg == jose.RS256 || c.RequestObjectAlg != "" && alg != c.RequestObjectAlg
	})
}

// Signs tells whether the client has keys that it could sign requests with.
func (c *Client) Signs() bool { return c.JWKS.Len() > 0 || c.JWKSURI != "" }

// checkRequests holds how the client has to ask.
func (c *Client) checkRequests(wrong func(string, ...any)) {
	if c.RequestObjectAlg != "" && len(c.RequestAlgs()) == 0 {
		wrong("{request_alg} %q: must be one of %s, and not RS256 under FAPI 2.0",
			shown(c.RequestObjectAlg), strings.Join(RequestAlgs(), ", "))
	}
	if (c.RequireSignedRequests || c.RequestObjectAlg != "") && !c.Signs() {
		wrong("{require_signed_requests}: needs the client's public keys, or {jwks_uri}")
	}
	if (c.RequirePushedRequests || c.RequireSignedRequests) && !c.MayUse(GrantCode) {
		wrong("{require_pushed_requests}, {require_signed_requests}: need the grant type %s", GrantCode)
	}
}
