package conformance_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
)

// signer is a client's key. It signs wrong things too, which the product's own
// package does not.
type signer struct {
	alg string // PS256 or ES256
	key crypto.Signer
}

// change alters a token before it is signed. Nil: it is right.
type change func(header, claims map[string]any)

func newSigner(t testing.TB, alg string) *signer {
	t.Helper()
	var key crypto.Signer
	var err error
	if alg == "ES256" {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &signer{alg, key}
}

// jwk is the public key with nothing but what RFC 7638 takes the thumbprint of.
func (s *signer) jwk(t testing.TB) map[string]any {
	t.Helper()
	if public, ok := s.key.Public().(*rsa.PublicKey); ok {
		return map[string]any{"kty": "RSA", "n": base64url(public.N.Bytes()), "e": "AQAB"}
	}
	point, err := s.key.Public().(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": base64url(point[1:33]), "y": base64url(point[33:])}
}

// thumbprint is the key's name (RFC 7638, section 3).
func (s *signer) thumbprint(t testing.TB) string {
	t.Helper()
	sum := sha256.Sum256(marshal(t, s.jwk(t)))
	return base64url(sum[:])
}

// sign makes a token (RFC 7515, section 3.1). What the header says of the
// algorithm is done, unless it says nothing.
func (s *signer) sign(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	text := base64url(marshal(t, header)) + "." + base64url(marshal(t, claims))
	digest := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	switch key, isEC := s.key.(*ecdsa.PrivateKey); {
	case header["alg"] == "none":
	case isEC:
		r, c, failed := ecdsa.Sign(rand.Reader, key, digest[:])
		if err = failed; err == nil {
			signature = append(r.FillBytes(make([]byte, 32)), c.FillBytes(make([]byte, 32))...)
		}
	case header["alg"] == "RS256":
		signature, err = s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	default:
		signature, err = s.key.Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	}
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64url(signature)
}

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
