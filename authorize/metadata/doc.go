// Package metadata reads what a client says about itself, and says it again.
//
// It owns the names and meanings of client metadata (RFC 7591, section 2, with
// what OpenID Connect and others added), strict reading, and what of it a client
// that nobody vouches for may have. It does not own how the metadata came: from
// a client that registers itself (package registration), or from a document at
// the address that is its id (package document).
//
// "The authorization server MUST ignore any client metadata sent by the client
// that it does not understand" (RFC 7591, section 2). What is understood and not
// offered is refused, unless leaving it out can do no harm; then the answer says
// what was registered.
package metadata
