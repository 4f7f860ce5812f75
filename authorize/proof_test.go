package authorize_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/authorize/client"
	"github.com/gatehouse-auth/gatehouse/authorize/grant"
	"github.com/gatehouse-auth/gatehouse/authorize/token"
)

// proofs takes a header's word for the key, which package proof would check.
type proofs struct{}

func (proofs) Prove(w http.ResponseWriter, r *http.Request, c *client.Client, _ token.At) (token.Proof, error) {
	switch r.Header.Get("X-Key") {
	case "wrong":
		return token.Proof{}, token.Refuse(http.StatusBadRequest, "invalid_dpop_proof", "the proof is wrong")
	case "stale":
		w.Header().Set("DPoP-Nonce", "n")
		return token.Proof{}, token.Refuse(http.StatusUnauthorized, "use_dpop_nonce", "a nonce is needed")
	case "broken":
		return token.Proof{}, errors.New("no store")
	}
	if c == nil {
		return token.Proof{}, errors.New("nobody asked")
	}
	return token.Proof{Binding: grant.Binding{JKT: r.Header.Get("X-Key"), X5TS256: r.Header.Get("X-Cert")}}, nil
}

func withProofs(cfg *parts) { cfg.Proofs = proofs{} }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
}

// A bound token is worth nothing without its key, at userinfo as elsewhere, and
// a client without a secret keeps its refresh token only with its key (OAU-31).
func TestBoundTokens(t *testing.T) {
	for _, c := range []struct{ client, name, scheme string }{
		{"agent", "X-Key", "DPoP"},
		{"phone", "X-Key", "DPoP"},
		{"jot", "X-Key", "DPoP"},
		{"agent", "X-Cert", "Bearer"},
		{"phone", "X-Cert", "Bearer"},
		{"jot", "X-Cert", "Bearer"},
	} {
		w, _ := newTokenWorld(t, inMemory, withProofs)
		b := w.browser()
		b.signIn("alice", "local")
		public := uriOf(c.client) == phoneURI
		v := request("client_id", c.client, "redirect_uri", uriOf(c.client), "scope", "openid offline_access")
		got := b.post("/token", as(c.client, redeem(b.code(v), "redirect_uri", uriOf(c.client))), header(c.name, "k1")).tokens(t)
		if got.Type != c.scheme || got.Refresh == "" {
			t.Fatalf("%v: %+v", c, got)
		}
		userinfo := func(scheme, access, key string) int {
			r, _ := http.NewRequest(http.MethodGet, w.issuer+"/userinfo", nil)
			r.Header.Set("Authorization", scheme+" "+access)
			header(c.name, key)(r)
			a := b.do(r)
			if a.StatusCode == 401 && !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), scheme+" ") {
				t.Errorf("%v: %v", c, a.Header)
			}
			return a.StatusCode
		}
		other := map[string]string{"DPoP": "Bearer", "Bearer": "DPoP"}[c.scheme]
		for _, u := range []struct {
			scheme, key string
			want        int
		}{{c.scheme, "k1", 200}, {c.scheme, "k2", 401}, {c.scheme, "", 401}, {other, "k1", 401}, {other, "", 401}} {
			if status := userinfo(u.scheme, got.Access, u.key); status != u.want {
				t.Errorf("%v: %v: %d", c, u, status)
			}
		}
		cnf, _ := b.post("/introspect", form("agent", "token", got.Access)).fields(t)["cnf"].(map[string]any)
		if c.client == "agent" && cnf["jkt"] != "k1" && cnf["x5t#S256"] != "k1" {
			t.Errorf("%v: cnf %v", c, cnf)
		}
		renew := func(key string) tokens {
			return b.post("/token", form(c.client, "grant_type", "refresh_token", "refresh_token", got.Refresh), header(c.name, key)).tokens(t)
		}
		if a := renew(""); a.Error != "invalid_grant" {
			t.Errorf("%v: no key any more: %+v", c, a)
		}
		if a := renew("k2"); (a.Error == "invalid_grant") != public || !public && userinfo(c.scheme, a.Access, "k2") != 200 {
			t.Errorf("%v: another key: %+v", c, a)
		}
		if a := renew("k1"); a.Refresh != got.Refresh || userinfo(c.scheme, a.Access, "k1") != 200 { // OAU-31: it stays
			t.Errorf("%v: %+v", c, a)
		}
	}
}

// Refusals and failures of a proof.
func TestProofErrors(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, withProofs)
	b := w.browser()
	b.signIn("alice", "local")
	v := as("agent", redeem(b.code(request("client_id", "agent"))))
	if a := b.post("/token", v, header("X-Key", "wrong")); a.StatusCode != 400 || a.tokens(t).Error != "invalid_dpop_proof" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := b.post("/token", v, header("X-Key", "stale")); a.tokens(t).Error != "use_dpop_nonce" || a.Header.Get("DPoP-Nonce") != "n" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	got := b.post("/token", v, header("X-Key", "k1")).tokens(t) // none of that spent the code
	if got.Access == "" {
		t.Fatalf("%+v", got)
	}
	r, _ := http.NewRequest(http.MethodGet, w.issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "DPoP "+got.Access)
	r.Header.Set("X-Key", "stale")
	if a := b.do(r); a.StatusCode != 401 || !strings.Contains(a.Header.Get("WWW-Authenticate"), `DPoP realm="gatehouse", error="use_dpop_nonce"`) {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	w.sessions.broken = errors.New("a status of 500 is expected")
	if a := b.post("/token", form("agent", "grant_type", "refresh_token", "refresh_token", got.Refresh), header("X-Key", "broken")); a.StatusCode != 500 || strings.Contains(a.body, "store") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// Without package proof every token is a bearer token, and says so.
func TestUnboundTokens(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	got := b.login("agent")
	r, _ := http.NewRequest(http.MethodGet, w.issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "DPoP "+got.Access)
	if a := b.do(r); a.StatusCode != 401 { // RFC 9449 7.2
		t.Errorf("a bearer token passes for a bound one: %d", a.StatusCode)
	}
}

// A client without a secret that begins to prove a key gets bound access tokens,
// but its refresh token is bound to nothing and still changes (OAU-31).
func TestProofComesLater(t *testing.T) {
	w, _ := newTokenWorld(t, inMemory, withProofs)
	b := w.browser()
	b.signIn("alice", "local")
	got := b.login("phone")
	a := b.post("/token", form("phone", "grant_type", "refresh_token", "refresh_token", got.Refresh), header("X-Key", "k1")).tokens(t)
	if a.Type != "DPoP" || a.Refresh == got.Refresh || a.Refresh == "" {
		t.Errorf("%+v", a)
	}
}
