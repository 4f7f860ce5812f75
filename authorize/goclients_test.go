package authorize_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Clients that nobody here wrote renew tokens, act for themselves, and check
// access tokens by the published keys.
func TestGoClients(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, b.Client)
	provider, err := oidc.NewProvider(ctx, w.issuer)
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []string{"agent", "phone", "jot"} {
		cfg := oauth2.Config{ClientID: client, RedirectURL: uriOf(client), Endpoint: provider.Endpoint(), Scopes: []string{"openid", "offline_access"}}
		if uriOf(client) == wikiURI {
			cfg.ClientSecret = wikiSecret
		}
		pkce := oauth2.GenerateVerifier()
		a := b.get(cfg.AuthCodeURL("st", oauth2.S256ChallengeOption(pkce)))
		token, err := cfg.Exchange(ctx, a.to.Query().Get("code"), oauth2.VerifierOption(pkce))
		if err != nil || token.RefreshToken == "" {
			t.Fatalf("%s: %v, %+v", client, err, token)
		}
		for range 3 {
			old := *token
			old.Expiry = time.Now().Add(-time.Hour)
			if token, err = cfg.TokenSource(ctx, &old).Token(); err != nil || token.AccessToken == old.AccessToken {
				t.Fatalf("%s: %v", client, err)
			}
			raw, _ := token.Extra("id_token").(string)
			if _, err := provider.Verifier(&oidc.Config{ClientID: client, Now: w.clock.Now}).Verify(ctx, raw); err != nil { // JWT-01
				t.Errorf("%s: %v", client, err)
			}
			info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token)) // for jot a signed answer
			if err != nil || info.Subject != "alice" {
				t.Errorf("%s: %v, %+v", client, err, info)
			}
		}
		if strings.Count(token.AccessToken, ".") == 2 {
			checked, err := provider.Verifier(&oidc.Config{ClientID: w.issuer + "/userinfo", Now: w.clock.Now}).Verify(ctx, token.AccessToken) // JWT-01
			if err != nil || checked.Subject != "alice" {
				t.Errorf("%s: %v", client, err)
			}
		}
	}
	robot := clientcredentials.Config{ClientID: "robot", ClientSecret: wikiSecret, TokenURL: w.issuer + "/token", Scopes: []string{"api.read"}}
	if token, err := robot.Token(ctx); err != nil || token.AccessToken == "" || token.RefreshToken != "" {
		t.Errorf("%v, %+v", err, token)
	}
}
