package jose

import (
	"crypto"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

const (
	// maxSet bounds what [ParseSet] reads, in bytes and in keys.
	maxSet     = 64 << 10
	maxSetKeys = 64
)

// Set is a set of public keys, each under its id.
type Set struct{ keys []Public }

// NewSet makes a set.
func NewSet(keys ...Public) Set { return Set{keys: append([]Public(nil), keys...)} }

// MarshalJSON gives a JWK Set (RFC 7517, section 5).
func (s Set) MarshalJSON() ([]byte, error) {
	keys := s.keys
	if keys == nil {
		keys = []Public{}
	}
	return json.Marshal(map[string][]Public{"keys": keys})
}

// UnmarshalJSON reads what [ParseSet] does.
func (s *Set) UnmarshalJSON(raw []byte) error {
	parsed, err := ParseSet(raw)
	if err == nil {
		*s = parsed
	}
	return err
}

// Len says how many keys there are.
func (s Set) Len() int { return len(s.keys) }

// Holds tells whether key, as it stands in a certificate, is one of the set.
func (s Set) Holds(key crypto.PublicKey) bool {
	for _, k := range s.keys {
		if same, ok := k.key.(interface{ Equal(crypto.PublicKey) bool }); ok && same.Equal(key) {
			return true
		}
	}
	return false
}

// ParseSet reads the JWK Set of somebody else. Keys that can't verify a
// signature with one of the algorithms known here are left out, as RFC 7517,
// section 5 demands; a key without "alg" stands for every algorithm of its
// type. A set that holds private or symmetric keys is refused: its owner has
// lost them.
func ParseSet(raw []byte) (Set, error) {
	if len(raw) > maxSet {
		return Set{}, errors.New("a key set of more than 64 KiB")
	}
	if err := scanJSON(raw); err != nil {
		return Set{}, err
	}
	var parsed struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &parsed); err != nil || parsed.Keys == nil {
		return Set{}, errors.New("not a key set")
	}
	if len(parsed.Keys) > maxSetKeys {
		return Set{}, errors.New("a key set of more than 64 keys")
	}
	var s Set
	for _, one := range parsed.Keys {
		var jwk jose.JSONWebKey
		if err := jwk.UnmarshalJSON(one); err != nil {
			continue
		}
		if !jwk.IsPublic() {
			return Set{}, errors.New("a key set with a key that is not public")
		}
		if p, err := foreign(jwk); err == nil && forVerifying(one) {
			s.keys = append(s.keys, p)
		}
	}
	return s, nil
}

// foreign makes a key of one that somebody else describes.
func foreign(jwk jose.JSONWebKey) (Public, error) {
	if jwk.Algorithm != "" {
		return newPublic(jwk.Algorithm, jwk.KeyID, jwk.Key)
	}
	for _, alg := range []string{RS256, ES256, "ES384", "ES512", EdDSA} {
		if p, err := newPublic(alg, jwk.KeyID, jwk.Key); err == nil {
			p.alg = ""
			return p, nil
		}
	}
	return Public{}, errors.New("a key for no known algorithm")
}

// forVerifying tells whether a JWK says that it may verify signatures, or does
// not say what it is for (RFC 7517, sections 4.2 and 4.3).
func forVerifying(raw []byte) bool {
	var jwk struct {
		Use *string  `json:"use"`
		Ops []string `json:"key_ops"`
	}
	if json.Unmarshal(raw, &jwk) != nil {
		return false
	}
	return (jwk.Use == nil || *jwk.Use == "sig") && (jwk.Ops == nil || slices.Contains(jwk.Ops, "verify"))
}

// pick gives the one key of the set that a header may mean. The id only
// selects among these keys (JWT-07); without one the choice must be clear.
func (s Set) pick(alg, id string, named bool) (Public, error) {
	var found []Public
	for _, k := range s.keys {
		if k.takes(alg) && (!named || k.id == id) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return Public{}, ErrUnknownKey
	}
	return found[0], nil
}
