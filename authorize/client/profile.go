package client

import (
	"slices"

	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// ProfileFAPI2 is the FAPI 2.0 Security Profile, see [Client.Profile].
const ProfileFAPI2 = "fapi2"

// demand is one thing that a profile asks of a client.
type demand struct {
	// set gives what was left open its one right value. Nil: there is none.
	set func(*Client)
	met func(*Client) bool
	// wrong says what is asked, as in [NewProblem].
	wrong string
}

// fapi2 lists what the FAPI 2.0 Security Profile demands of one client (section
// 5.3.2.1 unless said otherwise). The rest of it holds for every client here: the
// code flow alone, codes that live for a minute and once, iss in every answer,
// redirects by 303, requests that end after ten minutes, RSA keys of 2048 bits.
func fapi2() []demand {
	return []demand{
		{nil, func(c *Client) bool { return !c.Public }, "a {public} client can't prove who it is"},
		{setKeyMethod, (*Client).provesByKey, "{auth_method} must be private_key_jwt, tls_client_auth or self_signed_tls_client_auth"},
		{func(c *Client) { c.StrictAssertions = true }, func(c *Client) bool { return c.StrictAssertions }, "assertions must be strict"},
		{func(c *Client) { c.RequirePushedRequests = true }, func(c *Client) bool { return c.RequirePushedRequests }, "{require_pushed_requests} can't be left out"},
		{setConstraint, (*Client).constrained, "tokens must be bound: {dpop_bound_tokens} or {certificate_bound_tokens}"},
		{nil, func(c *Client) bool { return !c.InsecurePKCEOptional }, "{insecure_pkce_optional}: PKCE can't be left out"},
		{nil, func(c *Client) bool { return !c.InsecureNonceOptional }, "{insecure_nonce_optional}: PKCE can't be left out"},
		{nil, (*Client).secureRedirects, "{redirect_uri}: must use https"},
		{func(c *Client) { fill(&c.IDTokenAlg, PS256) }, func(c *Client) bool { return strictAlg(c.Alg()) }, "{id_token_alg}: must be PS256, ES256 or EdDSA"}, // section 5.4.1; JWT-02
		{nil, func(c *Client) bool { return c.UserInfoAlg == "" || strictAlg(c.UserInfoAlg) }, "{userinfo_alg}: must be PS256, ES256 or EdDSA"},
	}
}

// ApplyProfile gives the settings that the client's profile demands and that
// were left open. What contradicts it stays, and [Client.Validate] refuses it.
// It must be called before Validate and before the client is in use.
func (c *Client) ApplyProfile() {
	if c.Profile != ProfileFAPI2 {
		return
	}
	for _, d := range fapi2() {
		if d.set != nil {
			d.set(c)
		}
	}
}

// checkProfile holds the client against its profile.
func (c *Client) checkProfile(wrong func(string, ...any)) {
	if c.Profile == "" {
		return
	}
	if c.Profile != ProfileFAPI2 {
		wrong("{profile} %q: must be %s", shown(c.Profile), ProfileFAPI2)
		return
	}
	for _, d := range fapi2() {
		if !d.met(c) {
			wrong("{profile} %s: %s", ProfileFAPI2, NewProblem(d.wrong))
		}
	}
}

// setKeyMethod takes private_key_jwt for a client that has keys and says
// nothing else, and the certificate for one that names it.
func setKeyMethod(c *Client) {
	switch {
	case c.TokenEndpointAuthMethod != "" || c.Public:
	case c.TLSSubjectDN+c.TLSSANDNS+c.TLSSANURI+c.TLSSANIP+c.TLSSANEmail != "":
		c.TokenEndpointAuthMethod = AuthTLS
	case c.JWKS.Len() > 0 || c.JWKSURI != "":
		c.TokenEndpointAuthMethod = AuthPrivateKey
	}
}

// setConstraint binds tokens to what the client proves itself by: a certificate
// it shows anyhow, else a key of DPoP.
func setConstraint(c *Client) {
	switch {
	case c.constrained():
	case c.provesByCertificate():
		c.CertificateBoundTokens = true
	default:
		c.DPoPBoundTokens = true
	}
}

// provesByCertificate tells whether the client proves itself by its certificate.
func (c *Client) provesByCertificate() bool {
	m := c.AuthMethod()
	return m == AuthTLS || m == AuthSelfSignedTLS
}

// provesByKey tells whether the client proves itself without a shared secret.
func (c *Client) provesByKey() bool {
	return c.AuthMethod() == AuthPrivateKey || c.provesByCertificate()
}

// constrained tells whether every token of the client is bound to a key.
func (c *Client) constrained() bool { return c.DPoPBoundTokens || c.CertificateBoundTokens }

// secureRedirects: "shall not allow clients to use the http scheme" but for
// apps on a device, which these are not.
func (c *Client) secureRedirects() bool {
	return !slices.ContainsFunc(c.RedirectURIs, func(uri string) bool { return !IsHTTPS(uri) })
}

// strictAlg tells whether the profile knows the algorithm (section 5.4.1).
func strictAlg(alg string) bool {
	return slices.Contains([]string{jose.PS256, jose.ES256, jose.EdDSA, jose.Ed25519}, alg)
}

// fill sets what is empty.
func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
