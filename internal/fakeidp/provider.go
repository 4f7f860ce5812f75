package fakeidp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Switches are the misbehaviours of a provider, and who logs in. The zero
// value is a good provider where Alice is signed in.
type Switches struct {
	// Person gives the claims of whoever logs in, from the query of the
	// authorization request. Nil means Alice.
	Person func(query url.Values) map[string]any
	// Before may answer any request itself: it returns true if it did.
	Before func(w http.ResponseWriter, r *http.Request) bool
	// Metadata, Answer, Token and UserInfo change what is about to be sent.
	Metadata func(metadata map[string]any)
	Answer   func(query url.Values)
	Token    func(header, claims map[string]any)
	UserInfo func(claims map[string]any)
	// Alg signs ID tokens: RS256 (default), ES256, none, or HS256 with the
	// public key's bytes as the secret.
	Alg string
	// Foreign signs with a key that is not published, under the published id;
	// Key signs with this one.
	Foreign bool
	Key     *rsa.PrivateKey
	// Keys is what the key set holds. Nil means the provider's keys.
	Keys []map[string]any
	// NoIDToken leaves it out of the token answer.
	NoIDToken bool
}

// Provider is a running provider.
type Provider struct {
	// Issuer is its address.
	Issuer string
	// ClientID and ClientSecret are the one registered client's.
	ClientID, ClientSecret string
	// Redirect is the registered redirect_uri.
	Redirect string
	// Now is its clock.
	Now func() time.Time

	t       testing.TB
	server  *httptest.Server
	rsaKey  *rsa.PrivateKey
	ecKey   *ecdsa.PrivateKey
	foreign *rsa.PrivateKey

	mu       sync.Mutex
	switches Switches
	grants   map[string]grant
	tokens   map[string]map[string]any
	hits     map[string]int
	query    url.Values
}

// grant is what a code stands for.
type grant struct {
	redirect, challenge, nonce string
	claims                     map[string]any
}

// rsaKeys is shared by all providers of a test binary: making keys is slow.
var rsaKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

// Start runs a provider until the test ends. A request that breaks the rules
// fails the test.
func Start(t testing.TB) *Provider {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := rsaKeys()
	p := &Provider{
		ClientID: "gatehouse", ClientSecret: "a secret: with/odd+characters%", Now: time.Now,
		t: t, rsaKey: keys[0], foreign: keys[1], ecKey: ec,
		grants: make(map[string]grant), tokens: make(map[string]map[string]any), hits: make(map[string]int),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.metadata)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userInfo)
	mux.HandleFunc("GET /jwks", p.jwks)
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.hits[r.URL.Path]++
		p.mu.Unlock()
		if before := p.get().Before; before != nil && before(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	}))
	// Clients that give up are no news.
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.server.StartTLS()
	p.server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 32
	t.Cleanup(p.server.Close)
	p.Issuer = p.server.URL
	return p
}

// Roots are the authorities that signed its certificate.
func (p *Provider) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.server.Certificate())
	return pool
}

// Client speaks to the provider as a browser that follows no redirect.
func (p *Provider) Client() *http.Client {
	c := *p.server.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// Set replaces the switches.
func (p *Provider) Set(s Switches) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.switches = s
}

func (p *Provider) get() Switches {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.switches
}

// Hits counts the requests to a path.
func (p *Provider) Hits(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// Query is that of the last authorization request.
func (p *Provider) Query() url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.query
}

// Close stops the provider before the test ends.
func (p *Provider) Close() { p.server.Close() }

// broken reports a request that a good relying party does not send.
func (p *Provider) broken(w http.ResponseWriter, format string, args ...any) {
	p.t.Errorf("fakeidp: "+format, args...)
	http.Error(w, fmt.Sprintf(format, args...), http.StatusBadRequest)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
