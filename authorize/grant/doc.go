// Package grant gives out what was granted, and knows when it is used up or taken
// back: authorization codes, opaque access tokens and refresh tokens.
//
// Codes and opaque access tokens are what they stand for, sealed (ADR 22): nothing
// is kept of them but, among the short-lived things, a mark that a code was spent
// or a token, a family or a consent ended. Refresh tokens are records, one row for
// each family: all that came of one authorization, however often it was renewed. A
// family can be ended, and then everything of it is dead wherever it is looked at,
// access tokens that are JWTs included.
//
// The package owns the form of all these (sealed, or 256 random bits and more of
// which only hashes are stored), their lifetimes, that a code is spent once, that a
// refresh token has at most one living successor, and that a replay ends the family.
// It does not own who may redeem what, nor whether a person's session is still alive:
// that is package token's.
//
//	code.go      codes: giving them out, spending them once
//	access.go    access tokens, and whether they stand
//	lineage.go   what an access token came of
//	seal.go      sealing, and the epoch that sealed things are bound to
//	end.go       the marks
//	family.go    the rows of refresh tokens
//	refresh.go   refresh tokens: their use
//	manage.go    what ends with a session, a person, a consent, a client
package grant
