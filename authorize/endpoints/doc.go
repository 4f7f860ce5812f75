// Package endpoints is the front desk: the addresses that clients speak to, and
// what discovery says about them.
//
//	table.go      the one list of endpoints: address, methods, who serves it
//	discovery.go  what clients are told of them
//	publish.go    serving that, and the public keys
//	cors.go       which scripts may read the answers
//
// It owns the addresses below the issuer, what is switched off, the methods
// where an endpoint has no say of its own, cross-origin requests and discovery.
// It does not own what happens at an endpoint: it is given the servers, and says
// of them what they are.
package endpoints
