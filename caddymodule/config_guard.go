package caddymodule

import "github.com/caddyserver/caddy/v2"

// Guard says what a site demands (module http.handlers.gatehouse). A Guard
// without any field demands that somebody is signed in.
//
// It cleans every request of what only Gatehouse may say, decides, and hands
// the identity on in headers and placeholders. It answers below /.gatehouse/
// itself and never forwards that path.
//
// Placeholders for handlers behind it, and for the access log:
//
// Placeholder | Description
// ------------|------------
// `{http.auth.user.id}` | the subject, never reassigned
// `{http.auth.user.username}` | the canonical user name
// `{http.auth.user.name}` | the display name
// `{http.auth.user.email}` | the address
// `{http.auth.user.groups}` | the groups, joined by a comma
// `{http.auth.user.idp}` | the provider, or local
// `{http.auth.user.amr}` | the methods, joined by a comma (RFC 8176)
// `{http.auth.user.acr}` | the authentication context class
// `{http.auth.user.auth_time}` | when the person logged in, Unix seconds
// `{http.auth.user.sid}` | the session's public id
// `{http.auth.user.<claim>}` | any further claim
type Guard struct {
	// Allow lets people in who meet one of its conditions; with any, everybody
	// else is refused. Default: everybody who is signed in.
	Allow []Condition `json:"allow,omitempty"`

	// Deny refuses people who meet one of its conditions, whatever Allow says.
	// Default: none.
	Deny []Condition `json:"deny,omitempty"`

	// Public are paths that need no login: one path, or everything below one.
	// They are compared with the original path, case-sensitively and at
	// segment borders (PTH-01, PTH-03). Requests are cleaned all the same,
	// and the identity is passed on if there is one.
	// Example: ["/healthz", "/static/*"]. Default: none.
	Public []string `json:"public,omitempty"`

	// Headers are identity headers beside the default ones (Remote-User,
	// Remote-Name, Remote-Email, Remote-Groups, Remote-Sub): name to value. A
	// value is text with {http.auth.user.*} placeholders; a header whose
	// placeholders are all empty is not sent. An empty value takes a default
	// header away. All of them are deleted from what a client sends.
	// Example: {"X-WEBAUTH-USER": "{http.auth.user.username}"}. Default: none.
	Headers map[string]string `json:"headers,omitempty"`

	// Origins are the origins at which people reach this site, for sites on a
	// wildcard, without a host or behind another TLS terminator. If given,
	// they replace what the site's addresses say; they count for the site as
	// a whole. Example: ["https://app.example.com"].
	// Default: derived from the site's addresses.
	Origins []string `json:"origins,omitempty"`

	// TrustedOrigins are other origins whose scripts and sockets may send
	// unsafe requests with a person's session (PRX-08) to what this guard
	// protects. Another guard on the way judges by its own.
	// Example: ["https://tools.example.com"]. Default: none.
	TrustedOrigins []string `json:"trusted_origins,omitempty"`

	// Baseline is the part of a guard with a matcher that holds for the rest
	// of its site: clean, answer /.gatehouse/*, attach the identity, demand
	// nothing. The directive adds it by itself. Default: false.
	Baseline bool `json:"baseline,omitempty"`

	prepared
}

// Condition is met if each of its fields that is given is met; a field with
// several values is met by any of them. At least one field is given.
type Condition struct {
	// Users are user names, canonical.
	// Example: ["alice"]. Default: any.
	Users []string `json:"user,omitempty"`

	// Groups are names of groups, as they are called here.
	// Example: ["admins", "work/ops"]. Default: any.
	Groups []string `json:"group,omitempty"`

	// Emails are verified addresses, compared without case.
	// Example: ["alice@example.com"]. Default: any.
	Emails []string `json:"email,omitempty"`

	// Domains are the domains of verified addresses.
	// Example: ["example.com"]. Default: any.
	Domains []string `json:"domain,omitempty"`

	// Providers are the sources of the login: names of providers, or "local".
	// Example: ["work"]. Default: any.
	Providers []string `json:"provider,omitempty"`

	// MFA demands that more than one factor was checked, here or by a
	// provider with trust_amr. Default: false.
	MFA bool `json:"mfa,omitempty"`

	// ACR are authentication context classes (OpenID Connect Core, section 2).
	// Example: ["urn:acme:gold"]. Default: any.
	ACR []string `json:"acr,omitempty"`

	// MaxAuthAge demands a login that is not older. A person whose login is
	// too old logs in again. Example: "1h". Default: any age.
	MaxAuthAge caddy.Duration `json:"max_auth_age,omitempty"`

	// ClientIPs are addresses and CIDR ranges of the client, as Caddy's
	// trusted_proxies make it out (FWD-03).
	// Example: ["10.0.0.0/8"]. Default: any.
	ClientIPs []string `json:"client_ip,omitempty"`
}

// CaddyModule implements caddy.Module.
func (*Guard) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.gatehouse", New: func() caddy.Module { return new(Guard) }}
}

// baseline is what holds for the rest of the site. It knows the same headers,
// since it cleans them.
func (g *Guard) baseline() *Guard {
	return &Guard{Headers: g.Headers, Origins: g.Origins, TrustedOrigins: g.TrustedOrigins, Baseline: true}
}
