// Package requestobject reads authorization requests that clients signed (RFC
// 9101): JWTs that come by value, with the parameters as claims.
//
// It owns what such an object must say, how long it is good for, and how its
// claims become parameters. It does not own the keys of clients (package
// clientauth) nor what parameters mean (package authorize). Objects that are
// unsigned, signed with a shared secret or encrypted are refused; addresses of
// objects are nothing this package knows.
//
// That an object is used twice is not prevented: it grants nothing by itself,
// as a request in plain parameters doesn't. Whoever repeats it is judged anew,
// the code goes to the client's own address and is worth nothing without the
// verifier of the challenge in it.
package requestobject
