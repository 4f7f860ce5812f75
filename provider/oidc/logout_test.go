package oidc_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// spoil changes one claim of a logout token; nil takes it away.
func spoil(name string, value any) func(_, claims map[string]any) {
	return func(_, claims map[string]any) {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
}

func typ(value any) func(header, _ map[string]any) {
	return func(header, _ map[string]any) { header["typ"] = value }
}

// What OpenID Connect Back-Channel Logout 1.0, section 2.4, allows is read.
func TestLogoutTokens(t *testing.T) {
	idp, p := start(t, nil)
	for name, test := range map[string]struct {
		change       func(header, claims map[string]any)
		subject, sid string
	}{
		"both":                  {nil, "alice-1", "there-1"},
		"sub alone":             {spoil("sid", nil), "alice-1", ""},
		"sid alone":             {spoil("sub", nil), "", "there-1"},
		"among other audiences": {spoil("aud", []string{"other", "gatehouse"}), "alice-1", "there-1"},
		"typ in full":           {typ("application/Logout+JWT"), "alice-1", "there-1"},
		"further events":        {spoil("events", map[string]any{logoutEvent: map[string]any{"x": 1}, "y": 1}), "alice-1", "there-1"},
	} {
		n, err := p.ReadLogout(t.Context(), idp.LogoutToken(test.change))
		if err != nil || n.Subject != test.subject || n.SID != test.sid || n.ID == "" || n.Until.Before(time.Now().Add(5*time.Minute)) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

// SES-13, JWT-02, JWT-03, JWT-05, JWT-06: one change each, and nothing is
// believed.
func TestForgedLogoutTokens(t *testing.T) {
	for name, test := range map[string]struct {
		switches fakeidp.Switches
		change   func(header, claims map[string]any)
	}{
		"an ID token's typ":     {change: typ("JWT")},
		"no typ":                {change: typ(nil)},
		"an access token's typ": {change: typ("at+jwt")},
		"iss of another":        {change: spoil("iss", "https://evil.test")},
		"iss missing":           {change: spoil("iss", nil)},
		"aud of another":        {change: spoil("aud", "somebody")},
		"aud missing":           {change: spoil("aud", nil)},
		"expired":               {change: spoil("exp", at(-2*time.Minute))},
		"exp missing":           {change: spoil("exp", nil)},
		"old":                   {change: spoil("iat", at(-6*time.Minute))},
		"iat in the future":     {change: spoil("iat", at(2*time.Minute))},
		"iat missing":           {change: spoil("iat", nil)},
		"jti missing":           {change: spoil("jti", nil)},
		"jti empty":             {change: spoil("jti", "")},
		"jti a number":          {change: spoil("jti", 7)},
		"a nonce":               {change: spoil("nonce", "x")},
		"an empty nonce":        {change: spoil("nonce", "")},
		"nobody":                {change: func(_, c map[string]any) { delete(c, "sub"); delete(c, "sid") }},
		"sub a list":            {change: spoil("sub", []string{"alice-1"})},
		"sid a list":            {change: spoil("sid", []string{"there-1"})},
		"sid too long":          {change: spoil("sid", strings.Repeat("x", 256))},
		"no events":             {change: spoil("events", nil)},
		"other events":          {change: spoil("events", map[string]any{"x": map[string]any{}})},
		"the event is null":     {change: spoil("events", map[string]any{logoutEvent: nil})},
		"the event is a text":   {change: spoil("events", map[string]any{logoutEvent: "yes"})},
		"events is a list":      {change: spoil("events", []string{logoutEvent})},
		"another key":           {switches: fakeidp.Switches{Foreign: true}},
		"alg none":              {switches: fakeidp.Switches{Alg: "none"}},
		"alg HS256":             {switches: fakeidp.Switches{Alg: "HS256"}},
		"huge":                  {change: spoil("filler", strings.Repeat("x", 70<<10))}, // FED-12
	} {
		idp, p := start(t, nil)
		idp.Set(test.switches)
		if n, err := p.ReadLogout(t.Context(), idp.LogoutToken(test.change)); !fault.Is(err, fault.Invalid) || n.ID != "" {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
	_, p := start(t, nil)
	for _, text := range []string{"", "x", "a.b.c", "e30.e30.", strings.Repeat(".", 100)} {
		if _, err := p.ReadLogout(t.Context(), text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Where people sign out there: with the provider's own query kept, and nowhere
// as long as nothing is known.
func TestLogoutURL(t *testing.T) {
	idp, p := start(t, nil)
	if _, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || p.LogoutURL() != "" {
		t.Errorf("without such a page: %q, %v", p.LogoutURL(), err)
	}
	idp, p = start(t, nil)
	idp.Set(fakeidp.Switches{Metadata: func(m map[string]any) { m["end_session_endpoint"] = idp.Issuer + "/logout?all=1" }})
	if _, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || p.LogoutURL() != idp.Issuer+"/logout?all=1&client_id=gatehouse" {
		t.Errorf("%q, %v", p.LogoutURL(), err)
	}
	idp, p = start(t, nil)
	idp.Set(fakeidp.Switches{Metadata: func(m map[string]any) { m["end_session_endpoint"] = "javascript:alert(1)" }})
	if _, err := login(t, idp, p, oidc.BeginOptions{}); err == nil || p.LogoutURL() != "" {
		t.Errorf("%q, %v", p.LogoutURL(), err)
	}
}

// A provider that is down can't be asked for its keys: that is no verdict.
func TestLogoutWithoutKeys(t *testing.T) {
	idp, p := start(t, nil)
	idp.Set(fakeidp.Switches{Before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/jwks" {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}})
	if _, err := p.ReadLogout(t.Context(), idp.LogoutToken(nil)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}

// The ID token's sid is kept; one that can't be used costs no login.
func TestSessionAtProvider(t *testing.T) {
	for want, value := range map[string]any{"there-1": "there-1", "": 7} {
		idp, p := start(t, nil)
		idp.Set(claim("sid", value))
		if e, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || e.Session != want {
			t.Errorf("%v: %q, %v", value, e.Session, err)
		}
	}
}
