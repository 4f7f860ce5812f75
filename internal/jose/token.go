package jose

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
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
	named         bool            // there is a kid
	jwk           json.RawMessage // nil but in a token that brings its key
}

// token is a token taken apart. Nothing in it is proved yet.
type token struct {
	header
	text    string
	payload []byte
	sig     []byte
}

// parse takes text apart. A token that brings its own key must have one, every
// other must not.
func parse(text string, bringsKey bool) (token, error) {
	if len(text) > MaxToken {
		return token{}, fmt.Errorf("a token of more than %d bytes", MaxToken)
	}
	parts, err := split(text)
	if err != nil {
		return token{}, err
	}
	h, err := readHeader(parts[0], bringsKey)
	if err != nil {
		return token{}, fmt.Errorf("header: %w", err)
	}
	return token{header: h, text: text, payload: parts[1], sig: parts[2]}, nil
}

// signedBy checks the signature. The caller has found that the token's
// algorithm is allowed and is one of the key's.
func (t token) signedBy(key Public) error {
	if t.alg == Ed25519 { // the library knows its other name only
		public, ok := key.key.(ed25519.PublicKey)
		if !ok || !ed25519.Verify(public, []byte(t.text[:strings.LastIndexByte(t.text, '.')]), t.sig) {
			return errSignature
		}
		return nil
	}
	jws, err := jose.ParseSignedCompact(t.text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(t.alg)})
	if err != nil {
		return errForm
	}
	if _, err := jws.Verify(key.key); err != nil {
		return errSignature
	}
	return nil
}

// decode reads the claims.
func (t token) decode(claims any) error {
	if err := scanJSON(t.payload); err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	if err := json.Unmarshal(t.payload, claims); err != nil {
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

func readHeader(raw []byte, bringsKey bool) (h header, err error) {
	if err := scanJSON(raw); err != nil {
		return h, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return h, errJSON
	}
	if bringsKey {
		h.jwk = members["jwk"]
		delete(members, "jwk")
		if h.jwk == nil {
			return h, errors.New("there is no key in it")
		}
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
