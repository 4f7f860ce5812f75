package metadata

import (
	"slices"
	"strings"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// maxAddresses bounds each list of addresses.
const maxAddresses = 20

// Client makes the client that d describes, without its secret, under an id that
// it was given. What is missing in d of what RFC 7591 gives a default is filled
// in. The error is an *[Error].
func (d *Document) Client(id string, t Terms) (*client.Client, error) {
	c := &client.Client{ID: id, Dynamic: true}
	for _, step := range []func(*client.Client, Terms) *Error{
		d.refuse, d.proof, d.grants, d.redirects, d.scopes, d.people, d.keys, d.tokens, d.logout,
	} {
		if no := step(c, t); no != nil {
			return nil, no
		}
	}
	whole := *c
	if c.NeedsSecret() { // it is made when the rest is right
		some, err := client.NewSecret(secret.New())
		if err != nil {
			return nil, err
		}
		whole.Secrets = []client.Secret{some}
	}
	if no := fields(whole.Validate()); no != nil {
		return nil, no
	}
	return c, nil
}

// proof: RFC 7591, section 2: "If unspecified or omitted, the default is
// client_secret_basic".
func (d *Document) proof(c *client.Client, _ Terms) *Error {
	if d.TokenEndpointAuthMethod == "" {
		d.TokenEndpointAuthMethod = client.AuthBasic
	}
	if !slices.Contains(client.AuthMethods(), d.TokenEndpointAuthMethod) {
		return wrong("token_endpoint_auth_method is not one that is offered")
	}
	c.TokenEndpointAuthMethod, c.TokenEndpointAuthSigningAlg = d.TokenEndpointAuthMethod, d.TokenEndpointAuthSigningAlg
	c.Public = d.TokenEndpointAuthMethod == client.AuthNone
	c.TLSSubjectDN, c.TLSSANDNS, c.TLSSANURI, c.TLSSANIP, c.TLSSANEmail = d.TLSSubjectDN, d.TLSSANDNS, d.TLSSANURI, d.TLSSANIP, d.TLSSANEmail
	return nil
}

// grants: grant and response types that belong together (RFC 7591, section
// 2.1). Of what the client could do elsewhere it gets what it may have here for
// whom nobody vouches; the code flow must be in it (OAU-12).
func (d *Document) grants(c *client.Client, _ Terms) *Error {
	if d.GrantTypes == nil {
		d.GrantTypes = []string{client.GrantCode}
	}
	if d.ResponseTypes == nil {
		d.ResponseTypes = []string{"code"}
	}
	if !slices.Contains(d.GrantTypes, client.GrantCode) || !slices.Contains(d.ResponseTypes, "code") {
		return wrong("grant_types must have authorization_code, and response_types code")
	}
	for _, kind := range client.DynamicGrants() {
		if slices.Contains(d.GrantTypes, kind) {
			c.GrantTypes = append(c.GrantTypes, kind)
		}
	}
	return nil
}

// redirects: RFC 7591, section 5, and OAU-42.
func (d *Document) redirects(c *client.Client, _ Terms) *Error {
	if len(d.RedirectURIs) == 0 || len(d.RedirectURIs) > maxAddresses {
		return &Error{CodeRedirect, "redirect_uris must have 1 to 20 addresses"}
	}
	for _, uri := range d.RedirectURIs {
		web := strings.HasPrefix(uri, "http")
		if client.CheckRedirect(uri, c.Public) != nil || web && client.Origin(uri) == "" { // no host that a person could be shown
			return &Error{CodeRedirect, "redirect_uris must be https, http at this computer, or an app's own scheme with a dot in it for a public client, without fragment and wildcard"}
		}
	}
	c.RedirectURIs = d.RedirectURIs
	return nil
}

// scopes: "the authorization server MAY register a client with a default set of
// scopes", and leaves out what it does not offer: the answer says so.
func (d *Document) scopes(c *client.Client, t Terms) *Error {
	offered, renews := t.Scopes, slices.Contains(c.GrantTypes, client.GrantRefresh)
	if offered == nil {
		offered = client.Scopes()
	}
	asked := strings.Fields(d.Scope)
	if len(asked) == 0 {
		asked = append(slices.Clone(offered), client.ScopeOffline)
	}
	c.OfflineAccess = renews && slices.Contains(asked, client.ScopeOffline)
	for _, scope := range offered {
		if slices.Contains(asked, scope) {
			c.Scopes = append(c.Scopes, scope)
		}
	}
	if len(c.Scopes) == 0 {
		return wrong("scope: none of them is offered")
	}
	c.Resources, c.AccessToken = t.Resources, t.AccessToken
	return nil
}

// keys: jwks or jwks_uri, public keys alone.
func (d *Document) keys(c *client.Client, _ Terms) *Error {
	c.JWKSURI = d.JWKSURI
	if present(d.JWKS) {
		set, err := jose.ParseSet(d.JWKS)
		if err != nil || set.Len() == 0 {
			return wrong("jwks is not a set of public keys of which one can be used")
		}
		c.JWKS = set
	}
	return nil
}

// tokens is how the client asks, and what it gets.
func (d *Document) tokens(c *client.Client, _ Terms) *Error {
	c.RequirePushedRequests, c.RequireSignedRequests, c.RequestObjectAlg = d.RequirePushedRequests, d.RequireSignedRequests, d.RequestObjectAlg
	c.DPoPBoundTokens, c.CertificateBoundTokens = d.DPoPBoundTokens, d.CertificateBoundTokens
	c.IDTokenAlg, c.UserInfoAlg, c.SubjectType = d.IDTokenAlg, d.UserInfoAlg, d.SubjectType
	return nil
}

func (d *Document) logout(c *client.Client, _ Terms) *Error {
	if len(d.PostLogoutRedirectURIs) > maxAddresses {
		return wrong("post_logout_redirect_uris must have at most 20 addresses")
	}
	c.PostLogoutRedirectURIs = d.PostLogoutRedirectURIs
	c.BackchannelLogoutURI, c.BackchannelLogoutSessionRequired = d.BackchannelLogoutURI, d.BackchannelSession
	c.FrontchannelLogoutURI, c.FrontchannelLogoutSessionRequired = d.FrontchannelLogoutURI, d.FrontchannelSession
	return nil
}
