package caddymodule

import (
	"maps"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// parseClient reads
//
//	client <id> {
//		name           <display name>
//		logo           <https address>
//		first_party
//		consent        once|always|never
//		consent_max_age <duration>
//		providers      <provider>…
//		no_local
//		sso_lifetime   <duration>
//		allow          <condition>
//		allow          { <condition>… }
//		deny           <condition>
//		deny           { <condition>… }
//		subject_type   public|pairwise
//		sector_identifier <host>
//
//		secret         {file./path}|{env.NAME}
//		public
//		auth_method    client_secret_basic|client_secret_post|private_key_jwt|
//		               tls_client_auth|self_signed_tls_client_auth
//		jwks           {file./path}
//		jwks_uri       <https address>
//		assertion_alg  <algorithm>
//		tls_subject_dn <distinguished name>
//		tls_san_dns    <host name>
//		tls_san_uri    <address>
//		tls_san_ip     <IP address>
//		tls_san_email  <mail address>
//		insecure_pkce_optional
//		insecure_nonce_optional
//
//		profile        fapi2
//		require_pushed_requests
//		require_signed_requests
//		request_alg    <algorithm>
//		dpop_bound_tokens
//		certificate_bound_tokens
//
//		redirect_uri             <address>…
//		response_modes           <mode>…
//		post_logout_redirect_uri <address>…
//		backchannel_logout_uri   <address>
//		frontchannel_logout_uri  <address>
//		allowed_origin           <origin>…
//
//		scopes          <scope>…
//		grant_types     <grant type>…
//		offline_access
//		extends_session
//		access_token    opaque|jwt
//		access_token_lifetime <duration>
//		refresh_idle    <duration>
//		refresh_max_age <duration>
//		resource        <address>…
//		audience        <address>…
//		userinfo_alg    <algorithm>
//		id_token_alg    <algorithm>
//		id_token_claims
//		claim           <name> [<attribute>]
//		claim           <name> value <text>
//		access_token_claims <claim>…
//	}
func (a *App) parseClient(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Err("'client' needs an id: client wiki { … }")
	}
	id, begin := d.Val(), *d
	if err := isClientID(id); err != nil {
		return d.WrapErr(err)
	}
	if _, taken := a.Clients[id]; taken {
		return d.Errf("client '%s' is already given", id)
	}
	c := new(Client)
	if d.NextArg() {
		return d.Errf("unexpected argument '%s' after 'client %s'", d.Val(), id)
	}
	if err := parseBlock(d, "client "+id, c.grammar()); err != nil {
		return err
	}
	var p problems
	if !c.unresolved() {
		c.checkWhole(id, &p)
	}
	if err := p.err(); err != nil {
		return begin.WrapErr(err)
	}
	if a.Clients == nil {
		a.Clients = map[string]*Client{}
	}
	a.Clients[id] = c
	return nil
}

func (c *Client) grammar() grammar {
	all := grammar{}
	for _, part := range []grammar{c.peopleGrammar(), c.proofGrammar(), c.requestGrammar(), c.addressGrammar(), c.tokenGrammar()} {
		maps.Copy(all, part)
	}
	return all
}

// peopleGrammar is what people see of the client, and who may use it.
func (c *Client) peopleGrammar() grammar {
	return grammar{
		"name":            text(&c.Name, isLine),
		"logo":            text(&c.Logo, isHTTPS),
		"first_party":     flag(&c.FirstParty),
		"consent":         text(&c.Consent, oneOf(client.ConsentOnce, client.ConsentAlways, client.ConsentNever)),
		"consent_max_age": duration(&c.ConsentMaxAge),
		"providers":       texts(&c.Providers, isProviderName),
		"no_local":        flag(&c.NoLocal),
		"sso_lifetime":    duration(&c.SSOLifetime),
		"allow":           {many: true, parse: parseRule(&c.Allow)},
		"deny":            {many: true, parse: parseRule(&c.Deny)},

		"subject_type":      text(&c.SubjectType, oneOf(client.SubjectTypes()...)),
		"sector_identifier": text(&c.SectorIdentifier, isSector),
	}
}

// proofGrammar is how the client proves who it is.
func (c *Client) proofGrammar() grammar {
	return grammar{
		"secret":                  text(&c.Secret, isClientSecret),
		"public":                  flag(&c.Public),
		"auth_method":             text(&c.AuthMethod, isClientAuthMethod),
		"jwks":                    {parse: c.parseJWKS},
		"jwks_uri":                text(&c.JWKSURI, isJWKSURI),
		"assertion_alg":           text(&c.AssertionAlg, oneOf(client.AssertionAlgs()...)),
		"tls_subject_dn":          text(&c.TLSSubjectDN, isTLSSubjectDN),
		"tls_san_dns":             text(&c.TLSSANDNS, isTLSSANDNS),
		"tls_san_uri":             text(&c.TLSSANURI, isTLSSANURI),
		"tls_san_ip":              text(&c.TLSSANIP, isTLSSANIP),
		"tls_san_email":           text(&c.TLSSANEmail, isTLSSANEmail),
		"insecure_pkce_optional":  flag(&c.InsecurePKCEOptional),
		"insecure_nonce_optional": flag(&c.InsecureNonceOptional),
	}
}

// requestGrammar is how the client has to ask.
func (c *Client) requestGrammar() grammar {
	return grammar{
		"profile":                  text(&c.Profile, oneOf(client.ProfileFAPI2)),
		"require_pushed_requests":  flag(&c.RequirePushedRequests),
		"require_signed_requests":  flag(&c.RequireSignedRequests),
		"request_alg":              text(&c.RequestAlg, oneOf(client.RequestAlgs()...)),
		"dpop_bound_tokens":        flag(&c.DPoPBoundTokens),
		"certificate_bound_tokens": flag(&c.CertificateBoundTokens),
	}
}

// addressGrammar is where the client is.
func (c *Client) addressGrammar() grammar {
	return grammar{
		"redirect_uri":             texts(&c.RedirectURIs, isRedirectURI),
		"response_modes":           texts(&c.ResponseModes, oneOf(client.Modes()...)),
		"post_logout_redirect_uri": texts(&c.PostLogoutRedirectURIs, isPostLogoutRedirectURI),
		"backchannel_logout_uri":   text(&c.BackchannelLogoutURI, isBackchannelLogoutURI),
		"frontchannel_logout_uri":  text(&c.FrontchannelLogoutURI, isFrontchannelLogoutURI),
		"allowed_origin":           texts(&c.AllowedOrigins, isOrigin),
	}
}

// tokenGrammar is what the client gets.
func (c *Client) tokenGrammar() grammar {
	return grammar{
		"scopes":                texts(&c.Scopes, isScope),
		"grant_types":           texts(&c.GrantTypes, oneOf(client.GrantTypes()...)),
		"offline_access":        flag(&c.OfflineAccess),
		"extends_session":       flag(&c.ExtendsSession),
		"access_token":          text(&c.AccessToken, oneOf(client.Opaque, client.JWT)),
		"access_token_lifetime": duration(&c.AccessTokenLifetime),
		"refresh_idle":          duration(&c.RefreshIdle),
		"refresh_max_age":       duration(&c.RefreshMaxAge),
		"resource":              texts(&c.Resources, isResource),
		"audience":              texts(&c.Audiences, isAudience),
		"userinfo_alg":          text(&c.UserinfoAlg, oneOf(client.Algs()...)),
		"id_token_alg":          text(&c.IDTokenAlg, oneOf(client.Algs()...)),
		"id_token_claims":       flag(&c.IDTokenClaims),
		"claim":                 {many: true, parse: parseClaim(&c.Claims)},
		"access_token_claims":   texts(&c.AccessTokenClaims, anything),
	}
}

// parseJWKS reads
//
//	jwks {file./path}
//
// The file is read when the configuration is loaded.
func (c *Client) parseJWKS(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.ArgErr()
	}
	if err := isKeyFile(d.Val()); err != nil {
		return d.WrapErr(err)
	}
	c.JWKS = d.Val()
	return nil
}
