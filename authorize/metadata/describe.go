package metadata

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Describe gives "all registered metadata about this client" (RFC 7591, section
// 3.2.1), without its secret.
func Describe(c *client.Client, about About) (*Document, error) {
	d := &Document{
		ClientID: c.ID, ClientName: c.Name, About: about,
		RedirectURIs: c.RedirectURIs, ResponseTypes: []string{"code"}, Scope: strings.Join(scopes(c), " "),
		TokenEndpointAuthMethod: c.AuthMethod(), TokenEndpointAuthSigningAlg: c.TokenEndpointAuthSigningAlg, JWKSURI: c.JWKSURI,
		TLSSubjectDN: c.TLSSubjectDN, TLSSANDNS: c.TLSSANDNS, TLSSANURI: c.TLSSANURI, TLSSANIP: c.TLSSANIP, TLSSANEmail: c.TLSSANEmail,
		RequirePushedRequests: c.RequirePushedRequests, RequireSignedRequests: c.RequireSignedRequests, RequestObjectAlg: c.RequestObjectAlg,
		DPoPBoundTokens: c.DPoPBoundTokens, CertificateBoundTokens: c.CertificateBoundTokens,
		IDTokenAlg: c.Alg(), UserInfoAlg: c.UserInfoAlg, SubjectType: c.SubjectType,
		PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
		BackchannelLogoutURI:   c.BackchannelLogoutURI, BackchannelSession: c.BackchannelLogoutSessionRequired,
		FrontchannelLogoutURI: c.FrontchannelLogoutURI, FrontchannelSession: c.FrontchannelLogoutSessionRequired,
	}
	if d.SubjectType == "" {
		d.SubjectType = client.SubjectPublic
	}
	for _, kind := range client.GrantTypes() {
		if c.MayUse(kind) {
			d.GrantTypes = append(d.GrantTypes, kind)
		}
	}
	if d.TokenEndpointAuthMethod == client.AuthSecret { // our word for either; an administrator may have said so
		d.TokenEndpointAuthMethod = client.AuthBasic
	}
	if c.JWKS.Len() > 0 {
		raw, err := json.Marshal(c.JWKS)
		if err != nil {
			return nil, err
		}
		d.JWKS = raw
	}
	return d, nil
}

// scopes are all that the client may ask for.
func scopes(c *client.Client) []string {
	list := slices.Clone(c.Scopes)
	if c.Scopes == nil {
		list = client.Scopes()
	}
	if c.OfflineAccess {
		list = append(list, client.ScopeOffline)
	}
	return list
}
