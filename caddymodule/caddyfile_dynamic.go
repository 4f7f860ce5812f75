package caddymodule

import (
	"maps"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// parseRegistration reads
//
//	registration [{
//		max_clients  <number>
//		unused       <duration>
//		scopes       <scope>…
//		resource     <address>…
//		access_token opaque|jwt
//		allow_private
//	}]
func (a *App) parseRegistration(d *caddyfile.Dispenser) error {
	r := new(Registration)
	a.Registration = r
	words := grammar{
		"max_clients": number(&r.MaxClients),
		"unused":      duration(&r.Unused),
	}
	maps.Copy(words, r.termsGrammar())
	return parseLimits(d, "registration", func(p *problems) { r.check(p) }, words)
}

// parseClientIDMetadata reads
//
//	client_id_metadata [<host>…] [{
//		scopes       <scope>…
//		resource     <address>…
//		access_token opaque|jwt
//		allow_private
//	}]
func (a *App) parseClientIDMetadata(d *caddyfile.Dispenser) error {
	m := new(ClientIDMetadata)
	a.ClientIDMetadata = m
	for d.NextArg() {
		if err := checked(d, isDocumentHost); err != nil {
			return err
		}
		m.Hosts = append(m.Hosts, d.Val())
	}
	return parseLimits(d, "client_id_metadata", func(p *problems) { m.check(p) }, m.termsGrammar())
}

// termsGrammar is what clients that came by themselves may have.
func (t *Terms) termsGrammar() grammar {
	return grammar{
		"scopes":       texts(&t.Scopes, isScope),
		"resource":     texts(&t.Resources, isResource),
		"access_token": text(&t.AccessToken, oneOf(client.Opaque, client.JWT)),

		"allow_private": flag(&t.AllowPrivate),
	}
}
