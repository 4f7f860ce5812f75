// Package keys owns the keys of an installation: the master key, which seals
// everything else at rest, and the signing keys, which are announced, used,
// kept for a while and removed.
//
// It owns the master key's file and the table of signing keys. It does not own
// what is signed (package authorize), how (internal/jose), or the sealing
// itself (internal/seal).
package keys
