package authorize_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// A forced login is met by a login after the request was first seen by this
// browser, and by nothing else.
func TestForcedLogin(t *testing.T) {
	for name, v := range map[string]url.Values{
		"prompt=login":          request("prompt", "login"),          // OAU-18
		"prompt=select_account": request("prompt", "select_account"), // OAU-18
		"max_age=0":             request("max_age", "0"),             // OAU-18
		"max_age":               request("max_age", "60"),            // OAU-18
		"user_sso_lifetime":     request("client_id", "short"),
	} {
		w := newWorld(t, "")
		b := w.browser()
		b.signIn("alice", "local")
		w.clock.pass(2 * time.Minute)
		a := b.ask(v)
		back, ok := a.atLogin(w)
		if !ok {
			t.Fatalf("%s: an old login was enough: %v", name, a.to)
		}
		for _, marker := range []string{"suppressed", "seen", "force", "done"} {
			if strings.Contains(back, marker) {
				t.Errorf("%s: the address has a marker: %s", name, back)
			}
		}
		if _, ok := b.get(back).atLogin(w); !ok { // coming back without a login
			t.Fatalf("%s: nobody signed in, and it was enough", name)
		}
		w.clock.pass(time.Second)
		other := w.browser()
		other.signIn("alice", "local")
		if _, ok := other.get(back).atLogin(w); name != "max_age" && name != "user_sso_lifetime" && !ok { // another browser never saw it
			t.Errorf("%s: another browser's login was enough", name)
		}
		session := b.signIn("alice", "local")
		w.clock.pass(time.Second)
		a = b.get(back)
		if a.to.Query().Get("code") == "" {
			t.Fatalf("%s: a fresh login was not enough: %v", name, a.to)
		}
		id := v.Get("client_id")
		tokens := b.post("/token", redeem(a.to.Query().Get("code"), "client_id", id)).fields(t)
		var claims map[string]any
		if err := w.signer.Verify(t.Context(), fmt.Sprint(tokens["id_token"]), "JWT", &claims); err != nil || claims["auth_time"] != float64(session.At.Unix()) { // OAU-18: auth_time is true
			t.Errorf("%s: claims %v, %v", name, claims, err)
		}
		for _, c := range a.Cookies() {
			if c.Name == "gatehouse-seen" && c.MaxAge >= 0 {
				t.Errorf("%s: the sight is kept: %v", name, c)
			}
		}
		w.clock.pass(2 * time.Minute)
		if _, ok := b.get(back).atLogin(w); !ok { // answered: the same address asks again
			t.Errorf("%s: the login counted twice", name)
		}
	}
}

// The cookie: sealed, bound to parameters, bounded, short-lived (COO-11).
func TestSeenCookie(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	back := make([]string, 10)
	for i := range back {
		w.clock.pass(time.Second)
		a := b.ask(request("prompt", "login", "state", fmt.Sprint(i)))
		back[i], _ = a.atLogin(w)
		for _, c := range a.Cookies() {
			if c.Name == "gatehouse-seen" && (len(c.Value) > 1500 || !c.HttpOnly || c.MaxAge > 3600) { // COO-03, COO-07
				t.Errorf("cookie of %d bytes, %+v", len(c.Value), c)
			}
		}
	}
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	met := 0
	for i := len(back) - 1; i >= 0; i-- {
		if b.get(back[i]).to.Query().Get("code") != "" {
			met++
		} else if i > 1 {
			t.Errorf("tab %d was forgotten", i)
		}
	}
	if met != 8 {
		t.Errorf("%d of 10 tabs remembered, want 8", met)
	}
	// Another parameter is another request.
	first, _ := b.ask(request("prompt", "login")).atLogin(w)
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	if _, ok := b.get(strings.Replace(first, "n-1", "n-2", 1)).atLogin(w); !ok {
		t.Error("the sight of one request served another")
	}
	// Order and unknown parameters make no difference.
	if b.get(first+"&unknown=1").to.Query().Get("code") == "" {
		t.Error("an unknown parameter made it another request")
	}
	// After an hour a login is asked for again.
	first, _ = b.ask(request("prompt", "login", "state", "late")).atLogin(w)
	w.clock.pass(30 * time.Minute)
	b.signIn("alice", "local")
	w.clock.pass(31 * time.Minute)
	if _, ok := b.get(first).atLogin(w); !ok {
		t.Error("a sight outlived its hour")
	}
}

// Rounds come to an end with an error to the client, not with a browser's
// complaint about redirects.
func TestNoEndlessLoop(t *testing.T) {
	// The page signs in through the same, unwanted provider every time.
	for want, v := range map[string]url.Values{
		"unmet_authentication_requirements": request("acr_values", "idp:home"),
		"access_denied":                     request("client_id", "work-only"),
	} {
		w := newWorld(t, "")
		b := w.browser()
		b.signIn("alice", "local")
		w.clock.pass(time.Second)
		back, ok := b.ask(v).atLogin(w)
		if !ok {
			t.Fatalf("%s: no login", want)
		}
		w.clock.pass(time.Second)
		b.signIn("alice", "local")
		w.clock.pass(time.Second)
		if got := b.get(back).to.Query(); got.Get("error") != want || got.Get("state") != "the state" {
			t.Errorf("answered %v, want %s", got, want)
		}
	}
	// The provider answers with a proof that is older than the request.
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "work")
	w.clock.pass(time.Hour)
	a := b.ask(request("prompt", "login"))
	rounds := 0
	for ; rounds < 20; rounds++ {
		back, ok := a.atLogin(w)
		if !ok {
			break
		}
		w.clock.pass(time.Second)
		b.signIn("alice", "work").At = w.clock.Now().Add(-time.Hour)
		a = b.get(back)
	}
	if rounds != 4 || a.to.Query().Get("error") != "login_required" {
		t.Errorf("after %d rounds: %v", rounds, a.to)
	}
}

// prompt=none answers at once, shows nothing, and leaves nothing behind.
func TestPromptNone(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	a := b.ask(request("prompt", "none")) // OAU-17
	if a.to.Query().Get("error") != "login_required" || len(a.Cookies()) != 0 || a.body != "" {
		t.Errorf("anonymous: %v", a.to)
	}
	b.signIn("alice", "local")
	if a := b.ask(request("prompt", "none")); a.to.Query().Get("code") == "" {
		t.Errorf("signed in: %v", a.to)
	}
	w.clock.pass(time.Hour)
	for _, v := range []url.Values{request("prompt", "none", "max_age", "60"), request("prompt", "none", "client_id", "work-only"), request("prompt", "none", "client_id", "short")} {
		if a := b.ask(v); a.to.Query().Get("error") != "login_required" {
			t.Errorf("%v: %v", v, a.to)
		}
	}
}

// id_token_hint and claims: somebody else is never answered for.
func TestHints(t *testing.T) {
	w := newWorld(t, "")
	sign := func(typ, iss, sub string, exp time.Time) string {
		token, err := w.signer.Sign(t.Context(), "RS256", typ, map[string]any{"iss": iss, "sub": sub, "aud": "wiki", "exp": exp.Unix()})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	now := w.clock.Now()
	old := now.Add(-1000 * time.Hour) // the lifetime does not matter
	bob, alice := sign("JWT", w.issuer, "bob", old), sign("JWT", w.issuer, "alice", old)
	b := w.browser()
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	for want, list := range map[string][]url.Values{
		"":               {request("id_token_hint", alice), request("id_token_hint", alice, "prompt", "none"), request("id_token_hint", alice, "claims", `{"id_token":{"sub":{"values":["bob","alice"]}}}`)},
		"login_required": {request("id_token_hint", bob, "prompt", "none"), request("claims", `{"id_token":{"sub":{"value":"bob"}}}`, "prompt", "none"), request("claims", `{"userinfo":{"sub":{"values":["bob"]}}}`, "prompt", "none")}, // OAU-24
		"invalid_request": {
			request("id_token_hint", sign("JWT", "https://elsewhere.example", "alice", now)),
			request("id_token_hint", sign("logout+jwt", w.issuer, "alice", now)), // JWT-06
			request("id_token_hint", alice[:len(alice)-8]+"AAAAAAAA"),
			request("id_token_hint", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."), // JWT-02
			request("id_token_hint", alice, "claims", `{"id_token":{"sub":{"value":"bob"}}}`),
			request("id_token_hint", sign("JWT", w.issuer, "", now)),
		},
	} {
		for i, v := range list {
			if q := b.ask(v).to.Query(); q.Get("error") != want || q.Has("code") != (want == "") {
				t.Errorf("%s %d: answered %v", want, i, q)
			}
		}
	}
	back, ok := b.ask(request("id_token_hint", bob)).atLogin(w) // OAU-24: a login, not alice's code
	if !ok {
		t.Fatal("the wrong person was answered for")
	}
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	if q := b.get(back).to.Query(); q.Get("error") != "login_required" || q.Has("code") { // OAU-24
		t.Errorf("after signing in as somebody else again: %v", q)
	}
}

// A store that can't answer is a refusal, sent to where the client hears it.
func TestStoresFail(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	code, token := b.code(request()), b.post("/token", redeem(b.code(request()))).tokens(t).Access
	w.sessions.broken = fault.New(fault.Unavailable, "test", "") // PRX-02, SES-09
	if q := b.ask(request()).to.Query(); q.Get("error") != "temporarily_unavailable" || q.Has("code") {
		t.Errorf("sessions down: %v", q)
	}
	if a := b.get(w.issuer + "/authorize?" + w.visit(site, false).Encode()); a.StatusCode != 503 || a.to != nil {
		t.Errorf("sessions down, site: %d", a.StatusCode)
	}
	if a := b.post("/token", redeem(code)); a.StatusCode != 503 || a.fields(t)["error"] != "temporarily_unavailable" || strings.Contains(a.body, "access_token") {
		t.Errorf("sessions down: %d %s", a.StatusCode, a.body)
	}
	down := w.sessions.broken
	w.sessions.broken, w.sessions.over = nil, true
	if q := b.ask(request()).to.Query(); q.Get("error") != "login_required" || q.Has("code") { // SES-09
		t.Errorf("session over meanwhile: %v", q)
	}
	w.sessions.over, w.shorts.broken = false, down
	w.failing = true
	code = b.code(request()) // which takes no store
	for range 2 {
		if a := b.post("/token", redeem(code)); a.StatusCode != 503 || a.fields(t)["error"] != "temporarily_unavailable" || strings.Contains(a.body, "access_token") {
			t.Errorf("codes down: %d %s", a.StatusCode, a.body)
		}
	}
	if a := b.userinfo(token); a.StatusCode != 503 {
		t.Errorf("tokens down: %d", a.StatusCode)
	}
	w.shorts.broken = nil
	if a := b.post("/token", redeem(code)); a.StatusCode != 200 {
		t.Errorf("up again: %d %s", a.StatusCode, a.body)
	}
}
