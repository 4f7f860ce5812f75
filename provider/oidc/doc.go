// Package oidc lets people log in at an external OpenID provider: the
// authorization code flow with PKCE, as a client (OpenID Connect Core 1.0,
// section 3.1).
//
// It owns the provider's metadata and keys, the request that sends a person
// away, and everything that is checked in what comes back and in the logout
// tokens by which a provider tells that a login there is over. It keeps nothing
// of a login under way: what it must remember is the memo that its caller keeps
// sealed and gives back, so that two logins at once can't be mixed up. It does
// not own accounts, sessions, cookies or pages.
package oidc
