package caddymodule

import "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

// parseClient reads
//
//	client <id> {
//		name           <display name>
//		logo           <https address>
//		secret         {file./path}|{env.NAME}
//		public
//		redirect_uri   <address>…
//		scopes         <scope>…
//		providers      <provider>…
//		no_local
//		id_token_alg   RS256|ES256
//		insecure_pkce_optional
//		sso_lifetime   <duration>
//		allowed_origin <origin>…
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
	client := new(Client)
	if d.NextArg() {
		return d.Errf("unexpected argument '%s' after 'client %s'", d.Val(), id)
	}
	if err := parseBlock(d, "client "+id, client.grammar()); err != nil {
		return err
	}
	var p problems
	client.checkWhole("client "+id, &p)
	if err := p.err(); err != nil {
		return begin.WrapErr(err)
	}
	if a.Clients == nil {
		a.Clients = map[string]*Client{}
	}
	a.Clients[id] = client
	return nil
}

func (c *Client) grammar() grammar {
	return grammar{
		"name":                   text(&c.Name, isLine),
		"logo":                   text(&c.Logo, isHTTPS),
		"secret":                 text(&c.Secret, isClientSecret),
		"public":                 flag(&c.Public),
		"redirect_uri":           texts(&c.RedirectURIs, isRedirectURI),
		"scopes":                 texts(&c.Scopes, isScope),
		"providers":              texts(&c.Providers, isProviderName),
		"no_local":               flag(&c.NoLocal),
		"id_token_alg":           text(&c.IDTokenAlg, isIDTokenAlg),
		"insecure_pkce_optional": flag(&c.InsecurePKCEOptional),
		"sso_lifetime":           duration(&c.SSOLifetime),
		"allowed_origin":         texts(&c.AllowedOrigins, isOrigin),
	}
}
