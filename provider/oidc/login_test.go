package oidc_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

func TestLogin(t *testing.T) {
	idp, p := start(t, nil)
	e, err := login(t, idp, p, oidc.BeginOptions{LoginHint: "alice", UILocales: "de en", ACRValues: "urn:high urn:low"})
	if err != nil {
		t.Fatal(err)
	}
	want := identity.External{
		Provider: "work", Subject: "alice-1", Username: "alice", Name: "Alice A", Email: "alice@example.com",
		Groups: []string{"work/admins", "work/staff"}, AuthTime: e.AuthTime,
	}
	if !reflect.DeepEqual(e, want) || time.Since(e.AuthTime) > time.Minute {
		t.Errorf("got %+v", e)
	}
	q := idp.Query()
	for name, want := range map[string]string{"login_hint": "alice", "ui_locales": "de en", "acr_values": "urn:high urn:low", "scope": "openid profile email", "prompt": "", "max_age": ""} {
		if q.Get(name) != want {
			t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	if p.Title() != "work" || p.Ready() != nil {
		t.Errorf("title %q, ready %v", p.Title(), p.Ready())
	}
}

// Each way a provider may authenticate its client; the fake one refuses two at
// once. FED-07: the code is sent once whichever it is.
func TestClientAuthentication(t *testing.T) {
	for name, c := range map[string]struct {
		announced []string
		method    string
	}{
		"basic by default": {nil, ""}, "basic announced": {[]string{"client_secret_post", "client_secret_basic"}, ""},
		"post announced": {[]string{"client_secret_post"}, ""}, "post configured": {nil, "client_secret_post"},
	} {
		idp, p := start(t, func(c2 *oidc.Config) { c2.AuthMethod = c.method })
		idp.Set(fakeidp.Switches{Metadata: func(m map[string]any) {
			delete(m, "token_endpoint_auth_methods_supported")
			if c.announced != nil {
				m["token_endpoint_auth_methods_supported"] = c.announced
			}
		}})
		if _, err := login(t, idp, p, oidc.BeginOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := idp.Hits("/token"); n != 1 {
			t.Errorf("%s: the code was sent %d times", name, n)
		}
	}
}

// FED-07: a refused client does not try a second way with the same code.
func TestWrongSecretSendsTheCodeOnce(t *testing.T) {
	idp, p := start(t, func(c *oidc.Config) { c.ClientSecret = "wrong" })
	if _, err := login(t, idp, p, oidc.BeginOptions{}); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v", err)
	}
	if n := idp.Hits("/token"); n != 1 {
		t.Errorf("the code was sent %d times", n)
	}
}

// FED-03, FED-07: the provider's refusal of a used code is an answer that
// can't be used, and what it wrote stays out of the error (LOG-02).
func TestUsedCode(t *testing.T) {
	idp, p := start(t, nil)
	location, memo, err := p.Begin(t.Context(), callback, "state-0123456789-0123456789", oidc.BeginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	back := visit(t, idp, location)
	if _, err := p.Finish(t.Context(), callback, memo, back); err != nil {
		t.Fatal(err)
	}
	_, err = p.Finish(t.Context(), callback, memo, back)
	if !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "script") {
		t.Errorf("got %v", err)
	}
}

// OAU-18, MFA-10: where a fresh proof was demanded, the provider has to state
// that there was one.
func TestForcedLogin(t *testing.T) {
	tests := map[string]struct {
		options  oidc.BeginOptions
		authTime func(now time.Time) any
		want     fault.Kind
		ok       bool
	}{
		"fresh":                       {oidc.BeginOptions{Force: true}, func(now time.Time) any { return now.Unix() }, 0, true},
		"clock a little behind":       {oidc.BeginOptions{Force: true}, func(now time.Time) any { return now.Add(-50 * time.Second).Unix() }, 0, true},
		"old":                         {oidc.BeginOptions{Force: true}, func(now time.Time) any { return now.Add(-time.Hour).Unix() }, fault.Invalid, false},
		"not stated":                  {oidc.BeginOptions{Force: true}, func(time.Time) any { return nil }, fault.Invalid, false},
		"young enough":                {oidc.BeginOptions{MaxAge: 2 * time.Hour}, func(now time.Time) any { return now.Add(-time.Hour).Unix() }, 0, true},
		"too old":                     {oidc.BeginOptions{MaxAge: 30 * time.Minute}, func(now time.Time) any { return now.Add(-time.Hour).Unix() }, fault.Invalid, false},
		"nothing asked, nothing said": {oidc.BeginOptions{}, func(time.Time) any { return nil }, 0, true},
		"in the future":               {oidc.BeginOptions{}, func(now time.Time) any { return now.Add(time.Hour).Unix() }, fault.Invalid, false},
	}
	for name, tt := range tests {
		idp, p := start(t, nil)
		began := time.Now().Truncate(time.Second)
		idp.Set(fakeidp.Switches{Token: func(_, claims map[string]any) {
			if claims["auth_time"] = tt.authTime(time.Now()); claims["auth_time"] == nil {
				delete(claims, "auth_time")
			}
		}})
		e, err := login(t, idp, p, tt.options)
		if (err == nil) != tt.ok || err != nil && !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		// A forced login is never older than the demand, whatever the clocks.
		if tt.options.Force && tt.ok && e.AuthTime.Before(began) {
			t.Errorf("%s: auth_time %v, begun %v", name, e.AuthTime, began)
		}
		if q := idp.Query(); tt.options.Force && (q.Get("prompt") != "login" || q.Get("max_age") != "0") {
			t.Errorf("%s: prompt %q, max_age %q", name, q.Get("prompt"), q.Get("max_age"))
		}
	}
}

// FED-01, FED-04 and peers 3d: what a callback may bring and what not.
func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		change func(url.Values)
		want   fault.Kind
	}{
		"refused by the person":     {errorAnswer("access_denied"), fault.Denied},
		"login required":            {errorAnswer("login_required"), fault.Denied},
		"an error nobody knows":     {errorAnswer("<script>alert(1)</script>"), fault.Denied},
		"out of order":              {errorAnswer("temporarily_unavailable"), fault.Unavailable},
		"our registration is wrong": {errorAnswer("unauthorized_client"), fault.Invalid},
		"iss missing":               {func(q url.Values) { q.Del("iss") }, fault.Invalid},
		"iss of another":            {func(q url.Values) { q.Set("iss", "https://evil.test") }, fault.Invalid},
		"error, iss of another":     {func(q url.Values) { errorAnswer("access_denied")(q); q.Set("iss", "https://evil.test") }, fault.Invalid},
		"no code":                   {func(q url.Values) { q.Del("code") }, fault.Invalid},
		"unknown code":              {func(q url.Values) { q.Set("code", "x") }, fault.Invalid},
		"two codes":                 {func(q url.Values) { q.Add("code", "x") }, fault.Invalid},
		"two issuers":               {func(q url.Values) { q.Add("iss", "https://evil.test") }, fault.Invalid},
		"code and error":            {func(q url.Values) { q.Set("error", "access_denied") }, fault.Invalid},
	}
	idp, p := start(t, nil)
	for name, tt := range tests {
		idp.Set(fakeidp.Switches{Answer: tt.change})
		_, err := login(t, idp, p, oidc.BeginOptions{})
		if !fault.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if strings.Contains(err.Error(), "script") || fault.Public(err) == "" { // WEB-01, LOG-02
			t.Errorf("%s: %v", name, err)
		}
	}
}

func errorAnswer(code string) func(url.Values) {
	return func(q url.Values) {
		q.Del("code")
		q.Set("error", code)
		q.Set("error_description", "<script>alert(1)</script>")
	}
}

// FED-04: iss is needed where it is announced, and checked where it is given.
func TestIssWhereItIsNotAnnounced(t *testing.T) {
	idp, p := start(t, nil)
	for iss, ok := range map[string]bool{"": true, idp.Issuer: true, "https://evil.test": false, idp.Issuer + "/": false} {
		idp.Set(fakeidp.Switches{
			Metadata: func(m map[string]any) { delete(m, "authorization_response_iss_parameter_supported") },
			Answer: func(q url.Values) {
				if q.Set("iss", iss); iss == "" {
					q.Del("iss")
				}
			},
		})
		if _, err := login(t, idp, p, oidc.BeginOptions{}); (err == nil) != ok {
			t.Errorf("iss %q: %v", iss, err)
		}
	}
}

// FED-04: the answer of one provider is worth nothing with the memo of
// another, also when the name in the configuration moved to it.
func TestMixUp(t *testing.T) {
	idp, p := start(t, nil)
	other := fakeidp.Start(t)
	other.Redirect = callback
	location, memo, err := client(t, other, nil).Begin(t.Context(), callback, "state-0123456789-0123456789", oidc.BeginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	back := visit(t, other, location)
	if _, err := p.Finish(t.Context(), callback, memo, back); !fault.Is(err, fault.Invalid) {
		t.Errorf("foreign memo: %v", err)
	}
	// Nor where neither side says who it is.
	idp.Set(fakeidp.Switches{Metadata: func(m map[string]any) { delete(m, "authorization_response_iss_parameter_supported") }})
	q := back.URL.Query()
	q.Del("iss")
	back.URL.RawQuery = q.Encode()
	if _, err := client(t, idp, nil).Finish(t.Context(), callback, memo, back); !fault.Is(err, fault.Invalid) {
		t.Errorf("foreign memo without iss: %v", err)
	}
	if idp.Hits("/token") > 0 {
		t.Error("a foreign code was sent")
	}
	for _, memo := range []string{"", "{}", "null", "[]", `{"i":"` + idp.Issuer + `"}`} {
		r, _ := http.NewRequest(http.MethodGet, callback+"?code=x", nil)
		if _, err := p.Finish(t.Context(), callback, []byte(memo), r); !fault.Is(err, fault.Invalid) {
			t.Errorf("memo %q: %v", memo, err)
		}
	}
}

// Two logins never share a secret.
func TestNothingIsSharedBetweenLogins(t *testing.T) {
	_, p := start(t, nil)
	var seen []string
	for range 20 {
		location, memo, err := p.Begin(t.Context(), callback, "state-0123456789-0123456789", oidc.BeginOptions{})
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(location)
		for _, s := range []string{u.Query().Get("nonce"), u.Query().Get("code_challenge"), string(memo)} {
			if slices.Contains(seen, s) {
				t.Fatalf("%q repeated", s)
			}
			seen = append(seen, s)
		}
	}
}

// FED-13: a visitor who leaves does not wait, and gets no half answer.
func TestCancelledRequest(t *testing.T) {
	idp, p := start(t, nil)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	idp.Set(fakeidp.Switches{Before: func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
		return true
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := p.Begin(ctx, callback, "s", oidc.BeginOptions{}); !errors.Is(err, context.DeadlineExceeded) || !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// The tenant that an application asks for goes only where the configuration
// says, and never in place of a parameter of ours.
func TestTenantParameter(t *testing.T) {
	for name, tt := range map[string]struct{ parameter, tenant, want string }{
		"not told":  {"", "blue", ""},
		"told":      {"domain_hint", "blue.example", "blue.example"},
		"none":      {"domain_hint", "", ""},
		"too long":  {"domain_hint", strings.Repeat("x", 300), ""},
		"odd":       {"domain_hint", "a\nb", ""},
		"injection": {"domain_hint", "blue&prompt=none", "blue&prompt=none"},
	} {
		idp, p := start(t, func(c *oidc.Config) { c.TenantParameter = tt.parameter })
		if _, err := login(t, idp, p, oidc.BeginOptions{Tenant: tt.tenant}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if q := idp.Query(); q.Get("domain_hint") != tt.want || q.Has("domain_hint") != (tt.want != "") || q.Has("prompt") {
			t.Errorf("%s: %v", name, q)
		}
	}
}
