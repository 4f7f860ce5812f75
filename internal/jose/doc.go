// Package jose signs and verifies JSON Web Tokens and reads and writes keys.
// It is the only importer of the JOSE library.
//
// It owns what a token may look like: compact serialisation, a small header,
// one asymmetric algorithm per key (RFC 8725). It does not own where keys are
// kept (package keys) nor what claims mean: issuer, audience and times are
// checked by whoever reads them.
package jose
