package token

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/identity"
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
	claims := map[string]any{}
	if c.IDTokenClaims {
		maps.Copy(claims, personal(out.session, out.Scopes))
	}
	maps.Copy(claims, personal(out.session, nil, out.IDTokenClaims...))
	now := s.Now()
	maps.Copy(claims, map[string]any{
		"iss": s.Issuer, "sub": out.Subject, "aud": c.ID,
		"iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(),
		"auth_time": out.AuthTime, "sid": out.SID, "idp": out.IDP,
		"at_hash": halfHash(c.Alg(), access),
	})
	if out.nonce != "" {
		claims["nonce"] = out.nonce
	}
	if len(out.AMR) > 0 {
		claims["amr"] = out.AMR
	}
	if out.ACR != "" {
		claims["acr"] = out.ACR
	}
	return s.Signer.Sign(ctx, c.Alg(), idTokenType, claims)
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

// Claims lists the claims that can come from here, for discovery.
func Claims() []string {
	return append([]string{
		"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "acr", "sid", "idp",
		"name", "preferred_username", "email", "email_verified", "groups",
	}, profileClaims()...)
}

// profileClaims are the further claims of the scope profile that an account or
// a login may carry (OpenID Connect Core, section 5.1).
func profileClaims() []string {
	return []string{
		"given_name", "family_name", "middle_name", "nickname", "profile", "picture",
		"website", "gender", "birthdate", "zoneinfo", "locale",
	}
}

// ScopeOf gives the scope that a claim about a person belongs to (section 5.4),
// "" for a claim that no scope stands for.
func ScopeOf(claim string) string {
	switch claim {
	case "name", "preferred_username":
		return client.ScopeProfile
	case "email", "email_verified":
		return client.ScopeEmail
	case "groups":
		return client.ScopeGroups
	}
	if slices.Contains(profileClaims(), claim) {
		return client.ScopeProfile
	}
	return ""
}

// personal gives the claims that the scopes ask for (section 5.4), and further
// ones by name (section 5.5). What is not known is left out: a claim is never
// empty.
func personal(session *identity.Session, scopes []string, names ...string) map[string]any {
	claims := scoped(session, scopes)
	if len(names) > 0 {
		all := scoped(session, client.Scopes())
		for _, name := range names {
			if value, known := all[name]; known {
				claims[name] = value
			}
		}
	}
	return claims
}

// scoped gives the claims that the scopes ask for.
func scoped(session *identity.Session, scopes []string) map[string]any {
	user, claims := session.User, map[string]any{}
	put := func(name, value string) {
		if value != "" {
			claims[name] = value
		}
	}
	if slices.Contains(scopes, client.ScopeProfile) {
		for _, name := range profileClaims() {
			put(name, user.Claims[name])
			put(name, session.Claims[name]) // the login's override the account's
		}
		put("name", user.Name)
		put("preferred_username", user.Username)
	}
	if slices.Contains(scopes, client.ScopeEmail) && user.Email != "" {
		claims["email"], claims["email_verified"] = user.Email, user.EmailVerified
	}
	if slices.Contains(scopes, client.ScopeGroups) {
		claims["groups"] = append([]string{}, user.Groups...) // [] rather than null
	}
	return claims
}
