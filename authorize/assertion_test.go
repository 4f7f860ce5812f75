package authorize_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/internal/jose"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// keyed is a world with a client that has a key, and one with a certificate.
func keyed(t *testing.T) (*world, *jose.Key) {
	t.Helper()
	key, err := jose.Generate(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := newTokenWorld(t, inMemory, func(cfg *parts) {
		for _, c := range []*client.Client{
			{ID: "signing", TokenEndpointAuthMethod: client.AuthPrivateKey, JWKS: jose.NewSet(key.Public())},
			{ID: "certified", TokenEndpointAuthMethod: client.AuthTLS, TLSSANDNS: "robot.example.com"},
		} {
			c.GrantTypes, c.Scopes = []string{"client_credentials"}, []string{"api.read"}
			static(cfg)[c.ID] = c
		}
	})
	return w, key
}

// assertion signs who the client is.
func (w *world) assertion(key *jose.Key, aud string) string {
	w.t.Helper()
	now := w.clock.Now()
	text, err := key.Sign("client-authentication+jwt", map[string]any{
		"iss": "signing", "sub": "signing", "aud": aud, "jti": secret.New(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func assertedBy(text string, pairs ...string) url.Values {
	v := url.Values{"client_assertion": {text}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// A client with a key is known at every endpoint, once by each assertion
// (OAU-11), and the answer to a wrong one is that to a wrong secret.
func TestClientAssertion(t *testing.T) {
	w, key := keyed(t)
	b := w.browser()
	ask := func(text string) answer {
		return b.post("/token", assertedBy(text, "grant_type", "client_credentials"))
	}
	good := w.assertion(key, w.issuer)
	got := ask(good)
	if got.StatusCode != http.StatusOK || got.tokens(t).Access == "" {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if a := ask(w.assertion(key, w.issuer+"/token")); a.StatusCode != http.StatusOK {
		t.Errorf("for the token endpoint: %s", a.body)
	}
	known := b.post("/introspect", assertedBy(w.assertion(key, w.issuer), "token", got.tokens(t).Access))
	if known.StatusCode != http.StatusOK || !strings.Contains(known.body, `"active":true`) { // OAU-34
		t.Errorf("introspection: %d %s", known.StatusCode, known.body)
	}
	if a := b.post("/revoke", assertedBy(w.assertion(key, w.issuer), "token", got.tokens(t).Access)); a.StatusCode != http.StatusOK {
		t.Errorf("revocation: %d %s", a.StatusCode, a.body)
	}
	wrong := b.post("/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"robot"}, "client_secret": {"x"}})
	for name, a := range map[string]answer{
		"again": ask(good), "elsewhere": ask(w.assertion(key, "https://other.example.com")), "no token": ask("x"),
		"its id alone": b.post("/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"signing"}}),
	} {
		if a.StatusCode != http.StatusUnauthorized || a.body != wrong.body || !strings.Contains(a.body, "invalid_client") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

// A client with a certificate is known by the connection (RFC 8705, section 2).
func TestClientCertificate(t *testing.T) {
	w, _ := keyed(t)
	cert := &x509.Certificate{Raw: []byte("x"), DNSNames: []string{"robot.example.com"}, NotBefore: w.clock.Now().Add(-time.Hour), NotAfter: w.clock.Now().Add(time.Hour)}
	for want, state := range map[int]*tls.ConnectionState{
		http.StatusOK:           {HandshakeComplete: true, PeerCertificates: []*x509.Certificate{cert}, VerifiedChains: [][]*x509.Certificate{{cert}}},
		http.StatusUnauthorized: {HandshakeComplete: true, PeerCertificates: []*x509.Certificate{cert}}, // nobody vouches for it
	} {
		r := httptest.NewRequest(http.MethodPost, w.issuer+"/token", strings.NewReader("grant_type=client_credentials&client_id=certified"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.TLS = state
		rec := httptest.NewRecorder()
		if err := w.serves("/token")(rec, r); err != nil || rec.Code != want {
			t.Errorf("%v, %d %s, want %d", err, rec.Code, rec.Body, want)
		}
	}
}
