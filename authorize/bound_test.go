package authorize_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
)

// A client whose tokens must be bound gets none without the proof, and that
// costs it neither the code nor the nonce it needs next (RFC 9449, section 5.2;
// OAU-37).
func TestDPoPRequired(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, withPossession, func(cfg *parts) { static(cfg)["agent"].DPoPBoundTokens = true })
	b := w.browser()
	b.signIn("alice", "local")
	v := as("agent", redeem(b.code(request("client_id", "agent"))))
	if a := b.post("/token", v); a.StatusCode != 400 || a.tokens(t).Error != "invalid_dpop_proof" || a.Header.Get("DPoP-Nonce") == "" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	got := b.post("/token", v, header("DPoP", newProver(t, w).proof("POST", "/token", ""))).tokens(t)
	if got.Type != "DPoP" {
		t.Fatalf("%+v", got)
	}
	r, _ := http.NewRequest(http.MethodGet, w.issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "DPoP "+got.Access)
	if a := b.do(r); a.StatusCode != 401 || !strings.Contains(a.Header.Get("WWW-Authenticate"), `algs="ES256 `) { // RFC 9449, section 7.1
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
}

// Tokens are bound to a certificate where the client says so, and nowhere else
// (RFC 8705, section 3.4). A further address is one where proofs may be made for.
func TestCertificateBound(t *testing.T) {
	const base = "https://mtls.example.com"
	w, _ := newTokenWorld(t, inMemory, withPossession, func(cfg *parts) {
		cfg.CertificateBase = base
		static(cfg)["signing-robot"].CertificateBoundTokens = true
	})
	cert := &x509.Certificate{Raw: []byte("x"), NotBefore: w.clock.Now().Add(-time.Hour), NotAfter: w.clock.Now().Add(time.Hour)}
	ask := func(id string, shows bool, change ...func(*http.Request)) tokens {
		r := httptest.NewRequest(http.MethodPost, base+"/token", strings.NewReader(form(id, "grant_type", client.GrantCredentials).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.TLS = nil; shows {
			r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{cert}}
		}
		for _, f := range change {
			f(r)
		}
		rec := httptest.NewRecorder()
		if err := w.serves("/token")(rec, r); err != nil {
			t.Fatal(err)
		}
		return answer{Response: rec.Result(), body: rec.Body.String()}.tokens(t)
	}
	if got := ask("signing-robot", false); got.Error != "invalid_request" {
		t.Errorf("no certificate: %+v", got)
	}
	cnf, _ := part(t, ask("signing-robot", true).Access, 1)["cnf"].(map[string]any)
	if cnf["x5t#S256"] == nil {
		t.Errorf("cnf is %v", cnf)
	}
	me := newProver(t, w)
	me.w = &world{issuer: base, clock: w.clock}
	if got := ask("robot", true, header("DPoP", me.proof("POST", "/token", ""))); got.Type != "DPoP" { // its certificate binds nothing
		t.Errorf("%+v", got)
	}
	for _, host := range []string{"mtls.example.com:443", "MTLS.example.com", "mtls.example.com."} { // RFC 3986, sections 6.2.2 and 6.2.3
		if got := ask("robot", true, header("DPoP", me.proof("POST", "/token", "")), func(r *http.Request) { r.Host = host }); got.Type != "DPoP" {
			t.Errorf("sent to %s: %+v", host, got)
		}
	}
	if got := ask("robot", true, header("DPoP", me.proof("POST", "/token", "")), func(r *http.Request) { r.Host = "mtls.example.com:8443" }); got.Error != "invalid_dpop_proof" {
		t.Errorf("a proof for another port: %+v", got)
	}
	if got := ask("robot", true, header("DPoP", me.proof("POST", "/token", "")), func(r *http.Request) { r.Host = "elsewhere.example" }); got.Error != "invalid_dpop_proof" {
		t.Errorf("a proof for another host: %+v", got)
	}
}

// Who demands bound tokens where nothing can check them is told at the start.
func TestBoundNeedsProofs(t *testing.T) {
	c := &client.Client{ID: "a", FirstParty: true, Public: true, RedirectURIs: []string{"https://a.example.com/"}, DPoPBoundTokens: true}
	err := (&token.Service{CertificateBase: "http://x", Clients: client.Static{"a": c}}).Check()
	for _, want := range []string{"nothing that checks the keys", "certificate_base"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
