package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// Two lines protect the first application; a deep link survives the login.
func TestSingleSite(t *testing.T) {
	h := singleSite(t, "")
	b := rig.NewBrowser(t)
	deep := h.site + "/deep/link?a=1&b=x%20y"
	p := h.login(t, b, deep, "alice")
	seen := wantUser(t, b, p, "alice") // HDR-01
	if p.URL.String() != deep || seen.URI != "/deep/link?a=1&b=x%20y" {
		t.Errorf("came back to %s, the application saw %s", p.URL, seen.URI) // RED-04
	}
	for name, want := range map[string]string{"Remote-Name": "Alice A", "Remote-Email": "alice@example.com", "Remote-Groups": "staff"} {
		if got := seen.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if c := seen.Header.Get("Cookie"); strings.Contains(c, "gatehouse") {
		t.Errorf("the application got our cookie: %q", c) // HDR-08
	}
}

// One login opens every site, each with a session of its own.
func TestLoginHostOpensEverySite(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	p := h.login(t, b, h.site+"/one?x=1", "alice")
	wantUser(t, b, p, "alice")
	if got := p.URL.String(); got != h.site+"/one?x=1" {
		t.Errorf("came back to %s", got)
	}
	p = b.Get(h.wiki + "/two")
	wantUser(t, b, p, "alice")
	for _, at := range b.Trail {
		if strings.Contains(at, "/login") {
			t.Errorf("asked to log in again: %v", b.Trail)
		}
	}
	app, wiki, auth := b.Cookie(h.site, h.cookie), b.Cookie(h.wiki, h.cookie), b.Cookie(h.auth, h.cookie)
	if app == "" || app == wiki || app == auth || wiki == auth {
		t.Errorf("session cookies are shared: %q %q %q", app, wiki, auth)
	}
	for _, s := range h.app.Requests() {
		if strings.Contains(s.URI, "gatehouse_ticket") || strings.Contains(s.Header.Get("Referer"), "gatehouse_ticket") {
			t.Errorf("the application saw a ticket: %s", s.URI)
		}
	}
}

// SES-06: the cookie of one host is worth nothing at another.
func TestCookieOfAnotherHost(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	h.login(t, b, h.site+"/", "alice")
	h.app.Requests()
	for _, at := range []string{h.auth, h.site} {
		resp := status(rig.NewBrowser(t), "GET", h.wiki+"/", map[string]string{"Cookie": h.cookie + "=" + b.Cookie(at, h.cookie)})
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("the cookie of %s gave %d at the wiki", at, resp.StatusCode)
		}
	}
	if n := len(h.app.Requests()); n != 0 {
		t.Errorf("%d requests reached the application", n)
	}
}

// PRX-01, PRX-03, PRX-04: nothing reaches the application without a session,
// whatever the method, and only navigations are redirected.
func TestNobodySignedIn(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "get", "TRACE"} {
		resp := status(b, method, h.site+"/x", map[string]string{
			"Authorization": "Basic YWxpY2U6Y29ycmVjdA==", "X-Forwarded-For": "127.0.0.1", "X-HTTP-Method-Override": "GET", "Remote-User": "alice",
		})
		if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode < 400 {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
		if len(resp.Cookies()) != 0 {
			t.Errorf("%s: a cookie was set", method)
		}
	}
	resp := status(b, "GET", h.site+"/x", map[string]string{"Accept": "application/json"})
	if resp.StatusCode != 401 || !strings.Contains(resp.Header.Get("WWW-Authenticate"), `Gatehouse login_url="`+h.auth) {
		t.Errorf("fetch got %d, %q", resp.StatusCode, resp.Header.Get("WWW-Authenticate"))
	}
	if n := len(h.app.Requests()); n != 0 {
		t.Errorf("%d requests reached the application", n)
	}
}

// A wrong password keeps the way back; the right one then leads there.
func TestWrongPasswordKeepsTheWayBack(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	p := b.Get(h.site + "/kept?q=1")
	for range 3 {
		p = b.Submit(p, map[string]string{"username": "alice", "password": "wrong"}) // LGN-01
		if b.Cookie(h.site, h.cookie) != "" || b.Cookie(h.auth, h.cookie) != "" {
			t.Fatal("a wrong password made a session")
		}
		if strings.Contains(p.Body, `"wrong"`) {
			t.Error("the password is echoed") // LGN-10
		}
	}
	p = b.Submit(p, map[string]string{"username": "ALICE", "password": password})
	wantUser(t, b, p, "alice") // LGN-05
	if p.URL.String() != h.site+"/kept?q=1" {
		t.Errorf("came back to %s", p.URL)
	}
}

// RED-01, RED-02: a forged return address never leaves our origins.
func TestForgedReturnAddress(t *testing.T) {
	h := loginHost(t, "", "")
	for _, evil := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, "https:evil.example", "javascript:alert(1)",
		h.site + "@evil.example/", h.site + ".evil.example/", "/%09/evil.example", "http://evil.example%2f@" + h.site[7:],
	} {
		b := rig.NewBrowser(t)
		p := b.Get(h.auth + "/login?return_url=" + url.QueryEscape(evil))
		p = b.Submit(p, map[string]string{"username": "alice", "password": password})
		if p.URL.Host != h.auth[7:] || p.Status != 200 {
			t.Errorf("%q led to %s (%d)", evil, p.URL, p.Status)
		}
	}
}
