package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Sign makes a token with exactly the header members alg, kid and typ. claims
// must encode as a JSON object. typ says what the token is for, so that one
// kind is never taken for another (RFC 8725, section 3.11).
func (k *Key) Sign(typ string, claims any) (string, error) {
	if typ == "" {
		return "", errors.New("a token needs a type")
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	if len(payload) == 0 || payload[0] != '{' {
		return "", errors.New("claims must be an object")
	}
	header, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
		Typ string `json:"typ"`
	}{k.public.alg, k.public.id, typ})
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	b64 := base64.RawURLEncoding
	text := b64.AppendEncode(append(b64.AppendEncode(nil, header), '.'), payload)
	sig, err := k.signature(text)
	if err != nil {
		return "", errors.New("signing failed") // err may hold the key
	}
	return string(b64.AppendEncode(append(text, '.'), sig)), nil
}

// signature signs text (RFC 7518, section 3; RFC 8037, section 3.1). The library
// would do the same, and half as much again around it for every token.
func (k *Key) signature(text []byte) ([]byte, error) {
	sum := sha256.Sum256(text)
	key := k.secret()
	switch k.public.alg {
	case RS256:
		return key.Sign(nil, sum[:], crypto.SHA256)
	case PS256:
		return key.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	case EdDSA:
		return key.Sign(nil, text, crypto.Hash(0))
	}
	curve, ok := key.(*ecdsa.PrivateKey)
	if !ok || k.public.alg != ES256 {
		return nil, errors.New("not an algorithm to sign with")
	}
	r, s, err := ecdsa.Sign(rand.Reader, curve, sum[:])
	if err != nil {
		return nil, err
	}
	const size = 32 // of either number, with its leading zeros (RFC 7518, section 3.4)
	return append(r.FillBytes(make([]byte, size, 2*size)), s.FillBytes(make([]byte, size))...), nil
}
