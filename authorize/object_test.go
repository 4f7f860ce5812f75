package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
)

// What is signed counts, and nothing beside it (RFC 9101, section 6.3; OAU-21).
func TestRequestObject(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	signed := w.object(request("client_id", "signer", "state", "inside"), "max_age", 3600, "claims", map[string]any{"id_token": map[string]any{"sub": nil}})
	for name, v := range map[string]url.Values{
		"alone":                             wrapped("signer", signed),
		"as OpenID Connect Core 6.1 has it": wrapped("signer", signed, "response_type", "code", "scope", "openid"),
		"beside others": wrapped("signer", signed, "response_type", "token", "state", "outside", "redirect_uri", "https://wiki.example.com/cb?x=1",
			"prompt", "login", "scope", "openid admin", "code_challenge", "x", "response_mode", "fragment", "foo", "bar"),
	} {
		a := b.ask(v)
		if a.to == nil || a.to.Query().Get("code") == "" || a.to.Query().Get("state") != "inside" || !strings.HasPrefix(a.to.String(), wikiURI+"?code=") {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
	}
	if uri := b.pushed(wrapped("signer", signed)); b.code(uri) == "" { // RFC 9126, section 3
		t.Error("pushed: no code")
	}
	if got := b.ask(wrapped("signer", w.object(request("client_id", "signer", "scope", "admin")))); got.told() != "invalid_scope" || got.to.Query().Get("state") != "the state" {
		t.Errorf("what is wrong inside: %v", got.to)
	}
}

// An object that can't be believed, by both ways: nothing in it is, the redirect
// address least of all (OAU-21).
func TestUnbelievableObjects(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	good := request("client_id", "signer")
	for name, v := range map[string]url.Values{
		"unsigned":           wrapped("signer", "eyJhbGciOiJub25lIn0."+strings.Split(w.object(good), ".")[1]+"."),
		"changed":            wrapped("signer", w.object(good)[:600]),
		"no keys":            wrapped("wiki", w.object(request())),
		"another's":          wrapped("signer", w.object(request("client_id", "sealed"))),
		"another's, renamed": wrapped("signer", w.object(request("client_id", "sealed"), "client_id", "signer")),
		"another algorithm":  wrapped("es256", w.object(request("client_id", "es256"))),
		"for somebody else":  wrapped("signer", w.object(good, "aud", "https://other.example.com")),
		"no exp":             wrapped("signer", w.object(good, "exp", nil)),
		"far ahead":          wrapped("signer", w.object(good, "exp", w.clock.Now().Add(12*time.Minute).Unix())),
		"expired":            wrapped("signer", w.object(good, "exp", w.clock.Now().Add(-2*time.Minute).Unix())),
		"sub is the client":  wrapped("signer", w.object(good, "sub", "signer")),
		"nested":             wrapped("signer", w.object(good, "request", "x")),
		"nested reference":   wrapped("signer", w.object(good, "request_uri", "https://evil.example/")), // OAU-22
	} {
		if a := b.ask(v); !a.shown() || strings.Contains(a.body, "wiki.example.com") {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
		v.Set("redirect_uri", wikiURI)
		v.Set("state", "outside")
		if a := b.ask(v); a.told() != "invalid_request_object" || a.to.Query().Get("state") != "outside" {
			t.Errorf("%s, with an address beside it: %d %v", name, a.StatusCode, a.to)
		}
		if a := b.push(v); a.StatusCode != 400 || a.fields(t)["error"] != "invalid_request_object" {
			t.Errorf("%s, pushed: %d %s", name, a.StatusCode, a.body)
		}
	}
	twice := wrapped("signer", w.object(good))
	twice.Add("request", w.object(good))
	if a := b.ask(twice); !a.shown() {
		t.Errorf("twice: %d %v", a.StatusCode, a.to)
	}
	if a := b.push(twice); a.fields(t)["error"] != "invalid_request" { // OAU-14
		t.Errorf("twice, pushed: %s", a.body)
	}
	if a := b.ask(wrapped("signer", w.object(good, "redirect_uri", "https://evil.example/"))); !a.shown() { // OAU-01
		t.Errorf("an address that is not registered, signed: %d %v", a.StatusCode, a.to)
	}
	for _, err := range w.reports {
		if strings.Contains(err.Error(), "evil") || strings.Contains(err.Error(), "eyJ") { // LOG-01
			t.Errorf("the report repeats the request: %v", err)
		}
	}
}

// Wherever an address leads, and however it comes, nobody goes there (OAU-22).
func TestNoRequestAddressIsFetched(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	var hits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer elsewhere.Close()
	address := elsewhere.URL + "/request.jwt"
	plain := request("client_id", "signer", "request_uri", address)
	nested := wrapped("signer", w.object(request("client_id", "signer"), "request_uri", address))
	for _, v := range []url.Values{plain, wrapped("signer", address), nested, {"client_id": {"signer"}, "request_uri": {address}}} {
		if a := b.ask(v); !a.shown() && a.told() == "" {
			t.Errorf("asked: %d %v", a.StatusCode, a.to)
		}
		if a := b.get(b.post("/authorize", v).to.String()); !a.shown() && a.told() == "" {
			t.Errorf("posted: %d %v", a.StatusCode, a.to)
		}
		if a := b.push(v); a.StatusCode != http.StatusBadRequest {
			t.Errorf("pushed: %d %s", a.StatusCode, a.body)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("fetched %d times", n)
	}
}

// A client that signs all its requests has none that are not (RFC 9101, section
// 10.5).
func TestOnlySigned(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	if got := b.ask(request("client_id", "sealed")).told(); got != "invalid_request" {
		t.Errorf("plain: %q", got)
	}
	if b.code(wrapped("sealed", w.object(request("client_id", "sealed")))) == "" {
		t.Error("signed: no code")
	}
	signed := wrapped("both", w.object(request("client_id", "both")))
	if a := b.ask(signed); a.told() != "invalid_request" {
		t.Errorf("signed and not pushed: %d %v", a.StatusCode, a.to)
	}
	if a := b.push(request("client_id", "both")); a.fields(t)["error"] != "invalid_request" {
		t.Errorf("pushed and not signed: %s", a.body)
	}
	if b.code(b.pushed(signed)) == "" {
		t.Error("both: no code")
	}
}

// Who is slow at the pages is not shut out by an object that was good when it
// came; somebody else is, with the same one.
func TestObjectExpiresMeanwhile(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	v := wrapped("signer", w.object(request("client_id", "signer", "state", "secret-state", "login_hint", "alice")), "response_type", "code", "state", "outside")
	back, ok := b.ask(v).atLogin(w)
	if !ok || strings.Contains(back, "outside") {
		t.Fatalf("%t %s", ok, back)
	}
	w.clock.pass(20 * time.Minute)
	c, err := w.Context(t.Context(), strings.TrimPrefix(back, w.issuer))
	if err != nil || c.LoginHint != "alice" {
		t.Fatalf("%+v, %v", c, err)
	}
	if a := w.browser().get(back); !a.shown() {
		t.Errorf("somebody else: %d %v", a.StatusCode, a.to)
	}
	b.signIn("alice", "local")
	if a := b.get(back); a.to == nil || a.to.Query().Get("code") == "" || a.to.Query().Get("state") != "secret-state" {
		t.Errorf("after the login: %d %v %s", a.StatusCode, a.to, a.body)
	}
	if a := b.get(back); !a.shown() {
		t.Errorf("when it was answered: %d %v", a.StatusCode, a.to)
	}
}

// The same at the page that asks for consent, for who is signed in.
func TestConsentOutlivesAnObject(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		c := w.clients["strict"]
		c.JWKS, c.RequireSignedRequests = keysOf(t), true
		b := w.browser()
		b.signIn("alice", "local")
		page := b.atConsent(b.ask(wrapped("strict", w.object(wants("strict", "openid")))))
		w.clock.pass(5 * time.Minute)
		back := b.say(page, consent.ActionAllow, false)
		if got := b.get(back.to.String()); got.to == nil || got.to.Query().Get("code") == "" {
			t.Errorf("%d %v %s", got.StatusCode, got.to, got.body)
		}
	})
}

// A request for several resources, signed (RFC 8707, section 2).
func TestObjectWithResources(t *testing.T) {
	w := newPushWorld(t)
	w.clients["signer"].Resources = []string{apiURI, filesURI}
	b := w.browser()
	b.signIn("alice", "local")
	code := b.code(wrapped("signer", w.object(request("client_id", "signer"), "resource", []string{apiURI, filesURI})))
	if a := b.post("/token", as("signer", redeem(code, "resource", filesURI))); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
