package jose

import (
	"errors"
	"slices"
	"strings"
)

// MaxToken is the length of the longest token that is looked at, in bytes.
const MaxToken = 16 << 10

// Expect says what a token must be. The zero value accepts nothing.
type Expect struct {
	// Algs are the allowed algorithms; a name of a symmetric one or "none"
	// makes every token be refused.
	Algs []string
	// Types are the allowed values of typ, with or without "application/",
	// in any case (RFC 7515, section 4.1.9). "" allows a token without one.
	Types []string
	// Keys are the only keys that count.
	Keys Set
}

// ErrUnknownKey is wrapped by [Verify] if the token asks for a key that is not
// in the set, as after a rotation nobody has told us of.
var ErrUnknownKey = errors.New("the token is signed by an unknown key")

var (
	errForm      = errors.New("not a token")
	errSignature = errors.New("the signature is wrong")
)

// Verify checks token against e and decodes its claims into claims. What the
// claims say is for the caller to judge. The errors tell the log why; no error
// holds a part of the token.
func Verify(token string, e Expect, claims any) error {
	t, err := parse(token, false)
	if err != nil {
		return err
	}
	if err := e.allows(t.header); err != nil {
		return err
	}
	key, err := e.Keys.pick(t.alg, t.kid, t.named)
	if err != nil {
		return err
	}
	if err := t.signedBy(key); err != nil {
		return err
	}
	return t.decode(claims)
}

// Unverified decodes the claims of a token of which nothing is proved, to find
// out who is said to have signed it. The token must then be given to [Verify].
func Unverified(token string, claims any) error {
	t, err := parse(token, false)
	if err != nil {
		return err
	}
	return t.decode(claims)
}

// allows holds the header against what is expected. The algorithm comes from
// the list of this use, never from the token alone (RFC 8725, section 3.1).
func (e Expect) allows(h header) error {
	for _, alg := range e.Algs {
		if !asymmetric(alg) {
			return errors.New("the list of allowed algorithms has one that must not be allowed")
		}
	}
	if !slices.Contains(e.Algs, h.alg) {
		return errors.New("the token's algorithm is not allowed")
	}
	for _, typ := range e.Types {
		if mediaType(typ) == mediaType(h.typ) {
			return nil
		}
	}
	return errors.New("the token is of another type")
}

// mediaType brings a typ to one form. Only ASCII is folded.
func mediaType(typ string) string {
	lower := []byte(typ)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return strings.TrimPrefix(string(lower), "application/")
}
