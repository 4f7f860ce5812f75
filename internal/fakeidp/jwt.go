package fakeidp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
)

var b64 = base64.RawURLEncoding

// sign makes a compact JWS (RFC 7515, section 3.1), also where it is wrong to.
func (p *Provider) sign(alg string, header, claims map[string]any, s Switches) string {
	head, _ := json.Marshal(header)
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	input := b64.EncodeToString(head) + "." + b64.EncodeToString(body)
	return input + "." + b64.EncodeToString(p.signature(alg, input, s))
}

func (p *Provider) signature(alg, input string, s Switches) []byte {
	digest := sha256.Sum256([]byte(input))
	switch alg {
	case "none":
		return nil
	case "HS256": // JWT-03: the classic confusion of a public key with a secret
		mac := hmac.New(sha256.New, x509.MarshalPKCS1PublicKey(&p.rsaKey.PublicKey))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	case "ES256":
		r, t, err := ecdsa.Sign(rand.Reader, p.ecKey, digest[:])
		if err != nil {
			panic(err)
		}
		return append(r.FillBytes(make([]byte, 32)), t.FillBytes(make([]byte, 32))...)
	}
	key := p.rsaKey
	if s.Foreign {
		key = p.foreign
	}
	if s.Key != nil {
		key = s.Key
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return sig
}

// RSAKey is the published form of a key (RFC 7518, section 6.3).
func RSAKey(kid string, key *rsa.PublicKey) map[string]any {
	return map[string]any{
		"kty": "RSA", "kid": kid, "use": "sig",
		"n": b64.EncodeToString(key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

// Own is the provider's published RSA key.
func (p *Provider) Own() *rsa.PublicKey { return &p.rsaKey.PublicKey }

func (p *Provider) ecJWK() map[string]any {
	point, err := p.ecKey.PublicKey.Bytes() // 0x04, X, Y
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"kty": "EC", "crv": "P-256", "kid": "ES256", "use": "sig",
		"x": b64.EncodeToString(point[1:33]), "y": b64.EncodeToString(point[33:65]),
	}
}
