package caddymodule

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddytls"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/origin"
)

// CertificateWarning says that a client can't do without a certificate that
// nobody asks it for (RFC 8705), empty if all is well.
func (in *Inspection) CertificateWarning(id string, c *client.Client) string {
	return certificateWarning(id, c, in.asksCertificates)
}

func certificateWarning(id string, c *client.Client, asked bool) string {
	word := ""
	switch {
	case asked:
	case c.TokenEndpointAuthMethod == client.AuthTLS || c.TokenEndpointAuthMethod == client.AuthSelfSignedTLS:
		word = "auth_method " + string(c.TokenEndpointAuthMethod)
	case c.CertificateBoundTokens:
		word = "certificate_bound_tokens"
	}
	if word == "" {
		return ""
	}
	return fmt.Sprintf("client %s: %s needs the client's certificate, and the login host asks nobody for one: write `tls { client_auth { mode … } }` into its site", id, word)
}

// certificateWarnings says so of every client of the configuration.
func (a *App) certificateWarnings(t *topology) []string {
	asked := a.asksCertificates(t)
	var warnings []string
	for _, id := range slices.Sorted(maps.Keys(a.Clients)) {
		if text := certificateWarning(id, a.Clients[id].signed(id), asked); text != "" {
			warnings = append(warnings, text)
		}
	}
	return warnings
}

// asksCertificates tells whether the login host asks for certificates, or the
// host that is there for them.
func (a *App) asksCertificates(t *topology) bool {
	return slices.ContainsFunc(t.sites, func(s *site) bool {
		return s.has("gatehouse_portal") && (s.asksCertificates(a.Issuer) || a.CertificateBase != "" && s.asksCertificates(a.CertificateBase))
	})
}

// asksCertificates tells whether the site asks for certificates at an origin.
// What can't be read any more, because Caddy has provisioned it, may do so.
func (s *site) asksCertificates(base string) bool {
	return slices.ContainsFunc(s.server.TLSConnPolicies, func(p *caddytls.ConnectionPolicy) bool {
		return p.ClientAuthentication != nil && forName(p, origin.Hostname(base))
	})
}

// forName tells whether a policy may be for connections to a host.
func forName(p *caddytls.ConnectionPolicy, host string) bool {
	raw, ok := p.MatchersRaw["sni"]
	var names []string
	if !ok || json.Unmarshal(raw, &names) != nil {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool { return hostFits(host, name) })
}
