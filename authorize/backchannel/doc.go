// Package backchannel tells clients, server to server, that a session they know
// of is over (OpenID Connect Back-Channel Logout 1.0).
//
// An [Outbox] takes down whom to tell in the same instant as the session ends
// (its method Ended is what sessions call), in the database, so that neither a
// crash nor a client that is down makes a notice disappear. A [Sender] takes
// notices out, signs a logout token for each attempt and posts it. Any number
// of processes may send from one outbox: a notice is leased to one of them at a
// time.
//
// It owns the notices, the logout token, and when to try again. It does not own
// sessions, clients, keys, nor the way out to the network: it is given them.
// It knows no browser: what a browser has to do with a logout is in package
// endsession.
package backchannel
