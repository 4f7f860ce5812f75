package client

import (
	"net/url"
	"slices"
	"strings"
	"time"
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

// checkGrants holds the grant types that need one another.
func (c *Client) checkGrants(wrong func(string, ...any)) {
	if c.OfflineAccess && !c.MayUse(GrantRefresh) {
		wrong("{offline_access}: needs the grant type %s", GrantRefresh)
	}
	if c.MayUse(GrantCredentials) && c.Public {
		wrong("{grant_types} %s: a public client has no credentials", GrantCredentials) // RFC 6749, section 4.4
	}
	if c.MayUse(GrantDevice) && c.RequirePushedRequests {
		wrong("{grant_types} %s: a device pushes no request, and this client must", GrantDevice)
	}
	if c.MayUse(GrantExchange) && c.Public {
		wrong("{grant_types} %s: a public client can't prove that it may act for another", GrantExchange)
	}
	if c.Public && len(c.Audiences) > 0 {
		wrong("{audience}: a public client can't ask about tokens, since it can't prove who it is") // OAU-34
	}
}
