package client

import "slices"

// The grant types (RFC 6749, sections 4.1, 4.4 and 6; RFC 8693, section 2.1;
// RFC 8628, section 3.4).
const (
	GrantCode        = "authorization_code"
	GrantCredentials = "client_credentials"
	GrantRefresh     = "refresh_token"
	GrantExchange    = "urn:ietf:params:oauth:grant-type:token-exchange"
	GrantDevice      = "urn:ietf:params:oauth:grant-type:device_code"
)

// GrantTypes lists the grant types that are offered.
func GrantTypes() []string {
	return []string{GrantCode, GrantRefresh, GrantCredentials, GrantExchange, GrantDevice}
}

// MayUse tells whether the client may use a grant type (OAU-13).
func (c *Client) MayUse(grantType string) bool {
	if c.GrantTypes == nil {
		return grantType == GrantCode || grantType == GrantRefresh && c.OfflineAccess
	}
	return slices.Contains(c.GrantTypes, grantType)
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
