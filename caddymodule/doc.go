// Package caddymodule is Gatehouse inside Caddy: the configuration that people
// write, and the joints between Caddy and the packages that do the work.
//
// It owns the modules and their JSON (the app `gatehouse`, the handlers
// `gatehouse` and `gatehouse_portal`, the matcher, the authentication provider,
// the admin API and the guests), the Caddyfile that yields the same JSON, the
// derivation of a site's origin, and the walk over the HTTP app that refuses a
// configuration which would leave something open. It does not own any decision
// about a person: those are made in session, login, authorize, guard and
// account, none of which knows Caddy.
//
// Adapting and provisioning make no file and no network call.
package caddymodule
