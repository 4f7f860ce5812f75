// Package fakeidp is an OpenID provider for tests: in-process, over real HTTPS
// on loopback, with real keys.
//
// It is strict by default and reports every request that a good relying party
// would not send. Each misbehaviour of a provider is one switch. It owns no
// expectations about what the relying party does with an answer.
package fakeidp
