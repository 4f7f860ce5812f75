package metadata

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// Replace puts what metadata say of a client into old: c is what [Document.Client]
// made of them. Everything else in old stays, and so does what an administrator
// settled.
func Replace(old, c *client.Client) {
	for _, s := range settings() {
		if !slices.ContainsFunc(s.words, func(word string) bool { return slices.Contains(old.Settled, word) }) {
			s.put(old, c)
		}
	}
}

// setting is what metadata say about one thing: it is settled with any of its
// words.
type setting struct {
	words []string
	put   func(old, c *client.Client)
}

// settings are all that metadata can change.
func settings() []setting {
	return slices.Concat(proofs(), addresses(), []setting{
		{[]string{"name"}, func(old, c *client.Client) { old.Name = c.Name }},
		{[]string{"grant_types"}, func(old, c *client.Client) { old.GrantTypes = c.GrantTypes }},
		{[]string{"offline_access", "grant_types"}, func(old, c *client.Client) { old.OfflineAccess = c.OfflineAccess }},
		{[]string{"scopes"}, func(old, c *client.Client) { old.Scopes = c.Scopes }},
		{[]string{"resource"}, func(old, c *client.Client) { old.Resources = c.Resources }},
		{[]string{"access_token"}, func(old, c *client.Client) { old.AccessToken = c.AccessToken }},
		{[]string{"require_pushed_requests"}, func(old, c *client.Client) { old.RequirePushedRequests = c.RequirePushedRequests }},
		{[]string{"require_signed_requests"}, func(old, c *client.Client) { old.RequireSignedRequests = c.RequireSignedRequests }},
		{[]string{"request_alg"}, func(old, c *client.Client) { old.RequestObjectAlg = c.RequestObjectAlg }},
		{[]string{"dpop_bound_tokens"}, func(old, c *client.Client) { old.DPoPBoundTokens = c.DPoPBoundTokens }},
		{[]string{"certificate_bound_tokens"}, func(old, c *client.Client) { old.CertificateBoundTokens = c.CertificateBoundTokens }},
		{[]string{"id_token_alg"}, func(old, c *client.Client) { old.IDTokenAlg = c.IDTokenAlg }},
		{[]string{"userinfo_alg"}, func(old, c *client.Client) { old.UserInfoAlg = c.UserInfoAlg }},
		{[]string{"subject_type"}, func(old, c *client.Client) { old.SubjectType = c.SubjectType }},
	})
}

// proofs are how the client proves who it is: what belongs together stays
// together.
func proofs() []setting {
	names := []string{"tls_subject_dn", "tls_san_dns", "tls_san_uri", "tls_san_ip", "tls_san_email"}
	return []setting{
		{append(names, "public", "auth_method"), func(old, c *client.Client) {
			old.Public, old.TokenEndpointAuthMethod = c.Public, c.TokenEndpointAuthMethod
			old.TLSSubjectDN, old.TLSSANDNS, old.TLSSANURI, old.TLSSANIP, old.TLSSANEmail = c.TLSSubjectDN, c.TLSSANDNS, c.TLSSANURI, c.TLSSANIP, c.TLSSANEmail
		}},
		{[]string{"assertion_alg"}, func(old, c *client.Client) { old.TokenEndpointAuthSigningAlg = c.TokenEndpointAuthSigningAlg }},
		{[]string{"jwks", "jwks_uri"}, func(old, c *client.Client) { old.JWKS, old.JWKSURI = c.JWKS, c.JWKSURI }},
	}
}

// addresses are where the client is.
func addresses() []setting {
	return []setting{
		{[]string{"redirect_uri"}, func(old, c *client.Client) { old.RedirectURIs = c.RedirectURIs }},
		{[]string{"post_logout_redirect_uri"}, func(old, c *client.Client) { old.PostLogoutRedirectURIs = c.PostLogoutRedirectURIs }},
		{[]string{"backchannel_logout_uri"}, func(old, c *client.Client) {
			old.BackchannelLogoutURI, old.BackchannelLogoutSessionRequired = c.BackchannelLogoutURI, c.BackchannelLogoutSessionRequired
		}},
		{[]string{"frontchannel_logout_uri"}, func(old, c *client.Client) {
			old.FrontchannelLogoutURI, old.FrontchannelLogoutSessionRequired = c.FrontchannelLogoutURI, c.FrontchannelLogoutSessionRequired
		}},
	}
}
