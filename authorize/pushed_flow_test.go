package authorize_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
)

// A pushed request waits for 90 seconds, then for ten minutes with the browser
// that brought it, and is answered once (OAU-26).
func TestPushedLife(t *testing.T) {
	w := newPushWorld(t)
	b, stranger := w.browser(), w.browser()
	stranger.signIn("mallory", "local")
	v := b.pushed(request("state", "secret-state", "login_hint", "alice"))
	w.clock.pass(89 * time.Second)
	back, ok := b.ask(v).atLogin(w)
	if !ok || strings.Contains(back, "secret-state") || strings.Contains(back, "scope") || strings.Contains(back, "alice") { // nothing pushed leaks
		t.Fatalf("at login: %t, %s", ok, back)
	}
	if _, ok := b.ask(v).atLogin(w); !ok { // FAPI 2.0, section 5.3.2.2: a reload before the login is done
		t.Error("a reload is refused")
	}
	if a := stranger.ask(v); !a.shown() {
		t.Errorf("another browser: %d %v", a.StatusCode, a.to)
	}
	w.clock.pass(9*time.Minute + 50*time.Second)
	b.signIn("alice", "local")
	a := b.get(back)
	if a.to == nil || a.to.Query().Get("code") == "" || a.to.Query().Get("state") != "secret-state" {
		t.Fatalf("after the login: %d %v %s", a.StatusCode, a.to, a.body)
	}
	if a := b.get(back); !a.shown() || strings.Contains(a.body, "secret") {
		t.Errorf("once more: %d %v", a.StatusCode, a.to)
	}

	late := b.pushed(request())
	w.clock.pass(90 * time.Second)
	if a := b.ask(late); !a.shown() {
		t.Errorf("after 90 s: %d %v", a.StatusCode, a.to)
	}
	slow, nobody := b.pushed(request()), w.browser()
	back, _ = nobody.ask(slow).atLogin(w)
	w.clock.pass(10 * time.Minute)
	nobody.signIn("alice", "local")
	if a := nobody.get(back); !a.shown() {
		t.Errorf("after ten minutes: %d %v", a.StatusCode, a.to)
	}
}

// Who has the address and not the client's name, or another's, has nothing; and
// a redirect address beside it is told (OAU-26).
func TestPushedIsTheClients(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	v := b.pushed(request())
	for name, change := range map[string][]string{"another client": {"client_id", "other"}, "no client": {"client_id", ""}, "unknown client": {"client_id", "nobody"}} {
		odd := url.Values{"client_id": v["client_id"], "request_uri": v["request_uri"]}
		odd.Set(change[0], change[1])
		if a := b.ask(odd); !a.shown() {
			t.Errorf("%s: %d %v", name, a.StatusCode, a.to)
		}
	}
	if got := b.ask(request("client_id", "other", "request_uri", v.Get("request_uri"))).told(); got != "invalid_request_uri" {
		t.Errorf("with an address beside it: %q", got)
	}
	if b.code(v) == "" { // none of that used it up
		t.Error("no code")
	}
}

// What stands beside the address does not count (RFC 9126, section 4; RFC 9101,
// section 6.3).
func TestPushedParametersAlone(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	v := b.pushed(request("state", "inside", "prompt", "none"))
	for name, value := range map[string]string{
		"state": "outside", "redirect_uri": "https://wiki.example.com/cb?x=1", "scope": "openid admin", "response_mode": "fragment",
		"prompt": "login", "response_type": "token", "nonce": "outside", "code_challenge": "x", "max_age": "0", "foo": "bar",
	} {
		v.Set(name, value)
	}
	a := b.ask(v)
	if q := a.to.Query(); q.Get("state") != "inside" || q.Get("code") == "" || !strings.HasPrefix(a.to.String(), wikiURI+"?code=") {
		t.Fatalf("%d %v", a.StatusCode, a.to)
	}
	got := b.post("/token", redeem(a.to.Query().Get("code"))).tokens(t)
	if part(t, got.ID, 1)["nonce"] != "n-1" {
		t.Errorf("%+v", part(t, got.ID, 1))
	}
}

// By POST, by another mode, and as a guarded site's request.
func TestPushedByOtherWays(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	b.signIn("alice", "local")
	posted := b.post("/authorize", b.pushed(request("response_mode", "form_post", "prompt", "login")))
	if posted.StatusCode != 303 || strings.Contains(posted.to.String(), "request_uri") { // OAU-04
		t.Fatalf("%d %v", posted.StatusCode, posted.to)
	}
	back, ok := b.get(posted.to.String()).atLogin(w)
	if !ok {
		t.Fatal("not at the login")
	}
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	if f := formFields(t, b.get(back).body); f["code"] == "" || f["state"] != "the state" {
		t.Errorf("%v", f)
	}
	v := b.pushed(request())
	v.Set("response_type", "ticket")
	if a := b.ask(v); !a.shown() {
		t.Errorf("a ticket: %d %v", a.StatusCode, a.to)
	}
}

// "Cancel" answers a pushed request too, and uses it up.
func TestPushedDenied(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	back, _ := b.ask(b.pushed(request("login_hint", "alice"))).atLogin(w)
	c, err := w.Context(t.Context(), strings.TrimPrefix(back, w.issuer))
	if err != nil || c.LoginHint != "alice" || c.ClientName != "The Wiki" || w.issuer+c.ReturnURL != back {
		t.Fatalf("%+v, %v", c, err)
	}
	if a := w.browser().get(w.issuer + c.DenyURL); !a.shown() { // from another browser it is no answer
		t.Errorf("a stranger's denial: %d %v", a.StatusCode, a.to)
	}
	a := b.get(w.issuer + c.DenyURL)
	if a.told() != "access_denied" || a.to.Query().Get("state") != "the state" {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	for _, address := range []string{back, w.issuer + c.DenyURL} {
		if a := b.get(address); !a.shown() {
			t.Errorf("answered again: %d %v", a.StatusCode, a.to)
		}
	}
	if _, err := w.Context(t.Context(), c.ReturnURL); err == nil {
		t.Error("the login page still shows it")
	}
}

// An error is an answer, and uses the request up.
func TestPushedErrorsAreAnswers(t *testing.T) {
	w := newPushWorld(t)
	b := w.browser()
	v := b.pushed(request("prompt", "none"))
	if got := b.ask(v).told(); got != "login_required" {
		t.Errorf("%q", got)
	}
	if a := b.ask(v); !a.shown() {
		t.Errorf("once more: %d %v", a.StatusCode, a.to)
	}
}

// Consent is asked for what was pushed, and bound to it.
func TestPushedConsent(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		v := b.pushed(wants("strict", "openid email", "state", "secret-state"))
		a := b.ask(v)
		if strings.Contains(a.to.String(), "secret-state") {
			t.Errorf("the address says %v", a.to)
		}
		page := b.atConsent(a)
		w.clock.pass(9 * time.Minute) // far beyond 90 s: it belongs to this browser now
		back := b.say(page, consent.ActionAllow, false)
		if got := b.get(back.to.String()); got.to == nil || got.to.Query().Get("code") == "" || got.to.Query().Get("state") != "secret-state" {
			t.Errorf("%d %v %s", got.StatusCode, got.to, got.body)
		}
		denied := b.say(b.atConsent(b.ask(b.pushed(wants("strict", "openid")))), consent.ActionDeny, false)
		if got := b.get(denied.to.String()).told(); got != "access_denied" {
			t.Errorf("denied: %q", got)
		}
	})
}

// Of 64 answers at once one has the code (OAU-26), on both stores.
func TestPushedParallel(t *testing.T) {
	for name, change := range map[string][]func(*parts){"memory": nil, "sqlite": {onDiskShorts(t)}} {
		t.Run(name, func(t *testing.T) {
			w := newPushWorld(t, change...)
			b := w.browser()
			v := b.pushed(request())
			back, _ := b.ask(v).atLogin(w) // held by this browser
			b.signIn("alice", "local")
			answers, start := make(chan answer, 64), make(chan struct{})
			var wait sync.WaitGroup
			for range 64 {
				wait.Go(func() {
					<-start
					answers <- b.get(back)
				})
			}
			close(start)
			wait.Wait()
			close(answers)
			codes := 0
			for a := range answers {
				switch {
				case a.to != nil && a.to.Query().Get("code") != "":
					codes++
				case !a.shown() && a.told() != "invalid_request_uri":
					t.Errorf("%d %v %s", a.StatusCode, a.to, a.body)
				}
			}
			if codes != 1 {
				t.Errorf("%d codes", codes)
			}
		})
	}
}
