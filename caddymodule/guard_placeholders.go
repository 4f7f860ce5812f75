package caddymodule

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// userPlaceholders begins the placeholders that say who is there.
const userPlaceholders = "http.auth.user."

// define makes {http.auth.user.*} known for the rest of the request, error
// routes and access log included. Nobody there gives empty values: an unknown
// placeholder would be sent to the application as it is written. Values are
// never read as templates again (HDR-09).
func (p *passage) define(r *http.Request) {
	repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return
	}
	repl.Map(func(key string) (any, bool) {
		name, ours := strings.CutPrefix(key, userPlaceholders)
		if !ours {
			return nil, false
		}
		if p.live == nil {
			return "", true
		}
		return guard.Claim(&p.live.Session, name), true
	})
}
