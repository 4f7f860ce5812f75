package client

import "slices"

// The scopes that are understood. Each of them but openid stands for a group
// of claims at the userinfo endpoint (OpenID Connect Core, section 5.4).
const (
	ScopeOpenID  = "openid"
	ScopeProfile = "profile"
	ScopeEmail   = "email"
	ScopeGroups  = "groups" // ours: the names of the groups somebody is in
)

// ScopeOffline asks for an authorization that outlives the session (OpenID
// Connect Core, section 11).
const ScopeOffline = "offline_access"

// Scopes lists the scopes that are understood, all of them about a person.
func Scopes() []string { return []string{ScopeOpenID, ScopeProfile, ScopeEmail, ScopeGroups} }

// MayAsk tells whether the client may ask for scope (OAU-15).
func (c *Client) MayAsk(scope string) bool {
	if scope == ScopeOffline {
		return c.OfflineAccess
	}
	if c.Scopes == nil {
		return slices.Contains(Scopes(), scope)
	}
	return slices.Contains(c.Scopes, scope)
}

// IsScope tells whether text can name a scope: scope-token of RFC 6749, section
// 3.3, of bounded length.
func IsScope(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"' || text[i] == '\\' {
			return false
		}
	}
	return text != "" && len(text) <= 100
}
