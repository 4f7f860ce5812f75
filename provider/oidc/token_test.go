package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/fakeidp"
	"github.com/gatehouse-auth/gatehouse/provider/oidc"
)

func claim(name string, value any) fakeidp.Switches {
	return fakeidp.Switches{Token: func(_, claims map[string]any) {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}}
}

func header(name string, value any) fakeidp.Switches {
	return fakeidp.Switches{Token: func(header, _ map[string]any) { header[name] = value }}
}

func at(d time.Duration) int64 { return time.Now().Add(d).Unix() }

// FED-05, JWT-02, JWT-03, JWT-05, JWT-06, JWT-07: one change each, and nobody
// gets in.
func TestForgedTokens(t *testing.T) {
	tests := map[string]fakeidp.Switches{
		"iss of another":          claim("iss", "https://evil.test"),
		"iss with a slash":        {Token: func(_, c map[string]any) { c["iss"] = c["iss"].(string) + "/" }},
		"iss missing":             claim("iss", nil),
		"aud of another":          claim("aud", "somebody"),
		"aud missing":             claim("aud", nil),
		"aud of a strange type":   claim("aud", map[string]any{"gatehouse": true}),
		"two aud, no azp":         claim("aud", []string{"gatehouse", "other"}),
		"azp of another":          claim("azp", "other"),
		"two aud, azp of another": {Token: func(_, c map[string]any) { c["aud"], c["azp"] = []string{"gatehouse", "other"}, "other" }},
		"azp of a strange type":   claim("azp", []string{"gatehouse"}),
		"expired":                 claim("exp", at(-2*time.Minute)),
		"exp missing":             claim("exp", nil),
		"iat in the future":       claim("iat", at(2*time.Minute)),
		"iat missing":             claim("iat", nil),
		"iat of a strange type":   claim("iat", "yesterday"),
		"nbf in the future":       claim("nbf", at(2*time.Minute)),
		"nonce of another":        claim("nonce", "x"),
		"nonce missing":           claim("nonce", nil),
		"nonce of a strange type": claim("nonce", []string{"x"}),
		"at_hash wrong":           claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"sub missing":             claim("sub", nil), // peers 3e
		"sub empty":               claim("sub", ""),
		"sub zero":                claim("sub", 0),
		"sub a list":              claim("sub", []string{"alice-1"}),
		"sub in two spellings":    claim("\u017fub", "bob-1"), // folds to "sub"
		"sub too long":            claim("sub", strings.Repeat("x", 256)),
		"sub with a line break":   claim("sub", "alice\n"),
		"alg none":                {Alg: "none"},
		"alg None":                header("alg", "None"),
		"alg HS256":               {Alg: "HS256"},
		"another key":             {Foreign: true},
		"unknown kid":             {Foreign: true, Token: func(h, _ map[string]any) { h["kid"] = "new" }},
		"kid as a path":           header("kid", "../../etc/passwd"),
		"an unknown crit":         header("crit", []string{"exp"}),
		"an access token":         header("typ", "at+jwt"),
		"a logout token":          header("typ", "logout+jwt"),
		"typ of a strange type":   header("typ", 1),
		"no token":                {NoIDToken: true},
		"huge":                    claim("filler", strings.Repeat("x", 70<<10)), // FED-12
	}
	for name, switches := range tests {
		// A provider each: odd tokens use up the allowance for fetching keys.
		idp, p := start(t, nil)
		idp.Set(switches)
		e, err := login(t, idp, p, oidc.BeginOptions{})
		if !fault.Is(err, fault.Invalid) || e.Subject != "" {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// JWT-07: a key that comes with the token is not looked at.
func TestKeysInHeadersAreIgnored(t *testing.T) {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"jwk", "jku", "x5u"} {
		idp, p := start(t, nil)
		value := any(fakeidp.RSAKey("RS256", &own.PublicKey))
		if name != "jwk" {
			value = idp.Issuer + "/evil-keys"
		}
		idp.Set(fakeidp.Switches{Foreign: true, Token: func(h, _ map[string]any) { h[name] = value }})
		if _, err := login(t, idp, p, oidc.BeginOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if idp.Hits("/evil-keys") > 0 {
			t.Errorf("%s was fetched", name)
		}
	}
}

// FED-05: what a good provider may do.
func TestGoodTokens(t *testing.T) {
	tests := map[string]fakeidp.Switches{
		"aud as a list":              claim("aud", []string{"gatehouse"}),
		"two aud with azp":           {Token: func(_, c map[string]any) { c["aud"], c["azp"] = []string{"other", "gatehouse"}, "gatehouse" }},
		"no at_hash":                 claim("at_hash", nil),
		"another clock, ahead":       claim("iat", at(50*time.Second)),
		"another clock, behind":      claim("exp", at(-50*time.Second)),
		"times with fractions":       claim("iat", float64(at(0))+0.5),
		"a token on an elliptic key": {Alg: "ES256"},
		"typ in lower case":          header("typ", "jwt"),
		"no kid":                     {Token: func(h, _ map[string]any) { delete(h, "kid") }},
		"no typ":                     {Token: func(h, _ map[string]any) { delete(h, "typ") }},
	}
	for name, switches := range tests {
		idp, p := start(t, nil)
		idp.Set(switches)
		if e, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || e.Subject != "alice-1" {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// CRY-02: keys that are too short, secret or for encryption verify nothing.
func TestKeysThatAreLeftOut(t *testing.T) {
	idp, _ := start(t, nil)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := fakeidp.RSAKey("RS256", idp.Own())
	with := func(name string, value any) map[string]any {
		key := fakeidp.RSAKey("RS256", idp.Own())
		key[name] = value
		return key
	}
	for name, tt := range map[string]struct {
		keys []map[string]any
		key  *rsa.PrivateKey
		ok   bool
	}{
		"good":           {[]map[string]any{good}, nil, true},
		"one good":       {[]map[string]any{{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "future"}, good}, nil, true},
		"encryption":     {[]map[string]any{with("use", "enc")}, nil, false},
		"short":          {[]map[string]any{fakeidp.RSAKey("RS256", &weak.PublicKey)}, weak, false},
		"absurdly large": {[]map[string]any{with("n", strings.Repeat("_", 20000))}, nil, false},
		"none":           {[]map[string]any{}, nil, false},
	} {
		p := client(t, idp, nil)
		idp.Set(fakeidp.Switches{Keys: tt.keys, Key: tt.key})
		if _, err := login(t, idp, p, oidc.BeginOptions{}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// JWT-09: a new key of the provider is found without a restart.
func TestRotatedKey(t *testing.T) {
	idp, p := start(t, nil)
	if _, err := login(t, idp, p, oidc.BeginOptions{}); err != nil {
		t.Fatal(err)
	}
	idp.Set(fakeidp.Switches{
		Keys:  []map[string]any{fakeidp.RSAKey("second", idp.Own())},
		Token: func(h, _ map[string]any) { h["kid"] = "second" },
	})
	if _, err := login(t, idp, p, oidc.BeginOptions{}); err != nil || idp.Hits("/jwks") != 2 {
		t.Errorf("%v after %d fetches", err, idp.Hits("/jwks"))
	}
}

// FED-11: tokens with unknown keys don't make us fetch without end.
func TestKeyFetchesAreLimited(t *testing.T) {
	idp, p := start(t, nil)
	idp.Set(fakeidp.Switches{Foreign: true, Token: func(h, _ map[string]any) { h["kid"] = "unknown" }})
	for range 20 {
		if _, err := login(t, idp, p, oidc.BeginOptions{}); err == nil {
			t.Fatal("a foreign signature was accepted")
		}
	}
	if n := idp.Hits("/jwks"); n > 5 {
		t.Errorf("%d fetches", n)
	}
}

// FED-13: keys that can't be fetched are the provider's trouble, not a forgery.
func TestKeysOutOfReach(t *testing.T) {
	idp, p := start(t, nil)
	idp.Set(fakeidp.Switches{Before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/jwks" {
			http.Error(w, "<script>", http.StatusBadGateway)
		}
		return r.URL.Path == "/jwks"
	}})
	_, err := login(t, idp, p, oidc.BeginOptions{})
	if !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "script") {
		t.Errorf("got %v", err)
	}
}
