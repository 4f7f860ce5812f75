// Package authorize answers the one question this program exists for: may this
// client, or this guarded site, know who is sitting at this browser?
//
// The authorize endpoint in its steps (RFC 6749, section 3.1; OpenID Connect
// Core, section 3.1.2), one file each:
//
//	params.go   parse    what was sent: known parameters, canonical form
//	unwrap.go   unwrap   what was pushed or signed, in the place of what was sent
//	check.go    check    a list of rules; none of them knows a session
//	decide.go   decide   (request, session, clock) to one outcome
//	respond.go  respond  redirect, form post, or the way to the login page
//
// Parse, check and decide are pure, but for asking who a client is. Until client
// and redirect_uri are found to belong together an error is a [DisplayError] and
// is shown here; afterwards it is a [ClientError] and goes to the client (RFC
// 6749, section 4.1.2.1).
//
// Clients may send requests ahead, from server to server (push.go). They are
// judged there as they would be here, and here once more; an answer uses them
// up.
//
// A demand for a fresh login is met if, and only if, the person proved who they
// are after this browser first brought the request (seen.go). The answer to a
// POST is a redirect to the same request by GET (post.go), so that no cookie
// need ever be sent across sites. Who shall make an account first is sent where
// accounts are made, and comes back by an address that is sealed (create.go). A
// login page turns a request down by an address that is sealed for it (deny.go).
// Guarded sites are clients without registration, and get a ticket in place of a
// code (ticket.go).
//
// The package owns the endpoint, and the authorization context that a login page
// asks for. It does not own sessions, sites, keys or pages: it is given them.
// Package client says what a client is, grant keeps what was given out, pushed
// what was sent ahead, requestobject reads what was signed, token answers clients
// that come without a person, and endpoints gives all of these their addresses.
package authorize
