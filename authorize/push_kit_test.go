package authorize_test

import (
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
)

// key is one for all clients that sign: making one takes its time.
var key = sync.OnceValues(func() (*jose.Key, error) { return jose.Generate(jose.PS256) })

func theKey(t testing.TB) *jose.Key {
	k, err := key()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newPushWorld is a token world with clients of every kind for requests that
// come wrapped.
func newPushWorld(t testing.TB, change ...func(*parts)) *world {
	t.Helper()
	keys := keysOf(t)
	setup := func(cfg *parts) {
		withPossession(cfg)
		secrets := static(cfg)["wiki"].Secrets
		for _, c := range []*client.Client{
			{ID: "pusher", Secrets: secrets, RequirePushedRequests: true},
			{ID: "signer", Secrets: secrets, JWKS: keys},
			{ID: "sealed", Secrets: secrets, JWKS: keys, RequireSignedRequests: true},
			{ID: "both", Secrets: secrets, JWKS: keys, RequireSignedRequests: true, RequirePushedRequests: true},
			{ID: "es256", Secrets: secrets, JWKS: keys, RequestObjectAlg: "ES256"},
			{ID: "bank", JWKS: keys, Profile: client.ProfileFAPI2, OfflineAccess: true},
			{ID: "held", JWKS: keys, Profile: client.ProfileFAPI2, TLSSANDNS: "held.example.com"},
		} {
			c.RedirectURIs = []string{wikiURI}
			c.ApplyProfile()
			if err := c.Validate(); err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			static(cfg)[c.ID] = c
		}
	}
	w, _ := newTokenWorld(t, inMemory, append([]func(*parts){setup}, change...)...)
	return w
}

// onDiskShorts keeps short-lived things in a file.
func onDiskShorts(t testing.TB) func(*parts) {
	return func(cfg *parts) {
		kept, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: cfg.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { kept.Close() })
		cfg.Shorts = kept
	}
}

// proves adds what a client of the push world proves itself by.
func (w *world) proves(id string, v url.Values) url.Values {
	if id != "bank" {
		return as(id, v)
	}
	now := w.clock.Now()
	text, err := theKey(w.t).Sign("client-authentication+jwt", map[string]any{
		"iss": id, "sub": id, "aud": w.issuer, "jti": secret.New(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	v.Set("client_id", id)
	v.Set("client_assertion", text)
	v.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	return v
}

// push sends a request ahead, as the client in it.
func (b *browser) push(v url.Values, change ...func(*http.Request)) answer {
	b.w.t.Helper()
	return b.post("/par", b.w.proves(v.Get("client_id"), v), change...)
}

// pushed sends a request ahead that is taken, and gives the one that brings it.
func (b *browser) pushed(v url.Values, change ...func(*http.Request)) url.Values {
	b.w.t.Helper()
	a := b.push(v, change...)
	uri, err := requestURI(a)
	if a.StatusCode != http.StatusCreated || err != nil {
		b.w.t.Fatalf("not taken: %d %s %v", a.StatusCode, a.body, err)
	}
	return url.Values{"client_id": {v.Get("client_id")}, "request_uri": {uri}}
}

// requestURI reads the answer to a pushed request.
func requestURI(a answer) (string, error) {
	_, rest, ok := strings.Cut(a.body, `{"request_uri":"urn:ietf:params:oauth:request_uri:`)
	name, _, _ := strings.Cut(rest, `"`)
	if !ok || !secret.Valid(name) || !strings.HasSuffix(a.body, `","expires_in":90}`) {
		return "", errors.New("no request_uri")
	}
	return "urn:ietf:params:oauth:request_uri:" + name, nil
}

// object signs a request; pairs change the claims, nil removes.
func (w *world) object(v url.Values, pairs ...any) string {
	w.t.Helper()
	now := w.clock.Now()
	claims := map[string]any{"iss": v.Get("client_id"), "aud": w.issuer, "exp": now.Add(time.Minute).Unix(), "nbf": now.Unix()}
	for name := range v {
		claims[name] = v.Get(name)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name := pairs[i].(string); pairs[i+1] == nil {
			delete(claims, name)
		} else {
			claims[name] = pairs[i+1]
		}
	}
	text, err := theKey(w.t).Sign("oauth-authz-req+jwt", claims)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// wrapped brings an object by value.
func wrapped(client, object string, pairs ...string) url.Values {
	v := url.Values{"client_id": {client}, "request": {object}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// told gives the error that an answer brings to the client, or "".
func (a answer) told() string {
	if a.to == nil || !strings.HasPrefix(a.to.String(), wikiURI+"?error=") {
		return ""
	}
	return a.to.Query().Get("error")
}

// shown tells whether an answer is a page of ours, and leads nowhere.
func (a answer) shown() bool {
	return a.StatusCode == 400 && a.to == nil && strings.HasPrefix(a.body, "PAGE ")
}

// keysOf are the published keys of clients that sign.
func keysOf(t testing.TB) jose.Set { return jose.NewSet(theKey(t).Public()) }
