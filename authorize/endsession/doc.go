// Package endsession answers a client that wants the person signed out here too
// (OpenID Connect RP-Initiated Logout 1.0), and has the browser tell clients
// that asked for that (OpenID Connect Front-Channel Logout 1.0).
//
// The endpoint in its steps, one file each:
//
//	request.go   what was sent: known parameters, sealed where it was posted
//	evidence.go  which client asks, and whether its id_token_hint is ours
//	judge.go     (request, evidence, session) to one of three steps; pure
//	handler.go   does it: end, ask, or say that nobody is signed in
//	confirm.go   the answer of a person who was asked
//	frames.go    the addresses of the front channel
//
// A session ends without a question only for a hint that names it (CSR-05).
// Nobody is sent anywhere but to an address that the client registered
// (RED-03), after the session has ended or where there is none; so no way round
// leads back here by itself.
//
// What can't be believed is not heeded, and the person can sign out all the
// same: an error page would leave them signed in. Only a request that can't be
// read at all is an error.
//
// It does not own sessions, pages, clients nor keys: it is given them. Clients
// that are told server to server are package backchannel's.
package endsession
