package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

const relyingSecret = "a-secret-of-more-than-32-characters-0123456789"

// relying is an application that signs people in by go-oidc and x/oauth2.
type relying struct {
	oauth2.Config
	ctx      context.Context
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
}

// newRelying is the client wiki, whose addresses are at app.
func newRelying(t *testing.T, issuer string, app *rig.App, transport http.RoundTripper) *relying {
	t.Helper()
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport})
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	return &relying{ctx: ctx, provider: provider, verifier: provider.VerifierContext(ctx, &oidc.Config{ClientID: "wiki"}), Config: oauth2.Config{
		ClientID: "wiki", ClientSecret: relyingSecret, RedirectURL: app.URL + "/callback", Endpoint: provider.Endpoint(), Scopes: []string{"openid", "profile"},
	}}
}

// A relying party in Go that nobody here wrote, from discovery to logout. What
// it demands of each answer is held by authorize's own tests.
func TestGoOIDC(t *testing.T) {
	app := rig.NewApp(t)
	h := loginHost(t, fmt.Sprintf(`allow_private
		client wiki {
			first_party
			secret %s
			grant_types authorization_code refresh_token
			redirect_uri %[2]s/callback
			post_logout_redirect_uri %[2]s/bye
			backchannel_logout_uri %[2]s/backchannel
		}`, relyingSecret, app.URL), "")
	b := rig.NewBrowser(t)
	r := newRelying(t, h.auth, app, b.Client.Transport)
	token, id, hint := r.signIn(t, h, b)
	old := *token
	old.Expiry = time.Now().Add(-time.Hour)
	next, err := r.TokenSource(r.ctx, &old).Token() // a refresh
	if err != nil || next.AccessToken == token.AccessToken {
		t.Fatalf("%v, the same token: %t", err, err == nil)
	}
	var who struct {
		Name string `json:"name"`
	}
	info, err := r.provider.UserInfo(r.ctx, oauth2.StaticTokenSource(next))
	if err != nil || info.Subject != id.Subject || info.Claims(&who) != nil || who.Name != "Alice A" {
		t.Fatalf("%v, %+v, %+v", err, info, who)
	}
	h.leave(t, b, r.provider, hint, app.URL+"/bye")
	for _, dead := range []*oauth2.Token{token, next} {
		if _, err := r.provider.UserInfo(r.ctx, oauth2.StaticTokenSource(dead)); err == nil {
			t.Error("a token outlives the logout")
		}
	}
	if refused := refusal(r.TokenSource(r.ctx, &old)); refused != "invalid_grant" {
		t.Errorf("a refresh after the logout: %q", refused)
	}
	if told, err := r.verifier.VerifyLogout(r.ctx, notice(t, app)); err != nil || told.Subject != id.Subject {
		t.Errorf("the logout token: %v, %+v", err, told)
	}
	r.ClientSecret = "not-the-secret-but-as-long-as-it-0123456789"
	if refused := refusal(r.TokenSource(r.ctx, &old)); refused != "invalid_client" {
		t.Errorf("a wrong secret: %q", refused)
	}
}

// signIn goes to the login and comes back with tokens.
func (r *relying) signIn(t *testing.T, h *house, b *rig.Browser) (*oauth2.Token, *oidc.IDToken, string) {
	t.Helper()
	pkce := oauth2.GenerateVerifier()
	back := h.login(t, b, r.AuthCodeURL("st", oidc.Nonce("nn"), oauth2.S256ChallengeOption(pkce)), "alice").URL.Query()
	if back.Get("state") != "st" || back.Get("iss") != h.auth {
		t.Fatalf("back with %s", back.Encode())
	}
	token, err := r.Exchange(r.ctx, back.Get("code"), oauth2.VerifierOption(pkce))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := r.verifier.Verify(r.ctx, raw)
	if err != nil || id.Nonce != "nn" || id.VerifyAccessToken(token.AccessToken) != nil {
		t.Fatalf("%v, %+v", err, id)
	}
	return token, id, raw
}

// leave signs out as a relying party does, and finds nobody signed in.
func (h *house) leave(t *testing.T, b *rig.Browser, provider *oidc.Provider, hint, bye string) {
	t.Helper()
	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&meta); err != nil {
		t.Fatal(err)
	}
	q := url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {bye}}
	if p := b.Get(meta.EndSession + "?" + q.Encode()); p.URL.String() != bye {
		t.Fatalf("signed out to %s (%d)", p.URL, p.Status)
	}
	if p := b.Get(h.site + "/"); p.URL.Path != "/login" {
		t.Errorf("after the logout: %s", p.URL)
	}
}

// refusal is the error code that a token was refused with.
func refusal(from oauth2.TokenSource) string {
	_, err := from.Token()
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return e.ErrorCode
	}
	return fmt.Sprint(err)
}

// notice waits for the logout token that an application is sent.
func notice(t *testing.T, app *rig.App) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, s := range app.Requests() {
			if s.URI == "/backchannel" {
				form, err := url.ParseQuery(s.Body)
				if err != nil {
					t.Fatal(err)
				}
				return form.Get("logout_token")
			}
		}
	}
	t.Fatal("no logout token came")
	return ""
}
