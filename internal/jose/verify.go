package jose

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
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

// forbidden are header members that change how a token is read or where its
// key comes from. Nothing here understands them, and ignoring one is how
// others were fooled: extensions and unencoded payloads (RFC 7515, section
// 4.1.11; RFC 7797), keys and addresses of keys (RFC 8725, section 3.10;
// JWT-07), encryption and compression (JWT-08).
var forbidden = []string{
	"crit", "b64", "jku", "jwk", "x5u", "x5c",
	"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c",
}

// header holds the members that count.
type header struct {
	alg, typ, kid string
	named         bool // there is a kid
}

// Verify checks token against e and decodes its claims into claims. What the
// claims say is for the caller to judge. The errors tell the log why; no error
// holds a part of the token.
func Verify(token string, e Expect, claims any) error {
	if len(token) > MaxToken {
		return fmt.Errorf("a token of more than %d bytes", MaxToken)
	}
	parts, err := split(token)
	if err != nil {
		return err
	}
	h, err := readHeader(parts[0])
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if err := e.allows(h); err != nil {
		return err
	}
	key, err := e.Keys.pick(h.alg, h.kid, h.named)
	if err != nil {
		return err
	}
	alg := jose.SignatureAlgorithm(h.alg)
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
	if err != nil {
		return errForm
	}
	payload, err := jws.Verify(key.key)
	if err != nil {
		return errSignature
	}
	if err := scanJSON(payload); err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	if err := json.Unmarshal(payload, claims); err != nil {
		return errors.New("claims: of another type than expected")
	}
	return nil
}

// split decodes the three parts strictly: one text, one token.
func split(token string) (parts [3][]byte, err error) {
	texts := strings.Split(token, ".")
	if len(texts) != 3 {
		return parts, errForm
	}
	for i, text := range texts {
		// The decoder skips line breaks, which are not in the alphabet.
		if text == "" || strings.ContainsAny(text, "\r\n") {
			return parts, errForm
		}
		if parts[i], err = base64.RawURLEncoding.Strict().DecodeString(text); err != nil {
			return parts, errForm
		}
	}
	return parts, nil
}

func readHeader(raw []byte) (h header, err error) {
	if err := scanJSON(raw); err != nil {
		return h, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return h, errJSON
	}
	for name := range members {
		known := fold(name)
		if slices.Contains(forbidden, known) || known != name && slices.Contains([]string{"alg", "typ", "kid"}, known) {
			return h, fmt.Errorf("member %q is not accepted", known)
		}
	}
	for name, to := range map[string]*string{"alg": &h.alg, "typ": &h.typ, "kid": &h.kid} {
		value, ok := members[name]
		if !ok {
			continue
		}
		if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, to) != nil || *to == "" {
			return h, fmt.Errorf("member %q is not a text", name)
		}
	}
	_, h.named = members["kid"]
	return h, nil
}

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
