// Package pushed keeps authorization requests that clients sent ahead (RFC
// 9126), each under an address that means it: a request_uri.
//
// It owns the form of the address (256 random bits in our urn, only a hash
// stored), how long a request waits, that it belongs to the browser that first
// brought it, and that it is answered once. It does not own the endpoint, the
// judging of requests, nor how a browser is known again: all that is package
// authorize's.
package pushed
