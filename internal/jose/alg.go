package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
)

// The algorithms that [Generate] makes keys for.
const (
	RS256 = "RS256" // RSA 2048, PKCS #1 v1.5: the default of OpenID Connect
	PS256 = "PS256" // RSA 2048, PSS
	ES256 = "ES256" // P-256
	EdDSA = "EdDSA" // Ed25519
)

// Ed25519 is what RFC 9864 calls EdDSA with an Ed25519 key. It is understood in
// the tokens of others, some of whom use this name alone.
const Ed25519 = "Ed25519"

const (
	minRSA = 2048 // bits (CRY-02)
	maxRSA = 8192 // bits: beyond, a foreign key costs more than it protects
)

// curves are the elliptic curve algorithms: RFC 7518, section 3.4 ties each to
// one curve.
var curves = map[string]elliptic.Curve{
	"ES256": elliptic.P256(),
	"ES384": elliptic.P384(),
	"ES512": elliptic.P521(),
}

// asymmetric tells whether alg is one that may be allowed at all. "none" and
// HMAC are not, in any spelling (JWT-02, JWT-03).
func asymmetric(alg string) bool {
	switch alg {
	case RS256, "RS384", "RS512", PS256, "PS384", "PS512", ES256, "ES384", "ES512", EdDSA, Ed25519:
		return true
	}
	return false
}

// generate makes a private key for alg.
func generate(alg string) (crypto.Signer, error) {
	switch alg {
	case RS256, PS256:
		return rsa.GenerateKey(rand.Reader, minRSA)
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("no keys are made for the algorithm %q", alg)
}

// fits tells why a public key can't be used with alg: each key has one
// algorithm, and enough bits.
func fits(alg string, key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if alg[0] != 'R' && alg[0] != 'P' {
			break
		}
		if bits := k.N.BitLen(); bits < minRSA || bits > maxRSA {
			return fmt.Errorf("an RSA key of %d bits", bits)
		}
		if k.E < 3 || k.E&1 == 0 || int64(k.E) > 1<<31-1 {
			return errors.New("an RSA key with a senseless exponent")
		}
		return nil
	case *ecdsa.PublicKey:
		if c := curves[alg]; c != nil && c == k.Curve {
			return nil
		}
	case ed25519.PublicKey:
		if edwards(alg) && len(k) == ed25519.PublicKeySize {
			return nil
		}
	}
	return fmt.Errorf("the key is not one for %s", alg)
}

// edwards tells whether alg is one of the two names of the same algorithm.
func edwards(alg string) bool { return alg == EdDSA || alg == Ed25519 }
