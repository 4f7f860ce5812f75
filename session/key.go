package session

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// key is SHA-256(origin ‖ 0 ‖ id): what a handle is found by. The origin in it
// makes the cookie of one host a stranger at every other (SES-06).
type key [sha256.Size]byte

// idLength is that of [secret.New] in characters.
const idLength = (secret.Size*8 + 5) / 6

// lastDigits are the base64url digits whose two low bits are zero: the last of
// 43 digits stands for four bits, and only one spelling of them is accepted.
const lastDigits = "AEIMQUYcgkosw048"

// key gives the key of an id at this site; false for anything that
// [secret.New] can't have made. It does not allocate.
func (s *Site) key(id string) (key, bool) {
	if !validID(id) {
		return key{}, false
	}
	var room [320]byte // the longest origin that a browser knows, and an id
	b := append(room[:0], s.origin...)
	b = append(b, 0)
	b = append(b, id...)
	return sha256.Sum256(b), true
}

// current gives the key of the request's session cookie, if it has a usable
// one.
func (s *Site) current(lines []string) (key, bool) {
	return s.key(peek(lines, s.name, ""))
}

// String returns the key as stores know it; it equals
// secret.Hash(origin, id).
func (k key) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// validID is [secret.Valid] without its allocations.
func validID(id string) bool {
	if len(id) != idLength || strings.IndexByte(lastDigits, id[idLength-1]) < 0 {
		return false
	}
	for i := range idLength {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
