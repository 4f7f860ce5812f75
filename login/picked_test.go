package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/login"
)

// pick presses a provider's button on the login page at path.
func (b *browser) pick(path, provider string, pairs ...string) answer {
	b.t.Helper()
	page := b.get(path)
	return b.post(page.link("/login/"+provider), page.fill(pairs...))
}

// stays tells whether the session is still there after the two hours that end
// one which nobody asked to stay.
func (b *browser) stays() bool {
	b.world.advance(2 * time.Hour)
	return b.who() != ""
}

// SES-15: staying signed in is up to the person, at a provider too.
func TestRememberThroughProvider(t *testing.T) {
	for name, tt := range map[string]struct {
		permitted bool
		start     func(*browser) answer
		want      bool
	}{
		"ticked":           {true, func(b *browser) answer { return b.pick("/login", "work", "remember", "1") }, true},
		"not ticked":       {true, func(b *browser) answer { return b.pick("/login", "work") }, false},
		"ticked otherwise": {true, func(b *browser) answer { return b.pick("/login", "work", "remember", "yes") }, false},
		"not permitted":    {false, func(b *browser) answer { return b.pick("/login", "work", "remember", "1") }, false},
		"by link":          {true, func(b *browser) answer { return b.get("/login/work?remember=1") }, false}, // FED-02
		"in the query": {true, func(b *browser) answer {
			return b.post("/login/work?remember=1", b.get("/login").fill()) // LGN-09
		}, false},
	} {
		idp, p := federate(t, "work")
		w := newWorld(t, func(c *login.Config) { c.Providers, c.Remember = []login.Provider{p}, tt.permitted })
		b := w.browser().through(idp)
		if a := b.get(b.away(tt.start(b))); a.to() != "/" || b.who() != "alice" {
			t.Fatalf("%s: %d to %q", name, a.StatusCode, a.to())
		}
		if got := b.stays(); got != tt.want {
			t.Errorf("%s: stays signed in: %v", name, got)
		}
	}
}

// What was ticked and where it was to end survive a provider's failure.
func TestPickedAgain(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	back := b.away(b.pick("/login?return_url="+url.QueryEscape(app+"/x"), "work", "remember", "1"))
	a := b.get(strings.Replace(back, "code=", "error=access_denied&was=", 1))
	if form := a.form(); a.StatusCode != http.StatusForbidden || form.Get("remember") != "1" || form.Get("return_url") != app+"/x" {
		t.Fatalf("%d %v", a.StatusCode, a.form())
	}
	if a := b.get(b.away(b.post(a.link("/login/work"), a.form()))); a.to() != app+"/x" || !b.stays() {
		t.Errorf("%d to %q", a.StatusCode, a.to())
	}
}

// CSR-01, CSR-02, CSR-03: a provider's button is a form like the password's.
func TestPickedByAnotherSite(t *testing.T) {
	w, idp := federated(t, true)
	b := w.browser().through(idp)
	form := b.get("/login").fill("remember", "1")
	for name, change := range map[string]func(*http.Request){
		"origin":  func(r *http.Request) { r.Header.Set("Origin", "https://evil.test") },
		"sibling": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"type":    func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
	} {
		if a := b.post("/login/work", form, change); a.StatusCode < 400 || len(b.trips()) > 0 {
			t.Errorf("%s: %d to %q", name, a.StatusCode, a.to())
		}
	}
	form.Set("csrf_token", "x")
	if a := b.post("/login/work", form); a.StatusCode != http.StatusBadRequest || len(b.trips()) > 0 || a.form().Get("remember") != "1" {
		t.Errorf("token: %d to %q", a.StatusCode, a.to())
	}
}

// Somebody signed in meanwhile just goes on; somebody else is somebody else.
func TestPickedSignedIn(t *testing.T) {
	w, idp := federated(t, true)
	w.add("bob")
	b := w.browser().through(idp)
	stale := b.get("/login?return_url=" + url.QueryEscape(app+"/x"))
	b.login("/login", "bob", right)
	if a := b.post("/login/work", stale.form()); a.to() != app+"/x" {
		t.Errorf("signed in: %d to %q", a.StatusCode, a.to())
	}
	if a := b.get(b.away(b.pick("/login?switch=1", "work"))); a.to() != "/" || b.who() != "alice" {
		t.Errorf("switched: %d to %q, %q", a.StatusCode, a.to(), b.who())
	}
	if a := b.login("/login?switch=1", "bob", wrong); a.form().Get("switch") != "1" {
		t.Error("a wrong password forgets who wanted in")
	}
}
