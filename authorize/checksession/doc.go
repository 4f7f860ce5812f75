// Package checksession lets a client's page notice, without asking the server,
// that the person's login at this provider changed (OpenID Connect Session
// Management 1.0).
//
// It owns the one cookie of ours that a script may read, the value
// session_state that an authorization answer carries, and the page that
// compares the two in a frame. It does not own sessions: it is told which one
// there is.
//
// What it can't do is known: it sees changes of the cookie, not a session that
// ended at the server, and it sees nothing in browsers that keep cookies from
// frames of other sites. A client that must know is told through package
// backchannel.
package checksession
