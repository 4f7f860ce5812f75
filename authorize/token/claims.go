package token

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
)

// idTokenLife is how long an ID token is valid: it is read once, on arrival.
const idTokenLife = 5 * time.Minute

// idTokenType is the typ header of ID tokens. Every other JWT signed here has
// its own, so that none passes for another (RFC 8725, section 3.11; JWT-06).
const idTokenType = "JWT"

// idToken signs the ID token (OpenID Connect Core, sections 2 and 3.1.3.6).
// There is one audience, so azp would say nothing. One that comes of a refresh
// token is about the same login as the first, and repeats no nonce (section
// 12.2).
func (s *Service) idToken(ctx context.Context, c *client.Client, out *issued, access string) (string, error) {
	var scopes []string
	if c.IDTokenClaims {
		scopes = out.Scopes
	}
	body := s.Book.Of(c, out.session, scopes, s.Book.Allowed(c, out.IDTokenClaims)...)
	now := s.Now()
	maps.Copy(body, map[string]any{
		"iss": s.Issuer, "sub": s.named(c, out.Authorization), "aud": c.ID,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(idTokenLife).Unix(),
		"auth_time": out.AuthTime, "sid": out.SID, "idp": out.IDP,
		"at_hash": halfHash(c.Alg(), access),
	})
	if out.nonce != "" {
		body["nonce"] = out.nonce
	}
	if len(out.AMR) > 0 {
		body["amr"] = out.AMR
	}
	if out.ACR != "" {
		body["acr"] = out.ACR
	}
	return s.Signer.Sign(ctx, c.Alg(), idTokenType, body)
}

// halfHash is "the base64url encoding of the left-most half of the hash of the
// octets of the ASCII representation of the access_token value" (section
// 3.1.3.6); the hash is the one that the signature is made with: SHA-512 for
// Ed25519 (RFC 8032, section 5.1), SHA-256 for the others.
func halfHash(alg, token string) string {
	if alg == client.EdDSA {
		sum := sha512.Sum512([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:sha512.Size/2])
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:sha256.Size/2])
}

// Claims lists the claims of the protocol that can come from here, for
// discovery.
func Claims() []string {
	return []string{"sub", "iss", "aud", "exp", "nbf", "iat", "auth_time", "nonce", "at_hash", "amr", "acr", "sid", "idp"}
}
