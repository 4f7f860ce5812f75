package clientauth_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/clientauth"
	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
	"github.com/gatehouse-auth/gatehouse/store"
	"github.com/gatehouse-auth/gatehouse/store/memory"
	"github.com/gatehouse-auth/gatehouse/store/sqlite"
	"github.com/gatehouse-auth/gatehouse/store/storetest"
)

const (
	issuer  = "https://auth.example.com"
	secret1 = "first-secret-0123456789-abcdefghijklm"
	secret2 = "second secret +%/&= 0123456789-abcdefg"
)

// signer is a client's Ed25519 key. It signs any header and claims.
type signer struct{ private ed25519.PrivateKey }

func newSigner(t testing.TB) signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer{private}
}

// jwk gives the public key under a kid.
func (s signer) jwk(kid string) string {
	x := base64.RawURLEncoding.EncodeToString(s.private.Public().(ed25519.PublicKey))
	return `{"kty":"OKP","crv":"Ed25519","kid":"` + kid + `","x":"` + x + `"}`
}

func (s signer) set(t testing.TB, kid string) jose.Set {
	t.Helper()
	set, err := jose.ParseSet([]byte(`{"keys":[` + s.jwk(kid) + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (s signer) sign(header, payload string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.private, []byte(text)))
}

// world is an authenticator, its clients and a clock.
type world struct {
	*clientauth.Authenticator
	t       testing.TB
	clock   *storetest.Clock
	key     signer
	clients map[string]*client.Client
	broken  error // what Find says
}

func newWorld(t testing.TB, shorts func(now func() time.Time) store.Shorts) *world {
	t.Helper()
	w := &world{t: t, clock: storetest.NewClock(), key: newSigner(t)}
	w.Authenticator = &clientauth.Authenticator{
		Issuer: issuer, Endpoints: []string{issuer + "/token", issuer + "/par"},
		Find: w.find, Shorts: shorts(w.clock.Now), Now: w.clock.Now,
	}
	one, err := client.NewSecret(secret1)
	if err != nil {
		t.Fatal(err)
	}
	two, err := client.NewSecret(secret2)
	if err != nil {
		t.Fatal(err)
	}
	secrets, keys := []client.Secret{one, two}, w.key.set(t, "1")
	w.clients = map[string]*client.Client{}
	for _, c := range []*client.Client{
		{ID: "wiki", Secrets: secrets},
		{ID: "odd id +%", Secrets: secrets},
		{ID: "basic", Secrets: secrets, TokenEndpointAuthMethod: client.AuthBasic},
		{ID: "post", Secrets: secrets, TokenEndpointAuthMethod: client.AuthPost},
		{ID: "spa", Public: true},
		{ID: "keys", JWKS: keys, TokenEndpointAuthMethod: client.AuthPrivateKey},
		{ID: "es256", JWKS: keys, TokenEndpointAuthMethod: client.AuthPrivateKey, TokenEndpointAuthSigningAlg: "ES256"},
		{ID: "bank", JWKS: keys, TokenEndpointAuthMethod: client.AuthPrivateKey, StrictAssertions: true},
		{ID: "secret with keys", Secrets: secrets, JWKS: keys},
	} {
		c.RedirectURIs = []string{"https://wiki.example.com/cb"}
		if err := c.Validate(); err != nil && c.ID != "odd id +%" && c.ID != "secret with keys" {
			t.Fatalf("%s: %v", c.ID, err)
		}
		w.clients[c.ID] = c
	}
	return w
}

func inMemory(now func() time.Time) store.Shorts {
	return memory.NewShorts(memory.Options{Now: now})
}

// stores are the ones that replay is tried on.
func stores(t testing.TB) map[string]func(func() time.Time) store.Shorts {
	return map[string]func(func() time.Time) store.Shorts{"memory": inMemory, "sqlite": func(now func() time.Time) store.Shorts {
		s, err := sqlite.OpenShorts(filepath.Join(t.TempDir(), "shorts.db"), sqlite.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}}
}

func (w *world) find(_ context.Context, id string) (*client.Client, error) {
	if w.broken != nil {
		return nil, w.broken
	}
	if c := w.clients[id]; c != nil {
		return c, nil
	}
	return nil, fault.New(fault.NotFound, "test", "")
}

// request is a POST; change may alter it.
func request(change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, issuer+"/token", nil)
	r.TLS = nil
	for _, f := range change {
		f(r)
	}
	return r
}

// form makes parameters of pairs.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// ask authenticates and gives the client's id, and the kind of the error.
func (w *world) ask(r *http.Request, p url.Values) (string, fault.Kind) {
	w.t.Helper()
	c, err := w.Authenticate(r, p)
	if (c == nil) != (err != nil) {
		w.t.Fatalf("%v, %v", c, err)
	}
	if err != nil {
		return "", fault.KindOf(err)
	}
	return c.ID, 0
}

const keyHeader = `{"alg":"EdDSA","kid":"1"}`

// said gives the claims of a good assertion of a client; pairs change them, nil
// removes.
func (w *world) said(id string, pairs ...any) map[string]any {
	now := w.clock.Now()
	c := map[string]any{
		"iss": id, "sub": id, "aud": issuer, "jti": secret.New(),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	for i := 0; i < len(pairs); i += 2 {
		if c[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
			maps.DeleteFunc(c, func(name string, _ any) bool { return name == pairs[i] })
		}
	}
	return c
}

// assert signs claims as the parameters of a request.
func (w *world) assert(claims map[string]any) url.Values {
	w.t.Helper()
	raw, err := json.Marshal(claims)
	if err != nil {
		w.t.Fatal(err)
	}
	return asserts(w.key.sign(keyHeader, string(raw)))
}

func asserts(text string) url.Values {
	return form("client_assertion", text, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
