package caddymodule

import (
	"errors"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// errDynamicNeedsIssuer is a client that comes by itself in single-site mode.
var errDynamicNeedsIssuer = errors.New("clients need a login host: set issuer, for example `issuer https://auth.example.com`")

// checkDynamic looks at the ways in which clients come by themselves.
func (a *App) checkDynamic(p *problems) {
	if a.Registration != nil {
		if a.Issuer == "" {
			p.check("registration", errDynamicNeedsIssuer)
		}
		a.Registration.defaults()
		a.Registration.check(p)
	}
	if a.ClientIDMetadata != nil {
		if a.Issuer == "" {
			p.check("client_id_metadata", errDynamicNeedsIssuer)
		}
		a.ClientIDMetadata.check(p)
		for _, host := range a.ClientIDMetadata.Hosts {
			p.check("client_id_metadata", isDocumentHost(host))
		}
	}
}

// isDocumentHost: a host as it is in an address, and nothing else.
func isDocumentHost(host string) error {
	if (&client.Client{ID: "https://" + host + "/x"}).Host() != host {
		return fmt.Errorf("'%s' is not a host in lower case, with its port if that is not 443, such as agent.example.com", host)
	}
	return nil
}

func (m *ClientIDMetadata) check(p *problems) {
	if !m.unresolved() {
		m.Terms.check(p, "client_id_metadata")
	}
}

func (r Registration) check(p *problems) {
	r.defaults()
	within(p, "registration: max_clients", r.MaxClients, 1, 100_000)
	span(p, "registration: unused", r.Unused, caddy.Duration(time.Hour), longest)
	if !r.unresolved() {
		r.Terms.check(p, "registration")
	}
}

// unresolved tells whether something is only known when it is loaded.
func (t *Terms) unresolved() bool {
	for _, list := range [][]string{t.Scopes, t.Resources} {
		for _, value := range list {
			if hasPlaceholder(value) {
				return true
			}
		}
	}
	return hasPlaceholder(t.AccessToken)
}

// resolve reads the placeholders.
func (t *Terms) resolve(r *resolver, where string) {
	r.texts(where+": scopes", t.Scopes)
	r.texts(where+": resource", t.Resources)
	r.text(where+": access_token", &t.AccessToken)
}
