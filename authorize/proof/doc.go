// Package proof ties tokens to who may use them: to the key that signs DPoP
// proofs (RFC 9449) or to the certificate of the connection (RFC 8705, section
// 3).
//
// It owns what a proof must say, that it is used once, the nonces that date it,
// and the comparison of what a token is bound to with what a request shows. It
// does not own who the client is (package clientauth), tokens, or which clients
// must bind theirs.
package proof
