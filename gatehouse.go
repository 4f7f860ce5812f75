// Package gatehouse puts a login in front of any web application that Caddy
// serves. Importing it registers the Caddy modules; it has no other content,
// so that `xcaddy build --with github.com/gatehouse-auth/gatehouse` works.
//
// A map of the module:
//
//   - caddymodule: Caddy's view of it all: modules and Caddyfile; the command
//     is in caddymodule/command
//   - guard: cleans a request and decides about it, without any I/O
//   - session: the session, its cookie, tickets between hosts
//   - login: the pages a person goes through to be known
//   - authorize: the OpenID Provider
//   - account, keys, throttle, audit, page: accounts, signing keys, limits on
//     guessing, security events, how pages look
//   - provider: external sources of identities
//   - store: the two contracts of storage, and what fulfils them
//   - identity, fault: the words for people and for failures
//
// session, login, authorize, guard and account never import one another; only
// caddymodule, its command and cmd/caddy import Caddy. docs/ARCHITECTURE.md says more.
package gatehouse

import (
	_ "github.com/gatehouse-auth/gatehouse/caddymodule"         // the modules
	_ "github.com/gatehouse-auth/gatehouse/caddymodule/command" // caddy gatehouse
)
