package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"testing"
)

// SignRaw signs a text as it stands, so that tests can make tokens that the
// library would not.
func SignRaw(t testing.TB, k *Key, text string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	var err error
	switch key := k.secret().(type) {
	case *rsa.PrivateKey:
		if k.public.alg == PS256 {
			sig, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			sig, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		}
	case *ecdsa.PrivateKey:
		r, s, e := ecdsa.Sign(rand.Reader, key, sum[:])
		sig, err = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), e
	case ed25519.PrivateKey:
		sig = ed25519.Sign(key, []byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// Private gives the key as JWK, for tests of those who lose theirs.
func Private(t testing.TB, k *Key) string {
	t.Helper()
	raw, err := k.MarshalPrivate()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// FixedKey is the same Ed25519 key in every run, so that a found input stays
// meaningful.
func FixedKey(t testing.TB) *Key {
	t.Helper()
	k, err := newKey(EdDSA, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Publics gives the keys of a set.
func Publics(s Set) []Public { return s.keys }

// CryptoPublic gives the key as a certificate has it.
func CryptoPublic(k *Key) crypto.PublicKey { return k.public.key }
