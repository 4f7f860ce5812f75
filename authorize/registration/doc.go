// Package registration lets clients register themselves (RFC 7591), and look
// after what they registered (RFC 7592).
//
// It owns the tokens by which somebody may register a client, the endpoints, and
// of each client that came this way the token for its management, what it says
// for people to read, and its end if it is never used. The client itself is kept
// by package registry like any other; what metadata mean is package metadata's.
//
// Nobody registers without an initial access token, which whoever runs this
// provider made by command (OAU-42). Tokens are random, shown once and kept as
// hashes.
package registration
