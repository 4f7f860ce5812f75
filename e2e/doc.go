// Package e2e holds the whole product to its promises: each test starts a real
// Caddy from a Caddyfile, puts a legacy application behind it and goes through
// a journey as a person, a client or an attacker would.
//
// It owns no product code. What needs a browser or a foreign program is in
// e2e/parts.
package e2e
