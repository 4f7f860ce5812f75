package client

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// The forms of access tokens, see [Client.AccessToken].
const (
	Opaque = "opaque"
	JWT    = "jwt"
)

const (
	// maxAccessTokenLife: what was handed out and can be used without asking us
	// must end soon.
	maxAccessTokenLife = time.Hour
	// maxResource and maxResources bound what a token can be meant for.
	maxResource  = 512
	maxResources = 32
)

// The signature algorithms of ID tokens. RS256 is what every client must
// understand (OpenID Connect Core, section 15.1).
const (
	RS256 = jose.RS256
	PS256 = jose.PS256
	ES256 = jose.ES256
	EdDSA = jose.EdDSA
)

// Algs lists the algorithms for ID tokens, the default first.
func Algs() []string { return []string{RS256, ES256, EdDSA, PS256} }

// Alg is the algorithm for the client's ID tokens.
func (c *Client) Alg() string {
	if c.IDTokenAlg != "" {
		return c.IDTokenAlg
	}
	return RS256
}

// IsResource tells whether uri can name a resource server: "an absolute URI ...
// [that] MUST NOT include a fragment component" (RFC 8707, section 2), of
// bounded length.
func IsResource(uri string) bool {
	if uri == "" || len(uri) > maxResource || !plain(uri) || strings.Contains(uri, "#") {
		return false
	}
	u, err := url.Parse(uri)
	return err == nil && u.IsAbs()
}

// Serves tells whether the client is one of the resource servers named.
func (c *Client) Serves(audience []string) bool {
	return slices.ContainsFunc(c.Audiences, func(own string) bool { return slices.Contains(audience, own) })
}

// checkTokens holds what is issued to a client.
func (c *Client) checkTokens(wrong func(string, ...any)) {
	if c.AccessToken != "" && c.AccessToken != Opaque && c.AccessToken != JWT {
		wrong("{access_token} %q: must be %s or %s", shown(c.AccessToken), Opaque, JWT)
	}
	if c.AccessTokenLife < 0 || c.AccessTokenLife > maxAccessTokenLife || c.AccessTokenLife%time.Second != 0 {
		wrong("{access_token_lifetime}: must be a number of seconds, at most an hour")
	}
	if c.RefreshIdle < 0 || c.RefreshMaxAge < 0 {
		wrong("{refresh_idle}, {refresh_max_age}: must not be negative")
	}
	if c.UserInfoAlg != "" && !slices.Contains(Algs(), c.UserInfoAlg) {
		wrong("{userinfo_alg} %q: must be one of %s", shown(c.UserInfoAlg), strings.Join(Algs(), ", "))
	}
	c.checkGrants(wrong)
	checkResources(wrong, "resource", c.Resources)
	checkResources(wrong, "audience", c.Audiences)
}

// checkResources holds a list of resource servers.
func checkResources(wrong func(string, ...any), word string, list []string) {
	if len(list) > maxResources {
		wrong("{"+word+"}: at most %d can be named", maxResources)
	}
	for _, uri := range list {
		if !IsResource(uri) {
			wrong("{"+word+"} %q: must be an absolute address without a fragment, of at most %d characters", shown(uri), maxResource)
		}
	}
}
