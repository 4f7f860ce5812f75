package jose

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-jose/go-jose/v4"
)

const redacted = "REDACTED"

// Key is a private key with its one algorithm. It prints, logs and encodes as
// REDACTED; only [Key.MarshalPrivate] gives it away.
type Key struct {
	// A function, because package fmt looks into everything else: of a Key in
	// an unexported field of another type it can't call our methods, and with
	// a wrong verb it even follows pointers.
	secret func() crypto.Signer
	public Public
}

// Generate makes a key for RS256, PS256 (2048 bits), ES256 or EdDSA.
func Generate(alg string) (*Key, error) {
	signer, err := generate(alg)
	if err != nil {
		return nil, err
	}
	return newKey(alg, signer)
}

func newKey(alg string, signer crypto.Signer) (*Key, error) {
	public, err := newPublic(alg, "", signer.Public())
	if err != nil {
		return nil, err
	}
	return &Key{secret: func() crypto.Signer { return signer }, public: public}, nil
}

// ParsePrivate reads what [Key.MarshalPrivate] wrote. Its errors tell nothing
// about the key.
func ParsePrivate(raw []byte) (*Key, error) {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(raw); err != nil {
		return nil, errors.New("not a private key in JWK form") // err may quote the input
	}
	signer, ok := jwk.Key.(crypto.Signer)
	if !ok || jwk.IsPublic() || !asymmetric(jwk.Algorithm) {
		return nil, errors.New("not a private key with an algorithm")
	}
	if k, ok := signer.(*rsa.PrivateKey); ok {
		k.Precompute() // or each signature checks and prepares the key anew
	}
	key, err := newKey(jwk.Algorithm, signer)
	if err != nil {
		return nil, err
	}
	if key.public.id != jwk.KeyID {
		return nil, errors.New("a private key under another key's id")
	}
	return key, nil
}

// MarshalPrivate gives the key as JWK (RFC 7517), to be sealed at once.
func (k *Key) MarshalPrivate() ([]byte, error) {
	return jose.JSONWebKey{Key: k.secret(), KeyID: k.public.id, Algorithm: k.public.alg, Use: "sig"}.MarshalJSON()
}

// Public gives the part that everybody may have.
func (k *Key) Public() Public { return k.public }

// ID gives the key's id, the thumbprint of its public part (RFC 7638).
func (k *Key) ID() string { return k.public.id }

// Alg gives the key's algorithm.
func (k *Key) Alg() string { return k.public.alg }

// String implements fmt.Stringer without giving the key away.
func (Key) String() string { return redacted }

// Format does the same for every verb of package fmt.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, redacted) }

// MarshalJSON does the same for encoders.
func (Key) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText does the same for other encoders.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue does the same for package slog.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// Public is a public key with its one algorithm. A key of somebody else that
// names none has those of its type: an RSA key is never one for ES256.
type Public struct {
	alg, id string
	key     crypto.PublicKey
}

// newPublic checks that alg and key go together. An empty id becomes the
// thumbprint.
func newPublic(alg, id string, key crypto.PublicKey) (Public, error) {
	if !asymmetric(alg) {
		return Public{}, fmt.Errorf("the algorithm %q is not allowed", alg)
	}
	if err := fits(alg, key); err != nil {
		return Public{}, err
	}
	p := Public{alg: alg, id: id, key: key}
	if id == "" {
		p.id = p.Thumbprint()
	}
	return p, nil
}

// ID gives the key's id.
func (p Public) ID() string { return p.id }

// Alg gives the key's algorithm, "" for a key of somebody else that names none.
func (p Public) Alg() string { return p.alg }

// Thumbprint gives the SHA-256 thumbprint of the key in base64url (RFC 7638),
// whatever its id is. The zero Public has none.
func (p Public) Thumbprint() string {
	sum, err := (&jose.JSONWebKey{Key: p.key}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "" // only for a key of no known type, and newPublic lets none in
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// takes tells whether a token with this alg may be one of the key's.
func (p Public) takes(alg string) bool {
	if p.alg == "" || edwards(p.alg) && edwards(alg) {
		return fits(alg, p.key) == nil
	}
	return p.alg == alg
}

// MarshalJSON gives the key as JWK with use "sig".
func (p Public) MarshalJSON() ([]byte, error) {
	return jose.JSONWebKey{Key: p.key, KeyID: p.id, Algorithm: p.alg, Use: "sig"}.MarshalJSON()
}
