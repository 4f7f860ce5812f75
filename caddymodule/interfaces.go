package caddymodule

import (
	"io"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"
)

// What Caddy expects of each module, checked by the compiler.
var (
	_ caddy.App                         = (*App)(nil)
	_ caddy.Provisioner                 = (*App)(nil)
	_ caddy.CleanerUpper                = (*App)(nil)
	_ caddy.Provisioner                 = (*Guard)(nil)
	_ caddyhttp.MiddlewareHandler       = (*Guard)(nil)
	_ caddy.Provisioner                 = (*Portal)(nil)
	_ caddyhttp.MiddlewareHandler       = (*Portal)(nil)
	_ caddy.Provisioner                 = (*Matcher)(nil)
	_ caddyhttp.RequestMatcherWithError = (*Matcher)(nil)
	_ caddyauth.Authenticator           = (*SessionProvider)(nil)
	_ caddy.Provisioner                 = (*AdminAPI)(nil)
	_ caddy.AdminRouter                 = (*AdminAPI)(nil)
	_ Provider                          = (*OIDC)(nil)
	_ RecordStore                       = (*SQLiteStore)(nil)
	_ SessionStore                      = (*SQLiteSessions)(nil)
	_ SessionStore                      = (*MemorySessions)(nil)
	_ io.ReaderFrom                     = (*privateWriter)(nil)
)
