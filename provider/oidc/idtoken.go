package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// skew is how far the provider's clock may be off (JWT-05).
const skew = time.Minute

// proof is an ID token that was checked.
type proof struct {
	subject  string
	authTime time.Time // zero if the provider did not say
	claims   claims
}

// checkIDToken makes every check of OpenID Connect Core, section 3.1.3.7
// (FED-05).
func (p *Provider) checkIDToken(ctx context.Context, m *metadata, token *oauth2.Token, keep memo) (proof, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" || len(raw) > maxToken {
		return proof{}, invalid("id_token", errors.New("missing or too long"))
	}
	if err := checkHeader(raw); err != nil {
		return proof{}, invalid("id_token", err)
	}
	verified, c, err := p.verify(ctx, m, "id_token", raw)
	if err != nil {
		return proof{}, err
	}
	if err := p.checkClaims(verified, c, token.AccessToken, keep); err != nil {
		return proof{}, invalid("id_token", err)
	}
	subject, err := c.text("sub", maxSubject)
	if err != nil || subject == "" || subject != verified.Subject {
		return proof{}, invalid("id_token", errors.New("sub is missing or odd"))
	}
	at, err := p.checkAuthTime(c, keep)
	if err != nil {
		return proof{}, invalid("id_token", err)
	}
	return proof{subject: subject, authTime: at, claims: c}, nil
}

// verify checks what go-oidc checks of any token: the signature, iss, aud and
// exp. The rest is left to the caller. what names the token in an error.
func (p *Provider) verify(ctx context.Context, m *metadata, what, raw string) (*gooidc.IDToken, claims, error) {
	keys := &witness{KeySet: m.keys}
	verified, err := gooidc.NewVerifier(p.config.Issuer, keys, m.checks).Verify(ctx, raw)
	if fault.Is(keys.err, fault.Unavailable) || ctx.Err() != nil {
		return nil, nil, unavailable("keys", keys.err)
	}
	if err == nil && verified.Issuer != p.config.Issuer { // go-oidc lets one provider leave out the scheme
		err = errors.New("iss differs")
	}
	if err != nil {
		return nil, nil, invalid(what, err)
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return nil, nil, invalid(what, errors.New("claims are not an object"))
	}
	return verified, c, nil
}

// checkHeader refuses tokens of other kinds, such as at+jwt or logout+jwt,
// that the same keys sign (RFC 8725, section 3.11; JWT-06).
func checkHeader(raw string) error {
	typ, err := typOf(raw)
	if err != nil || typ != nil && !strings.EqualFold(*typ, "JWT") {
		return errors.New("not of type JWT")
	}
	return nil
}

// typOf reads the typ of a token's header, nil if it has none.
func typOf(raw string) (*string, error) {
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return nil, err
	}
	var h struct{ Typ *string }
	err = json.Unmarshal(text, &h)
	return h.Typ, err
}

func (p *Provider) checkClaims(t *gooidc.IDToken, c claims, access string, keep memo) error {
	now := p.now()
	azp, err := c.text("azp", maxConfigText)
	if err != nil || azp != "" && azp != p.config.ClientID || azp == "" && len(t.Audience) > 1 {
		return errors.New("azp is missing or somebody else's")
	}
	if slices.Contains(t.Audience, "") {
		return errors.New("aud is odd")
	}
	issued, err := c.when("iat")
	if err != nil || issued.IsZero() || issued.After(now.Add(skew)) {
		return errors.New("iat is missing, odd or in the future")
	}
	if notBefore, err := c.when("nbf"); err != nil || notBefore.After(now.Add(skew)) {
		return errors.New("nbf is odd or in the future")
	}
	nonce, err := c.text("nonce", maxConfigText)
	if err != nil || !secret.Equal(nonce, keep.Nonce) {
		return errors.New("nonce differs")
	}
	if _, given := c["at_hash"]; given && t.VerifyAccessToken(access) != nil {
		return errors.New("at_hash does not fit the access token")
	}
	return nil
}

// checkAuthTime gives the time of the proof at the provider. Where a proof of
// a certain age was demanded the provider has to state it: without that an old
// login there would pass for a new one here (MFA-10, Core, section 3.1.2.1).
func (p *Provider) checkAuthTime(c claims, keep memo) (time.Time, error) {
	now, began := p.now(), time.Unix(keep.Began, 0)
	at, err := c.when("auth_time")
	if err != nil || at.After(now.Add(skew)) {
		return at, errors.New("auth_time is odd or in the future")
	}
	if at.After(now) {
		at = now
	}
	if keep.MaxAge < 0 {
		return at, nil
	}
	limit := began.Add(-time.Duration(keep.MaxAge) * time.Second)
	if at.Before(limit.Add(-skew)) { // also if it is missing, which is the zero time
		return at, errors.New("auth_time is missing or older than asked for")
	}
	// Within the skew the provider's clock is behind ours: the proof is at
	// least as young as was asked for.
	if at.Before(limit) {
		at = limit
	}
	return at, nil
}
