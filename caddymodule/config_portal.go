package caddymodule

import (
	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// Portal serves the login pages and the protocol endpoints on the login host
// (module http.handlers.gatehouse_portal). It answers every request that
// reaches it. The login host serves nothing else.
type Portal struct{ app *App }

// Matcher matches requests by who is signed in (module
// http.matchers.gatehouse). Without a condition it matches if anybody is. It
// looks at what a guard before it found out, and matches nothing without one.
type Matcher struct {
	Condition

	rules *guard.Rules
}

// SessionProvider is a provider for Caddy's authentication handler (module
// http.authentication.providers.gatehouse). It says whether the request
// carries a session of the site and never redirects.
type SessionProvider struct{}

// AdminAPI is the part of Caddy's admin endpoint below /gatehouse/ (module
// admin.api.gatehouse).
type AdminAPI struct{ ctx caddy.Context }

// CaddyModule implements caddy.Module.
func (*Portal) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.gatehouse_portal", New: func() caddy.Module { return new(Portal) }}
}

// CaddyModule implements caddy.Module.
func (*Matcher) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.matchers.gatehouse", New: func() caddy.Module { return new(Matcher) }}
}

// CaddyModule implements caddy.Module.
func (*SessionProvider) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.authentication.providers.gatehouse", New: func() caddy.Module { return new(SessionProvider) }}
}

// CaddyModule implements caddy.Module.
func (*AdminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.gatehouse", New: func() caddy.Module { return new(AdminAPI) }}
}
