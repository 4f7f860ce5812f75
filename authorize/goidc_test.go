package authorize_test

import (
	"context"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A relying party that nobody here wrote: discovery, code with PKCE, ID token
// against the JWKS, userinfo.
func TestGoOIDC(t *testing.T) {
	w := newWorld(t, "/.gatehouse")
	b := w.browser()
	session := b.signIn("alice", "work")
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, b.Client)
	provider, err := oidc.NewProvider(ctx, w.issuer) // OAU-40
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, uri, secret, alg string
		style                oauth2.AuthStyle
	}{
		{"wiki", wikiURI, wikiSecret, oidc.RS256, oauth2.AuthStyleInHeader},
		{"wiki", wikiURI, wikiSecret2, oidc.RS256, oauth2.AuthStyleInHeader},
		{"wiki", wikiURI, wikiSecret, oidc.RS256, oauth2.AuthStyleInParams},
		{"spa", "http://127.0.0.1:50000/cb", "", oidc.ES256, oauth2.AuthStyleInParams},
	} {
		endpoint := provider.Endpoint()
		endpoint.AuthStyle = c.style
		cfg := oauth2.Config{ClientID: c.id, ClientSecret: c.secret, RedirectURL: c.uri, Endpoint: endpoint, Scopes: []string{"openid", "profile", "email"}}
		pkce := oauth2.GenerateVerifier()
		a := b.get(cfg.AuthCodeURL("st", oidc.Nonce("nn"), oauth2.S256ChallengeOption(pkce)))
		token, err := cfg.Exchange(ctx, a.to.Query().Get("code"), oauth2.VerifierOption(pkce))
		if err != nil {
			t.Fatalf("%s: %v", c.id, err)
		}
		raw, _ := token.Extra("id_token").(string)
		id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: c.id, Now: w.clock.Now, SupportedSigningAlgs: []string{c.alg}}).Verify(ctx, raw) // JWT-01
		if err != nil {
			t.Fatalf("%s: %v", c.id, err)
		}
		if err := id.VerifyAccessToken(token.AccessToken); err != nil || id.Nonce != "nn" || id.Subject != "alice" || id.IssuedAt.Unix() != w.clock.Now().Unix() { // JWT-05
			t.Errorf("%s: %v, %+v", c.id, err, id)
		}
		var claims struct {
			SID string
			IDP string
			At  int64 `json:"auth_time"`
		}
		if err := id.Claims(&claims); err != nil || claims.SID != session.SID || claims.IDP != "work" || claims.At != session.At.Unix() {
			t.Errorf("%s: %+v", c.id, claims)
		}
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil || info.Subject != "alice" || info.Email != "alice@example.com" || !info.EmailVerified {
			t.Errorf("%s: %v, %+v", c.id, err, info)
		}
		if token.Expiry.Before(time.Now().Add(4 * time.Minute)) {
			t.Errorf("%s: expires %v", c.id, token.Expiry)
		}
	}
}
