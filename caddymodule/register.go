package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// Both directives stand after forward_auth: rewrites have happened (the guard
// judges the original path all the same), nothing that answers has run. The
// portal stands beside the guard and not before respond, because a catch-all
// handle {} sorts earlier than respond and would swallow it.
func init() {
	for _, module := range []caddy.Module{
		new(App), new(Guard), new(Portal), new(Matcher), new(SessionProvider), new(AdminAPI),
		new(OIDC), new(SQLiteStore), new(SQLiteSessions), new(MemorySessions),
	} {
		caddy.RegisterModule(module)
	}
	httpcaddyfile.RegisterGlobalOption("gatehouse", parseGlobal)
	httpcaddyfile.RegisterDirective("gatehouse", parseGuard)
	httpcaddyfile.RegisterDirective("gatehouse_portal", parsePortal)
	httpcaddyfile.RegisterDirectiveOrder("gatehouse", httpcaddyfile.After, "forward_auth")
	httpcaddyfile.RegisterDirectiveOrder("gatehouse_portal", httpcaddyfile.After, "forward_auth")
}
