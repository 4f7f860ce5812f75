// Package claims is what a client may learn about a person.
//
//	book.go     the scopes, and the claims that belong to each
//	person.go   what a claim says of a person
//	request.go  the parameter claims, with which a client asks for them by name
//
// It owns the names of the claims about people, the scope that each belongs to,
// and the form of the parameter (OpenID Connect Core, sections 5.1, 5.4 and
// 5.5). It does not own whether a person agrees (package consent), the claims of
// the protocol itself, nor tokens (package token).
package claims
