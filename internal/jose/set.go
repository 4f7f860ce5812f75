package jose

import (
	"encoding/json"
	"errors"

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

// ParseSet reads the JWK Set of somebody else. Keys that can't verify a
// signature with one of the algorithms known here are left out, as RFC 7517,
// section 5 demands; a key without "alg" is taken for the first algorithm of
// its kind (RS256, ES256 …). A set that holds private or symmetric keys is
// refused: its owner has lost them.
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
		if p, ok := foreign(jwk); ok {
			s.keys = append(s.keys, p)
		}
	}
	return s, nil
}

func foreign(jwk jose.JSONWebKey) (Public, bool) {
	if jwk.Use != "" && jwk.Use != "sig" {
		return Public{}, false
	}
	algs := []string{jwk.Algorithm}
	if jwk.Algorithm == "" {
		algs = []string{RS256, ES256, "ES384", "ES512", EdDSA}
	}
	for _, alg := range algs {
		if p, err := newPublic(alg, jwk.KeyID, jwk.Key); err == nil {
			return p, true
		}
	}
	return Public{}, false
}

// pick gives the one key of the set that a header may mean. The id only
// selects among these keys (JWT-07); without one the choice must be clear.
func (s Set) pick(alg, id string, named bool) (Public, error) {
	var found []Public
	for _, k := range s.keys {
		if k.alg == alg && (!named || k.id == id) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return Public{}, ErrUnknownKey
	}
	return found[0], nil
}
