package client

import (
	"errors"
	"slices"
	"strings"
)

// What a client asks of a person is judged by the same rules wherever it asks.
// The errors' texts are constants, fit for a client to see.
var (
	errScope    = errors.New("a scope is unknown or not allowed for this client")
	errNoScope  = errors.New("scope is missing")
	errNoOpenID = errors.New("profile, email and groups need openid")
	errPlace    = errors.New("a scope belongs to a resource that is not asked for")
	errResource = errors.New("a resource is unknown or not allowed for this client")
)

// Asked reads the parameter scope of a request: the client's scopes alone
// (OAU-15), each once. Scopes about the person make no sense without openid,
// since only the userinfo endpoint and the ID token answer them. offline_access
// "MUST [be] ignore[d]" where no refresh token can be given (OpenID Connect Core,
// section 11), as to a client that may not have it. The error is invalid_scope.
func (c *Client) Asked(scope string) ([]string, error) {
	var scopes []string
	for _, scope := range strings.Fields(scope) {
		switch {
		case slices.Contains(scopes, scope) || scope == ScopeOffline && !c.OfflineAccess:
		case !c.MayAsk(scope):
			return nil, errScope
		default:
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, errNoScope
	}
	personal := func(scope string) bool { return slices.Contains(Scopes(), scope) }
	if !slices.Contains(scopes, ScopeOpenID) && slices.ContainsFunc(scopes, personal) {
		return nil, errNoOpenID
	}
	return scopes, nil
}

// AskedFor reads the parameters resource of a request: resource servers that the
// client may ask tokens for, each once. Our own userinfo endpoint is one for
// everybody and needs no naming: it comes with openid. The error is
// invalid_target.
func (c *Client) AskedFor(resources []string) ([]string, error) {
	var list []string
	for _, uri := range resources {
		switch {
		case uri == "" || slices.Contains(list, uri):
		case !slices.Contains(c.Resources, uri):
			return nil, errResource
		default:
			list = append(list, uri)
		}
	}
	return list, nil
}
