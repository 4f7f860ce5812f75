package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/account"
	"github.com/gatehouse-auth/gatehouse/login"
)

const clientURL = "/authorize?client_id=wiki&state=a%2Fb"

func wiki(change func(*login.Context)) *login.Context {
	c := &login.Context{ClientID: "wiki", ClientName: "The Wiki", Local: true, DenyURL: "/authorize?denied=1"}
	if change != nil {
		change(c)
	}
	return c
}

func TestSignIn(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	w.contexts[clientURL] = wiki(func(c *login.Context) { c.LoginHint = "alice" })
	b := w.browser()
	first := b.get("/login?return_url=" + url.QueryEscape(clientURL))
	if first.StatusCode != 200 || !strings.Contains(first.body, "The Wiki") || first.form().Get("username") != "alice" {
		t.Fatalf("%d %s", first.StatusCode, first.body)
	}
	done := b.post("/login", first.fill("password", right))
	// RED-06: 303, so that no browser repeats the password elsewhere.
	if done.StatusCode != http.StatusSeeOther || done.to() != clientURL || done.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d to %q", done.StatusCode, done.to())
	}
	s := b.session()
	if s == nil || s.User.Username != "alice" || s.IDP != "local" || len(s.AMR) != 1 || s.AMR[0] != "pwd" || time.Since(s.At) > time.Minute || s.Remember {
		t.Fatalf("%+v", s)
	}
	if e := w.last(); e.Name != login.LoginSucceeded || e.User.Username != "alice" || e.SID != s.SID || e.Client != "wiki" || !e.Address.IsValid() { // LOG-03
		t.Errorf("%+v", e)
	}
	// Somebody who is signed in goes on at once, and home without an address.
	if a := b.get("/login?return_url=" + url.QueryEscape(clientURL)); a.to() != clientURL {
		t.Errorf("signed in: %d %q", a.StatusCode, a.to())
	}
	if a := b.get("/login"); a.to() != "/" {
		t.Errorf("bookmarked: %d %q", a.StatusCode, a.to())
	}
	if a := b.get("/"); a.StatusCode != 200 || !strings.Contains(a.body, "ALICE") {
		t.Errorf("home: %d %s", a.StatusCode, a.body)
	}
}

// ENU-01, ENU-04, LGN-01, LGN-09, LGN-10: one answer to every failure, with
// everything but the password still in the form.
func TestFailuresAreAlike(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	bob, err := w.accounts.Add(t.Context(), account.NewAccount{Username: "bob", Password: right})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.accounts.Disable(t.Context(), bob.Subject); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	mask := strings.NewReplacer("alice", "NAME", "carol", "NAME", "bob", "NAME", "not a name", "NAME")
	for name, password := range map[string]string{"alice": wrong, "carol": wrong, "bob": right, "not a name": wrong} {
		for _, password := range []string{password, "", strings.Repeat("x", 2000), "a\x00b"} {
			b := w.browser()
			page := b.get("/login?return_url=" + url.QueryEscape(app+"/deep?x=1"))
			a := b.post("/login", page.fill("username", name, "password", password, "remember", "1"))
			if a.StatusCode != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") != "Gatehouse" || b.who() != "" {
				t.Errorf("%s: %d, signed in as %q", name, a.StatusCode, b.who())
			}
			f := a.form()
			if f.Get("username") != name || f.Get("return_url") != app+"/deep?x=1" || f.Get("remember") != "1" || f.Get("password") != "" {
				t.Errorf("%s: the form lost something: %v", name, f)
			}
			if strings.Contains(a.body, wrong) || strings.Contains(a.body, right) {
				t.Errorf("%s: the password is on the page", name)
			}
			body := strings.ReplaceAll(a.body, f.Get("csrf_token"), "TOKEN")
			bodies = append(bodies, mask.Replace(body))
		}
	}
	for _, body := range bodies[1:] {
		if body != bodies[0] {
			t.Fatalf("answers differ:\n%s\n%s", bodies[0], body)
		}
	}
	// Credentials in the query are not looked at.
	b := w.browser()
	page := b.get("/login")
	q := page.fill("username", "alice", "password", right).Encode()
	if a := b.post("/login?"+q, page.form()); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("query: %d", a.StatusCode)
	}
	if a := b.get("/login?" + q); a.StatusCode != 200 || b.who() != "" {
		t.Errorf("GET: %d", a.StatusCode)
	}
}

// LGN-05: whatever spelling is typed, the session has the canonical name.
func TestCanonicalName(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	for _, name := range []string{"Alice", "ALICE", "\uff41lice"} {
		b := w.browser()
		if a := b.login("/login", name, right); a.to() != "/" || b.who() != "alice" {
			t.Errorf("%q: %d, %q", name, a.StatusCode, b.who())
		}
	}
}

// LGN-20, LGN-26, LGN-28: too many wrong attempts are answered alike for known
// and unknown names and all spellings, before the password is looked at.
func TestThrottled(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	for _, spellings := range [][]string{{"alice", "ALICE"}, {"carol", "Carol"}} {
		b := w.browser()
		page := b.get("/login?return_url=" + url.QueryEscape(app+"/x"))
		for i := range 10 {
			a := b.post("/login", page.fill("username", spellings[i%2], "password", wrong))
			if a.StatusCode != http.StatusUnauthorized {
				t.Fatalf("attempt %d: %d", i, a.StatusCode)
			}
		}
		a := b.post("/login", page.fill("username", spellings[0], "password", right))
		if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "900" || b.who() != "" {
			t.Errorf("%s: %d, Retry-After %q", spellings[0], a.StatusCode, a.Header.Get("Retry-After"))
		}
		if f := a.form(); f.Get("username") != spellings[0] || f.Get("return_url") != app+"/x" {
			t.Errorf("the form lost something: %v", f)
		}
		if e := w.last(); e.Name != login.LoginThrottled || e.RetryAfter != 15*time.Minute {
			t.Errorf("%+v", e)
		}
	}
	w.advance(16 * time.Minute) // LGN-21: it ends by itself
	b := w.browser()
	if a := b.login("/login", "alice", right); a.to() != "/" {
		t.Errorf("after the lock: %d", a.StatusCode)
	}
}

func TestRemember(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	a := b.post("/login", b.get("/login").fill("username", "alice", "password", right, "remember", "1"))
	if s := b.session(); a.to() != "/" || s == nil || !s.Remember {
		t.Errorf("%d, %+v", a.StatusCode, s)
	}
	w = newWorld(t, func(c *login.Config) { c.Remember = false })
	w.add("alice")
	b = w.browser()
	page := b.get("/login")
	if strings.Contains(page.body, `name="remember"`) {
		t.Error("offered")
	}
	b.post("/login", page.fill("username", "alice", "password", right, "remember", "1"))
	if s := b.session(); s == nil || s.Remember {
		t.Errorf("not offered, but granted: %+v", s)
	}
}

// SES-07, SES-08: another person ends the session that was there; the same one
// keeps it under a new id.
func TestSwitch(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice", "bob")
	b := w.browser()
	b.login("/login", "alice", right)
	first := b.session().SID
	page := b.get("/login?switch=1")
	if page.StatusCode != 200 {
		t.Fatalf("switch: %d", page.StatusCode)
	}
	b.post("/login", page.fill("username", "bob", "password", right))
	if s := b.session(); s == nil || s.User.Username != "bob" || s.SID == first {
		t.Errorf("%+v", s)
	}
}

// OAU-18: a forced login shows the page to somebody who is signed in, and says
// why.
func TestForced(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	w.contexts[clientURL] = wiki(func(c *login.Context) { c.Force = true })
	b := w.browser()
	b.login("/login", "alice", right)
	sid := b.session().SID
	page := b.get("/login?return_url=" + url.QueryEscape(clientURL))
	if page.StatusCode != 200 {
		t.Fatalf("%d to %q", page.StatusCode, page.to())
	}
	if a := b.post("/login", page.fill("username", "alice", "password", right)); a.to() != clientURL || b.session().SID != sid {
		t.Errorf("%d to %q", a.StatusCode, a.to())
	}
}

// Support#1117 elsewhere: Cancel always leads somewhere, also from an old page.
func TestCancel(t *testing.T) {
	w := newWorld(t, nil)
	w.contexts[clientURL] = wiki(nil)
	b := w.browser()
	page := b.get("/login?return_url=" + url.QueryEscape(clientURL))
	if !strings.Contains(page.body, `value="cancel"`) {
		t.Error("no Cancel button")
	}
	for name, form := range map[string]url.Values{"fresh": page.fill("action", "cancel"), "stale": page.fill("action", "cancel", "csrf_token", "x")} {
		if a := b.post("/login", form); a.to() != "/authorize?denied=1" {
			t.Errorf("%s: %d to %q", name, a.StatusCode, a.to())
		}
	}
	if a := b.post("/login", url.Values{"action": {"cancel"}, "return_url": {"https://evil.test"}}); a.to() != "/" {
		t.Errorf("no context: %q", a.to())
	}
}

// WEB-08, WEB-12, CSR-07: other methods are refused by name, and nothing is
// kept by a cache.
func TestMethods(t *testing.T) {
	w := newWorld(t, nil)
	for path, allow := range map[string]string{
		"/login": "GET, HEAD, POST", "/logout": "GET, HEAD, POST", "/setup": "GET, HEAD, POST", "/login/work": "GET, POST", "/callback/work": "GET", "/": "GET, HEAD",
	} {
		for _, method := range []string{"PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "post", "TRACE", "BREW"} {
			r, _ := http.NewRequest(method, portal+path, nil)
			r.Header.Set("X-Canary", "canary")
			a := w.serve(r)
			if a.Code != http.StatusMethodNotAllowed || a.Header().Get("Allow") != allow || a.Header().Get("Cache-Control") != "no-store" || strings.Contains(a.Body.String(), "canary") {
				t.Errorf("%s %s: %d, Allow %q", method, path, a.Code, a.Header().Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/login", "/logout", "/setup", "/"} {
		r, _ := http.NewRequest(http.MethodHead, portal+path, nil)
		if a := w.serve(r); a.Code >= 500 || a.Body.Len() > 0 || a.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("HEAD %s: %d", path, a.Code)
		}
	}
}

// FED-13, PRX-02: a store that can't tell is no open door and no dead end.
func TestBroken(t *testing.T) {
	w := newWorld(t, nil)
	w.contexts[clientURL] = nil
	b := w.browser()
	if a := b.get("/login?return_url=" + url.QueryEscape(clientURL)); a.StatusCode != 503 {
		t.Errorf("%d", a.StatusCode)
	}
	w = newWorld(t, func(c *login.Config) { c.Throttle = broken{} })
	w.add("alice")
	b = w.browser()
	a := b.login("/login?return_url="+url.QueryEscape(app+"/x"), "alice", right)
	if a.StatusCode != 503 || b.who() != "" || a.form().Get("return_url") != app+"/x" || a.form().Get("username") != "alice" {
		t.Errorf("%d %v", a.StatusCode, a.form())
	}
}
