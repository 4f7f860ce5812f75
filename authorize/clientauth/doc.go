// Package clientauth answers who the client is that asks at an endpoint without
// a person: token, pushed requests, introspection, revocation, device.
//
// It owns the methods (RFC 6749, section 2.3; RFC 7523; RFC 8705; OpenID
// Connect Core, section 9), what a client assertion must say, that it is used
// once, and the fetching of a client's keys from its address. It does not own
// what clients are (package client), the binding of tokens to keys and
// certificates (package proof), nor what an endpoint's error looks like.
//
// A failure is one of three. fault.Invalid is a request that can't be
// understood whoever sent it, such as one with two methods: invalid_request,
// with the sentence of fault.Public. fault.Denied is every other refusal, with
// one sentence for all of them: invalid_client. Only the log learns the reason.
// Anything else refuses nobody: fault.Throttled and [client.ErrSilent], where a
// client that came by itself can't be had for now, or a failure of our own.
package clientauth
