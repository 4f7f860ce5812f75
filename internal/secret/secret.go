// Package secret makes the random values that grant something and the hashes
// under which they are kept.
//
// It owns their length and form. Nothing here is ever stored or logged; stores
// see hashes only (SES-18).
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Size is the number of random bytes in a value: 256 bits.
const Size = 32

// New returns 256 random bits in base64url, 43 characters. None begins with a
// dash, which a command would take for an option.
func New() string {
	for {
		var b [Size]byte
		rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		if s := base64.RawURLEncoding.EncodeToString(b[:]); s[0] != '-' {
			return s
		}
	}
}

// Valid tells whether s has the one form that [New] gives.
func Valid(s string) bool {
	if len(s) != base64.RawURLEncoding.EncodedLen(Size) {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == Size // the decoder skips line breaks
}

// Hash returns the SHA-256 of the parts in base64url. Each part but the last
// is followed by a zero byte, so that parts can't run into one another.
func Hash(parts ...string) string {
	h := sha256.New()
	for i, p := range parts {
		if i > 0 {
			h.Write([]byte{0})
		}
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Equal compares in constant time (CRY-03).
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
