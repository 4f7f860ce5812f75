// Package consent asks people what a client may know about them, remembers what
// they said, and lets them take it back.
//
//	terms.go     what is asked for, of whom, by which request
//	consents.go  what was allowed and is remembered: records
//	answer.go    what was just said to one request: short-lived, used once
//	ask.go       the page that asks, and its answer
//	grants.go    the page of what was allowed, and taking it back
//
// An answer counts for exactly the request, person, session and terms that the
// page showed, and for one use. There is nothing in an address that could stand
// for it: the request comes back as it was, and what is known of it here makes
// the difference. Whoever changes a scope in the address changes the request.
//
// A remembered consent covers a request if one single answer allowed all its
// scopes for all its resource servers. Two answers are not added up: reading
// files here and mail there is not reading mail here. Each ends at a time that
// was fixed when it was given (OAU-38), and earlier if the client's limit was
// shortened since.
//
// The package does not decide whether to ask (package authorize does), makes no
// pages, and ends no tokens: it is given who does.
package consent
