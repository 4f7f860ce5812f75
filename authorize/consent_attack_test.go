package authorize_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/consent"
	"github.com/gatehouse-auth/gatehouse/internal/secret"
)

// An answer is for one request letter by letter: whoever changes the address
// afterwards is asked again, and so is the person in another tab.
func TestAnswerIsForOneRequest(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		said := b.say(b.atConsent(b.ask(wants("third", "openid"))), consent.ActionAllow, false)
		for _, other := range []url.Values{
			wants("third", "openid email"), wants("third", "openid offline_access"), wants("third", "openid", "resource", apiURI),
			wants("third", "openid", "state", "another tab"), wants("third", "openid", "nonce", "n-2"), wants("third", "openid", "redirect_uri", wikiURI, "prompt", "consent"),
			wants("third", "openid", "code_challenge", challenge(strings.Repeat("x", 50))), wants("strict", "openid"),
		} {
			b.atConsent(b.ask(other))
		}
		if a := b.get(said.to.String()); a.to.Query().Get("code") == "" { // the one it was for
			t.Errorf("%v", a.to)
		}
		b.atConsent(b.get(said.to.String())) // once
	})
}

// An answer is for one person in one browser, and for a while.
func TestAnswerIsForOneSession(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		v := wants("third", "openid")
		b := w.browser()
		b.signIn("alice", "local")
		b.say(b.atConsent(b.ask(v)), consent.ActionAllow, false)
		other := w.browser()
		other.signIn("alice", "local")
		other.atConsent(other.ask(v)) // the same person elsewhere
		b.signIn("bob", "local")
		b.atConsent(b.ask(v)) // the same browser, somebody else
		c := w.browser()
		c.signIn("alice", "local")
		c.say(c.atConsent(c.ask(v)), consent.ActionAllow, false)
		w.clock.pass(10 * time.Minute)
		c.atConsent(c.ask(v))
	})
}

// 64 parallel requests with one answer get one code.
func TestAnswerIsUsedOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *consentWorld) {
		b := w.browser()
		b.signIn("alice", "local")
		back := b.say(b.atConsent(b.ask(wants("third", "openid"))), consent.ActionAllow, false).to.String()
		var wait sync.WaitGroup
		var codes, asked atomic.Int32
		for range 64 {
			wait.Go(func() {
				switch to := b.get(back).to; {
				case to.Query().Get("code") != "":
					codes.Add(1)
				case to.Path == "/consent":
					asked.Add(1)
				}
			})
		}
		wait.Wait()
		if codes.Load() != 1 || asked.Load() != 63 {
			t.Errorf("%d codes, %d asked again", codes.Load(), asked.Load())
		}
	})
}

// The form is protected as the login's is (CSR-01, CSR-02, CSR-03, CSR-06), and
// its token is of one session and one request (CSR-04).
func TestConsentForm(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b, evil := w.browser(), w.browser()
	b.signIn("alice", "local")
	evil.signIn("mallory", "local")
	v := wants("third", "openid")
	page, theirs := b.atConsent(b.ask(v)), evil.atConsent(evil.ask(v))
	granted := b.granted()
	good := url.Values{consent.FieldToken: {page.Token}, consent.FieldAction: {consent.ActionAllow}, consent.FieldRemember: {"1"}}
	but := func(name string, values ...string) url.Values {
		out := url.Values{}
		for k, v := range good {
			out[k] = v
		}
		if out[name] = values; len(values) == 0 {
			delete(out, name)
		}
		return out
	}
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { fromUs(w.world)(r); r.Header[name] = values }
	}
	cases := []struct {
		name   string
		form   url.Values
		change func(*http.Request)
		status int
	}{
		{"another origin", good, header("Origin", "https://evil.example"), 403},
		{"a sibling", good, header("Origin", strings.Replace(w.issuer, "127.0.0.1", "app.127.0.0.1", 1)), 403},
		{"null", good, header("Origin", "null"), 403},
		{"two origins", good, header("Origin", w.issuer, w.issuer), 403},
		{"cross-site", good, header("Sec-Fetch-Site", "cross-site"), 403},
		{"same-site", good, header("Sec-Fetch-Site", "same-site"), 403},
		{"plain text", good, header("Content-Type", "text/plain"), 415},
		{"no type", good, header("Content-Type"), 415},
		{"multipart", good, header("Content-Type", "multipart/form-data; boundary=x"), 415},
		{"json", good, header("Content-Type", "application/json"), 415},
		{"no token", but(consent.FieldToken), fromUs(w.world), 400},
		{"two tokens", but(consent.FieldToken, page.Token, page.Token), fromUs(w.world), 400},
		{"half a token", but(consent.FieldToken, page.Token[:50]), fromUs(w.world), 400},
		{"two actions", but(consent.FieldAction, "allow", "deny"), fromUs(w.world), 400},
		{"no action", but(consent.FieldAction), fromUs(w.world), 400},
		{"another action", but(consent.FieldAction, "withdraw"), fromUs(w.world), 400},
		{"another person's token", but(consent.FieldToken, theirs.Token), fromUs(w.world), 303},
		{"in the query", url.Values{}, func(r *http.Request) { fromUs(w.world)(r); r.URL.RawQuery = good.Encode() }, 400},
		{"huge", but("x", strings.Repeat("x", 70_000)), fromUs(w.world), 413},
		{"broken", url.Values{}, func(r *http.Request) {
			fromUs(w.world)(r)
			r.Body = http.NoBody
			r.Header.Set("Content-Encoding", "gzip")
		}, 415},
	}
	for _, c := range cases {
		a := b.post(page.Action, c.form, c.change)
		if a.StatusCode != c.status || a.to != nil && a.to.Path != "/consent" {
			t.Errorf("%s: %d %v %s", c.name, a.StatusCode, a.to, a.body)
		}
		b.atConsent(b.ask(v)) // nothing was allowed
	}
	// A token of the other page is none of this one, and the other way round.
	if a := b.post(consent.PathGrants, url.Values{consent.FieldToken: {page.Token}, consent.FieldAction: {consent.ActionWithdraw}}, fromUs(w.world)); a.StatusCode != 400 {
		t.Errorf("%d", a.StatusCode)
	}
	for _, method := range []string{"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"} { // CSR-07, WEB-12
		for _, path := range []string{page.Action, granted.Action} {
			r, _ := http.NewRequest(method, w.issuer+path, nil)
			if a := b.do(r); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD, POST" {
				t.Errorf("%s %s: %d", method, path, a.StatusCode)
			}
		}
	}
	// Whoever is signed in when the form comes must be who saw the page.
	b.signIn("bob", "local")
	if a := b.post(page.Action, good, fromUs(w.world)); a.StatusCode != 303 || a.to.Path != "/consent" {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	b.atConsent(b.ask(v))
	if got := w.heard(); slices.Contains(got, "consent_allowed third") {
		t.Errorf("%v", got)
	}
}

// Nothing in an address stands for an answer.
func TestConsentHasNoMarkers(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	session := b.signIn("alice", "local")
	for _, extra := range []string{"&consent=1", "&allowed=1", "&suppressed_prompt=consent", "&csrf_token=x", "&action=allow", "&remember=1", "#allow"} {
		b.atConsent(b.get(w.issuer + "/authorize?" + wants("third", "openid").Encode() + extra))
	}
	// What clients know, the sid and their own request, makes no answer.
	ask := consent.Ask{Request: secret.Hash("authorize request", wants("third", "openid").Encode()), Subject: "alice", SID: session.SID}
	ask.Terms = consent.Terms{Client: "third", Scopes: []string{"openid", "email"}}
	if err := w.consents.Allow(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	b.atConsent(b.ask(wants("third", "openid"))) // it was for other terms
}

// The page is for requests that would be answered, and shows nothing else.
func TestConsentPageAddresses(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	good := "/authorize?" + wants("third", "openid").Encode()
	page := func(address string) answer {
		return b.get(w.issuer + "/consent?return_url=" + url.QueryEscape(address))
	}
	if a := page(good); a.StatusCode != 303 || a.to.Path != "/authorize" { // nobody is signed in
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	b.signIn("alice", "local")
	for _, address := range []string{ // RED-01
		"", "/", "https://evil.example" + good, "//evil.example" + good, good + "#x", good + "\n", "/account/grants",
		"/authorize?" + wants("third", "openid", "redirect_uri", "https://evil.example/").Encode(),
		"/authorize?" + wants("nobody", "openid").Encode(), "/authorize?gatehouse_deny=x", "/authorize?gatehouse_post=x",
	} {
		if a := page(address); a.StatusCode != 400 || a.to != nil {
			t.Errorf("%q: %d %v", address, a.StatusCode, a.to)
		}
	}
	for _, address := range []string{ // nothing to ask
		"/authorize?" + wants("ours", "openid").Encode(), "/authorize?" + wants("third", "openid", "prompt", "none").Encode(),
		"/authorize?" + wants("third", "openid", "prompt", "login").Encode(), "/authorize?" + w.visit(site, false).Encode(),
	} {
		if a := page(address); a.StatusCode != 303 || a.to.Path != "/authorize" {
			t.Errorf("%q: %d %v", address, a.StatusCode, a.to)
		}
	}
	a := page(good)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} { // WEB-06, WEB-08
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if a := b.get(w.issuer + "/consent?return_url=" + url.QueryEscape(good) + "&return_url=/"); a.StatusCode != 400 {
		t.Errorf("doubled: %d", a.StatusCode)
	}
}

// A store that can't be asked is a refusal.
func TestConsentStoreFails(t *testing.T) {
	w := newConsentWorld(t, inMemory)
	b := w.browser()
	b.signIn("alice", "local")
	b.agree(wants("third", "openid"), true)
	w.shorts.mu.Lock()
	w.shorts.broken = errBroken
	w.shorts.mu.Unlock()
	if got := b.ask(wants("third", "openid")).to.Query(); got.Get("error") != "temporarily_unavailable" || got.Get("code") != "" {
		t.Errorf("%v", got)
	}
}
