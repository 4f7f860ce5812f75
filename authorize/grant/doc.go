// Package grant keeps what was granted until it is collected, used up or taken
// back: authorization codes, opaque access tokens and refresh tokens.
//
// Codes and access tokens are short-lived things. Refresh tokens are records,
// one row for each family: all that came of one authorization, however often
// it was renewed. A family can be ended, and then everything of it is dead
// wherever it is looked at, access tokens that are JWTs included.
//
// The package owns the form of all these (256 random bits and more, only hashes
// stored), their lifetimes, that a code is spent once, that a refresh token
// has at most one living successor, and that a replay ends the family. It does
// not own who may redeem what, nor whether a person's session is still alive:
// that is package token's.
package grant
