package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/login"
)

// CSR-05, CSR-07: only the form ends a session, and only from our own page.
func TestLogout(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	b := w.browser()
	b.login("/login", "alice", right)
	at, _ := url.Parse(portal)
	copied := w.browser()
	copied.client.Jar.SetCookies(at, b.client.Jar.Cookies(at))
	page := b.get("/logout?return_url=" + url.QueryEscape(app+"/x"))
	if page.StatusCode != 200 || !strings.Contains(page.body, "ALICE") || b.who() != "alice" {
		t.Fatalf("%d", page.StatusCode)
	}
	for name, a := range map[string]answer{
		"cross-site":    b.post("/logout", page.form(), set("Sec-Fetch-Site", "cross-site")),
		"sibling":       b.post("/logout", page.form(), set("Origin", app)),
		"null":          b.post("/logout", page.form(), set("Origin", "null")),
		"text":          b.post("/logout", page.form(), set("Content-Type", "text/plain")),
		"no token":      b.post("/logout", page.fill("csrf_token", "")),
		"login's token": b.post("/logout", page.fill("csrf_token", b.get("/login?switch=1").form().Get("csrf_token"))),
	} {
		if a.StatusCode < 400 || a.StatusCode >= 500 || b.who() != "alice" {
			t.Errorf("%s: %d, %q", name, a.StatusCode, b.who())
		}
	}
	if a := b.post("/logout", page.fill("action", "cancel")); a.to() != app+"/x" || b.who() != "alice" {
		t.Errorf("cancel: %d to %q", a.StatusCode, a.to())
	}
	gone := b.post("/logout", page.form())
	if gone.StatusCode != http.StatusSeeOther || b.who() != "" || copied.who() != "" { // SES-09
		t.Fatalf("%d, %q, copy %q", gone.StatusCode, b.who(), copied.who())
	}
	if e := w.last(); e.Name != login.LoggedOut || e.User.Username != "alice" || e.SID == "" {
		t.Errorf("%+v", e)
	}
	over := b.get(gone.to())
	if over.StatusCode != 200 || over.link(app) != app+"/x" {
		t.Errorf("over: %d, leads to %q", over.StatusCode, over.link(app))
	}
	if a := b.post("/logout", page.form()); a.to() == "" { // the back button, or a second click
		t.Errorf("again: %d", a.StatusCode)
	}
	if a := b.get("/"); !strings.HasPrefix(a.to(), "/login") {
		t.Errorf("home: %q", a.to())
	}
}

// SES-11: other sessions of the same person go on.
func TestLogoutEndsOneSession(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	one, two := w.browser(), w.browser()
	one.login("/login", "alice", right)
	two.login("/login", "alice", right)
	one.post("/logout", one.get("/logout").form())
	if one.who() != "" || two.who() != "alice" {
		t.Errorf("%q, %q", one.who(), two.who())
	}
}

// Clients that sign out in frames are shown in them by the answer itself, with
// the way on; without any the answer leads on. SES-12, WEB-04
func TestLogoutShowsFrames(t *testing.T) {
	var asked []string
	w := newWorld(t, func(c *login.Config) {
		c.FrontChannel = func(_ context.Context, sid string) ([]string, []string, error) {
			switch asked = append(asked, sid); len(asked) {
			case 1:
				return nil, nil, errors.New("nobody knows")
			case 2:
				return []string{"https://wiki.example.com/out?sid=x"}, []string{"https://wiki.example.com"}, nil
			}
			return nil, nil, nil
		}
	})
	w.add("alice")
	b := w.browser()
	b.login("/login", "alice", right)
	form := b.get("/logout?return_url=" + url.QueryEscape(app+"/x")).form()
	if a := b.post("/logout", form); a.StatusCode != 500 || b.who() != "alice" {
		t.Errorf("an error: %d", a.StatusCode)
	}
	a := b.post("/logout", form)
	csp := a.Header.Get("Content-Security-Policy")
	if a.StatusCode != 200 || b.who() != "" || !strings.Contains(a.body, `src="https://wiki.example.com/out?sid=x"`) || !strings.HasSuffix(csp, "; frame-src https://wiki.example.com") || a.link(app) != app+"/x" {
		t.Errorf("%d, %s, %s", a.StatusCode, csp, a.body)
	}
	if e := w.last(); e.Name != login.LoggedOut || asked[1] != e.SID {
		t.Errorf("%v, %+v", asked, e)
	}
	if a := b.post("/logout", form); a.StatusCode != http.StatusSeeOther || len(asked) != 2 { // reloaded
		t.Errorf("again: %d, %v", a.StatusCode, asked)
	}
	b.login("/login", "alice", right)
	if a := b.post("/logout", b.get("/logout").form()); a.StatusCode != http.StatusSeeOther || b.who() != "" {
		t.Errorf("without frames: %d", a.StatusCode)
	}
}

// The home page signs out at every browser too. SES-11
func TestLogoutEverywhere(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice", "bob")
	one, two, other := w.browser(), w.browser(), w.browser()
	one.login("/login", "alice", right)
	two.login("/login", "alice", right)
	other.login("/login", "bob", right)
	form := one.get("/").fill("action", "everywhere")
	if a := one.post("/logout", form, set("Sec-Fetch-Site", "cross-site")); a.StatusCode < 400 || two.who() != "alice" { // CSR-05
		t.Errorf("another site's form: %d", a.StatusCode)
	}
	if a := one.post("/logout", form); a.StatusCode != http.StatusSeeOther || one.who() != "" || two.who() != "" || other.who() != "bob" {
		t.Errorf("%d: %q, %q, %q", a.StatusCode, one.who(), two.who(), other.who())
	}
}

// CSR-04: the page of a session that is over does not end the next one.
func TestLogoutTokenIsOfOneSession(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice", "bob")
	b := w.browser()
	b.login("/login", "alice", right)
	page := b.get("/logout")
	home := b.get("/").form()
	b.login("/login?switch=1", "bob", right)
	for _, form := range []url.Values{page.form(), home} {
		if a := b.post("/logout", form); a.StatusCode != http.StatusBadRequest || b.who() != "bob" {
			t.Errorf("%d, %q", a.StatusCode, b.who())
		}
	}
	if b.post("/logout", b.get("/").form()); b.who() != "" {
		t.Error("the home page's button does not work")
	}
}
