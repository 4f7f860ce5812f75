package caddymodule

import (
	"maps"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
)

// texts are the fields of one value that may hold placeholders, by the words of
// the block. The secret and the keys are read apart.
func (c *Client) texts() map[string]*string {
	return map[string]*string{
		"name": &c.Name, "logo": &c.Logo, "subject_type": &c.SubjectType, "sector_identifier": &c.SectorIdentifier, "consent": &c.Consent,
		"auth_method": &c.AuthMethod, "jwks_uri": &c.JWKSURI, "assertion_alg": &c.AssertionAlg, "profile": &c.Profile, "request_alg": &c.RequestAlg,
		"tls_subject_dn": &c.TLSSubjectDN, "tls_san_dns": &c.TLSSANDNS, "tls_san_uri": &c.TLSSANURI,
		"tls_san_ip": &c.TLSSANIP, "tls_san_email": &c.TLSSANEmail,
		"backchannel_logout_uri": &c.BackchannelLogoutURI, "frontchannel_logout_uri": &c.FrontchannelLogoutURI,
		"access_token": &c.AccessToken, "userinfo_alg": &c.UserinfoAlg, "id_token_alg": &c.IDTokenAlg,
	}
}

// lists are the fields of several values that may hold placeholders.
func (c *Client) lists() map[string][]string {
	return map[string][]string{
		"redirect_uri": c.RedirectURIs, "post_logout_redirect_uri": c.PostLogoutRedirectURIs, "allowed_origin": c.AllowedOrigins,
		"scopes": c.Scopes, "grant_types": c.GrantTypes, "resource": c.Resources, "audience": c.Audiences, "providers": c.Providers,
		"access_token_claims": c.AccessTokenClaims, "response_modes": c.ResponseModes,
	}
}

// unresolved tells whether a field that may hold a placeholder does, so that
// the block can be looked at as a whole only when it is loaded.
func (c *Client) unresolved() bool {
	for _, v := range c.texts() {
		if hasPlaceholder(*v) {
			return true
		}
	}
	for _, list := range c.lists() {
		if slices.ContainsFunc(list, hasPlaceholder) {
			return true
		}
	}
	return false
}

func (c *Client) resolve(r *resolver, where string) {
	texts, lists := c.texts(), c.lists()
	for _, word := range slices.Sorted(maps.Keys(texts)) {
		r.text(where+": "+word, texts[word])
	}
	for _, word := range slices.Sorted(maps.Keys(lists)) {
		r.texts(where+": "+word, lists[word])
	}
	checkOrigins(&r.problems, where+": allowed_origin", c.AllowedOrigins)
}

// checkWhole looks at what a client's fields mean together. What stands in
// files need not have been read.
func (c *Client) checkWhole(id string, p *problems) {
	built := c.settings(id)
	if c.Secret != "" {
		built.Secrets = []client.Secret{anySecret()}
	}
	if c.JWKS != "" {
		built.JWKS = anyKeys()
	}
	built.ApplyProfile()
	p.check("client "+id, built.Validate())
}

// checkSigns makes sure that a client can do what is demanded of all.
func (a *App) checkSigns(r *resolver, where string, c *Client) {
	if a.RequireSignedRequests && c.JWKS == "" && c.JWKSURI == "" && c.settings("").MayUse(client.GrantCode) {
		r.add(where, "require_signed_requests holds for all clients, and this one has neither jwks nor jwks_uri")
	}
}

// anySecret stands in for a secret that is not known yet.
func anySecret() client.Secret {
	s, err := client.NewSecret("0123456789abcdef0123456789abcdef")
	if err != nil {
		panic(err) // the text above is long enough
	}
	return s
}

// anyKeys stands in for keys that are not known yet: those of RFC 8037,
// appendix A.2.
func anyKeys() jose.Set {
	set, err := jose.ParseSet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil || set.Len() == 0 {
		panic("the key above is good")
	}
	return set
}

func (a *App) checkClient(r *resolver, id string, c *Client) {
	where := "client " + id
	if c == nil {
		r.add(where, "is empty")
		return
	}
	c.resolve(r, where)
	a.checkRules(r, where, c)
	if c.Name != "" {
		r.check(where+": name", isLine(c.Name))
	}
	secret, literal := r.secret(where+": secret", c.Secret)
	if secret.Reveal() != "" {
		r.check(where+": secret", isClientSecret(secret.Reveal()))
	}
	c.secret, c.keys = secret, r.keys(where+": jwks", c.JWKS)
	c.checkWhole(id, &r.problems)
	a.checkReach(r, where, c)
	a.checkSigns(r, where, c)
	a.warnClient(where, c, literal)
}

// checkRules reads the placeholders of who may use the client, and compiles it.
func (a *App) checkRules(r *resolver, where string, c *Client) {
	for i := range c.Allow {
		c.Allow[i].check(r, where+": allow", a)
	}
	for i := range c.Deny {
		c.Deny[i].check(r, where+": deny", a)
	}
	if _, err := clientRules(c.settings(""), false); err != nil {
		r.check(where, err)
	}
}

// keys reads the public keys in a file.
func (r *resolver) keys(field, raw string) jose.Set {
	if raw == "" {
		return jose.Set{}
	}
	if err := isKeyFile(raw); err != nil {
		r.check(field, err)
		return jose.Set{}
	}
	text, err := r.repl.ReplaceOrErr(raw, true, true)
	if err != nil || text == "" {
		r.add(field, "%s is missing or empty", raw)
		return jose.Set{}
	}
	set, err := jose.ParseSet([]byte(text))
	switch {
	case err != nil:
		r.add(field, "%s holds %v", raw, err)
	case set.Len() == 0:
		r.add(field, "%s holds no key that can check a signature", raw)
	}
	return set
}

// checkReach makes sure that somebody can sign in to the client.
func (a *App) checkReach(r *resolver, where string, c *Client) {
	known := a.providerNames()
	for _, name := range c.Providers {
		if !slices.Contains(known, name) {
			r.add(where+": providers", "there is no provider '%s'%s", name, didYouMean(name, known))
		}
	}
	if c.NoLocal && len(known) == 0 {
		r.add(where+": no_local", "without a provider nobody could sign in")
	}
	if c.SSOLifetime < 0 || c.SSOLifetime > longest {
		r.add(where+": sso_lifetime", "%s is out of range", time.Duration(c.SSOLifetime))
	}
}

func (a *App) warnClient(where string, c *Client, literal bool) {
	if literal {
		a.warn("%s: secret stands in the configuration and can be read at Caddy's /config; write {file./path} or {env.NAME}", where)
	}
	if c.InsecurePKCEOptional {
		a.warn("%s: insecure_pkce_optional lets this client leave PKCE out (RFC 9700, section 2.1.1)", where)
	}
	if c.InsecureNonceOptional {
		a.warn("%s: insecure_nonce_optional lets this client leave the nonce out, too: a code that is stolen from it can be used by the thief", where)
	}
}

// Build gives the client as package authorize knows it.
func (c *Client) Build(id string) (*client.Client, error) {
	built := c.settings(id)
	built.JWKS = c.keys
	if c.Secret != "" {
		secret, err := client.NewSecret(c.secret.Reveal())
		if err != nil {
			return nil, err
		}
		built.Secrets = []client.Secret{secret}
	}
	built.ApplyProfile()
	if err := built.Validate(); err != nil {
		return nil, err
	}
	return built, nil
}

// settings is the client without its secret and keys.
func (c *Client) settings(id string) *client.Client {
	local := !c.NoLocal
	return &client.Client{
		ID: id, Name: c.Name, LogoURI: c.Logo,
		FirstParty: c.FirstParty, Consent: c.Consent, ConsentMaxAge: time.Duration(c.ConsentMaxAge),
		Providers: c.Providers, Local: &local, UserSSOLifetime: time.Duration(c.SSOLifetime), Allow: said(c.Allow), Deny: said(c.Deny),

		Public: c.Public, TokenEndpointAuthMethod: client.AuthMethod(c.AuthMethod),
		JWKSURI: c.JWKSURI, TokenEndpointAuthSigningAlg: c.AssertionAlg,
		TLSSubjectDN: c.TLSSubjectDN, TLSSANDNS: c.TLSSANDNS, TLSSANURI: c.TLSSANURI, TLSSANIP: c.TLSSANIP, TLSSANEmail: c.TLSSANEmail,
		InsecurePKCEOptional: c.InsecurePKCEOptional, InsecureNonceOptional: c.InsecureNonceOptional,

		Profile: c.Profile, RequirePushedRequests: c.RequirePushedRequests, RequireSignedRequests: c.RequireSignedRequests,
		RequestObjectAlg: c.RequestAlg, DPoPBoundTokens: c.DPoPBoundTokens, CertificateBoundTokens: c.CertificateBoundTokens,

		RedirectURIs: c.RedirectURIs, ResponseModes: c.ResponseModes, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
		BackchannelLogoutURI: c.BackchannelLogoutURI, FrontchannelLogoutURI: c.FrontchannelLogoutURI, AllowedOrigins: c.AllowedOrigins,

		Scopes: c.Scopes, GrantTypes: c.GrantTypes, OfflineAccess: c.OfflineAccess, ExtendsSession: c.ExtendsSession,
		AccessToken: c.AccessToken, AccessTokenLife: time.Duration(c.AccessTokenLifetime),
		RefreshIdle: time.Duration(c.RefreshIdle), RefreshMaxAge: time.Duration(c.RefreshMaxAge),
		Resources: c.Resources, Audiences: c.Audiences,
		UserInfoAlg: c.UserinfoAlg, IDTokenAlg: c.IDTokenAlg, IDTokenClaims: c.IDTokenClaims,
		SubjectType: c.SubjectType, SectorIdentifier: c.SectorIdentifier, Claims: built(c.Claims), AccessTokenClaims: c.AccessTokenClaims,
	}
}
