// Package account keeps the people who may sign in: accounts, their names,
// groups and password hashes, and which external identity belongs to whom.
//
// It owns the account tables, the rules for names and passwords, the bounded
// work of hashing, and the one-time link that makes the first administrator.
// It does not own sessions (a change that can end access is published for
// whoever keeps them), counting of guesses (package throttle), the pages, or
// what a provider's claims mean.
//
// # Passwords
//
// A password is used as it was typed, brought to Unicode NFC once and changed
// in no other way: no trimming, no folding of case or width (RFC 8265, section
// 4.2, without its mapping of spaces). It may have 1024 bytes before that, must
// be UTF-8 and must not contain NUL. New hashes are Argon2id; see [Hasher] for
// the formats that are read.
package account
