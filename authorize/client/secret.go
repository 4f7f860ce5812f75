package client

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
)

// MinSecret is the least length of a client secret in characters. Secrets are
// random, so one round of SHA-256 protects them; what is shorter was typed by
// a person and could be guessed (OAU-11).
const MinSecret = 32

// maxSecret bounds what is hashed for a stranger.
const maxSecret = 512

// Secret is the hash of a client secret. It prints as REDACTED.
type Secret struct{ sum [sha256.Size]byte }

// NewSecret hashes plain, which must have [MinSecret] to 512 characters and not
// repeat one of them throughout. The error does not contain it.
func NewSecret(plain string) (Secret, error) {
	if len(plain) < MinSecret || len(plain) > maxSecret {
		return Secret{}, errors.New("a client secret must have 32 to 512 characters")
	}
	same := true
	for i := range len(plain) {
		same = same && plain[i] == plain[0]
	}
	if same {
		return Secret{}, errors.New("a client secret must be random")
	}
	return Secret{sum: sha256.Sum256([]byte(plain))}, nil
}

// ParseSecret reads what [Secret.Sum] gave.
func ParseSecret(sum string) (Secret, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sum)
	if err != nil || len(raw) != sha256.Size || [sha256.Size]byte(raw) == [sha256.Size]byte{} {
		return Secret{}, errors.New("not the hash of a client secret")
	}
	return Secret{sum: [sha256.Size]byte(raw)}, nil
}

// Sum gives the hash in base64url, to be stored.
func (s Secret) Sum() string { return base64.RawURLEncoding.EncodeToString(s.sum[:]) }

// String implements fmt.Stringer without giving the hash away.
func (Secret) String() string { return "REDACTED" }

// GoString does the same for %#v.
func (Secret) GoString() string { return "REDACTED" }

// MarshalText does the same for encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// Authenticate tells whether plain is one of the client's secrets. All are
// compared, in constant time (OAU-11, CRY-03). A nil client costs the same and
// is refused, so that time does not tell which clients exist.
func (c *Client) Authenticate(plain string) bool {
	secrets := []Secret{{}}
	if c != nil && len(c.Secrets) > 0 {
		secrets = c.Secrets
	}
	if len(plain) > maxSecret {
		plain = plain[:0]
	}
	sum, ok := sha256.Sum256([]byte(plain)), 0
	for _, s := range secrets {
		ok |= subtle.ConstantTimeCompare(sum[:], s.sum[:])
	}
	return ok == 1 && plain != "" && c != nil && !c.Public
}
