package proof_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/store"
)

// rsaProof signs a proof with an RSA key.
func rsaProof(t *testing.T, private *rsa.PrivateKey, alg, payload string) string {
	t.Helper()
	header := `{"typ":"dpop+jwt","alg":"` + alg + `","jwk":{"kty":"RSA","e":"AQAB","n":"` + b64(private.N.Bytes()) + `"}}`
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	var err error
	if alg == jose.PS256 {
		sig, err = rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		sig, err = rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	}
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

// broken is a store that can't keep anything.
type broken struct{ store.Shorts }

func (broken) Create(context.Context, store.Item) error {
	return fault.Wrap(fault.Unavailable, "test", errors.New("disk full"))
}
