package caddymodule

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/metadata"
	"github.com/gatehouse-auth/gatehouse/authorize/registration"
)

// Registration lets clients register themselves (RFC 7591) and look after what
// they registered (RFC 7592). Nobody vouches for them: people are always asked.
type Registration struct {
	// MaxClients is how many clients that registered themselves there can be at
	// a time. Default: 1000.
	MaxClients int `json:"max_clients,omitempty"`

	// Unused is how long a client is kept that never gets a token.
	// Example: "7d". Default: 30d.
	Unused caddy.Duration `json:"unused,omitempty"`

	// Terms are what such clients may have.
	// Default: see the fields of Terms.
	Terms
}

// ClientIDMetadata takes clients whose id is the address of a document about
// them, which is fetched from a public address. Nobody vouches for them: people
// are always asked, and see the host.
type ClientIDMetadata struct {
	// Hosts are the only ones whose documents are taken, with their port if it
	// is not 443.
	// Example: ["agent.example.com"]. Default: any host.
	Hosts []string `json:"hosts,omitempty"`

	// Terms are what such clients may have.
	// Default: see the fields of Terms.
	Terms
}

// Terms are what clients that came by themselves may have.
type Terms struct {
	// Scopes are what they may ask for (RFC 6749, section 3.3).
	// Example: ["openid", "mcp.read"].
	// Default: ["openid", "profile", "email", "groups"].
	Scopes []string `json:"scopes,omitempty"`

	// Resources are the resource servers that they may ask tokens for (RFC
	// 8707). Example: ["https://mcp.example.com"]. Default: none.
	Resources []string `json:"resources,omitempty"`

	// AccessToken is the form of their access tokens: "opaque", which only this
	// server can read, or "jwt" (RFC 9068).
	// Default: "opaque".
	AccessToken string `json:"access_token,omitempty"`

	// AllowPrivate lets the addresses that they name (documents, keys, logouts)
	// be ones that are not public, this machine included. The app's own
	// allow_private says nothing about them: whoever brings such a client could
	// make us call what only this network reaches. The addresses from which
	// clouds serve credentials stay closed.
	// Default: false.
	AllowPrivate bool `json:"allow_private,omitempty"`
}

func (r *Registration) defaults() {
	fallback(&r.MaxClients, registration.DefaultClients)
	fallback(&r.Unused, caddy.Duration(registration.DefaultUnused))
}

// build gives the terms as package metadata knows them.
func (t *Terms) build(house ...string) metadata.Terms {
	return metadata.Terms{Scopes: t.Scopes, Resources: t.Resources, AccessToken: t.AccessToken, House: house}
}

// check holds the terms to what a client may have.
func (t *Terms) check(p *problems, where string) {
	probe := client.Client{
		ID: "x", Public: true, Dynamic: true, RedirectURIs: []string{"https://x.example/"},
		Scopes: t.Scopes, Resources: t.Resources, AccessToken: t.AccessToken,
	}
	p.check(where, probe.Validate())
}
