// Package device lets somebody allow a device without a browser of its own, such
// as a television or a command line, to act for them (RFC 8628).
//
//	endpoint.go  the device begins, and gets its two codes
//	code.go      the code that a person copies
//	requests.go  what waits: short-lived things
//	poll.go      the device asks whether it may go on
//	page.go      the page where the code is typed
//	confirm.go   the page that asks, and the one decision
//
// Whoever begins may have sent somebody else the code: the person is the one who
// must notice (section 5.4). So the page always asks, whoever's client it is and
// whatever was allowed before, shows when and from where the device asked, and
// wants it said that the device is the person's own. A link with the code in it
// only fills in the field.
//
// A request is decided once, by whoever takes its user code; what is allowed is
// a grant (package grant), redeemed once. The package owns neither tokens and
// their endpoint (package token), nor how clients prove who they are, nor the
// pages' looks.
package device
