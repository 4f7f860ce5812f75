package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/login"
)

// hostile are one address per class of peers 3h, and what is special to us.
var hostile = []string{
	"//evil.test", "///evil.test", `/\evil.test`, `\\evil.test`, "/\t/evil.test", "/%09/evil.test", "/\n/evil.test", "/ /evil.test",
	"/./\\evil.test", "/../..//evil.test", "/%2f%2fevil.test", "/%5cevil.test", "/%252f%252fevil.test", "https:evil.test", "https:/evil.test", "https:///evil.test",
	`https:\\evil.test`, "https://evil.test", "http://auth.example.com/", "https://auth.example.com@evil.test/", `https://evil.test\@app.example.com`,
	"https://app.example.com.evil.test", "https://evilapp.example.com", "https://x.app.example.com", "https://app.example.com:8443/", "https://app.example.com%00.evil.test",
	"https://\u0435xample.com", "http://3627734734", "javascript:alert(1)", "java\r\nscript:alert(1)", "data:text/html,x", "//javascript:alert(1)", "@evil.test", ".evil.test",
	"/\r\nLocation: https://evil.test", "//app.example.com", "ftp://app.example.com", "https://app.example.com\r\nX: y",
	"/login", "/login?return_url=/login", "/logout", "/setup?token=x", "/callback/work?code=x", "/login/work", "/static/x", "/nowhere",
	"/authorize", "/authorize?client_id=unknown", "/authorize/../logout", "/x/" + strings.Repeat("a", 9000), app + "/" + strings.Repeat("a", 9000), // DOS-06
}

// RED-01, RED-02, RED-05, CVE-2024-39694: an address that we don't believe
// leads home, from the link and from the form, and the login still works.
func TestHostileReturn(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	signed := w.browser()
	signed.login("/login", "alice", right)
	for _, raw := range hostile {
		b := w.browser()
		page := b.get("/login?return_url=" + url.QueryEscape(raw))
		if page.StatusCode != 200 || page.form().Get("return_url") != "" {
			t.Errorf("%q: %d, kept as %q", raw, page.StatusCode, page.form().Get("return_url"))
		}
		if a := b.post("/login", page.fill("return_url", raw, "action", "cancel")); a.to() != "/" {
			t.Errorf("%q: Cancel leads to %q", raw, a.to())
		}
		if a := signed.get("/login?return_url=" + url.QueryEscape(raw)); a.to() != "/" {
			t.Errorf("%q: signed in, to %q", raw, a.to())
		}
		if a := signed.get("/logout?return_url=" + url.QueryEscape(raw)); a.form().Get("return_url") != "" || strings.Contains(a.body, "evil") { // RED-03
			t.Errorf("%q: logout keeps it", raw)
		}
	}
	// Checked when used: the form says something else than the link did.
	for _, raw := range []string{"https://evil.test/", "//evil.test", `/\evil.test`} {
		b := w.browser()
		page := b.get("/login?return_url=" + url.QueryEscape(app+"/x"))
		if a := b.post("/login", page.fill("return_url", raw, "username", "alice", "password", right)); a.to() != "/" || b.who() != "alice" {
			t.Errorf("%q: %d to %q", raw, a.StatusCode, a.to())
		}
	}
}

// RED-04: what we believe arrives whole, also after a failed attempt.
func TestReturnKept(t *testing.T) {
	w := newWorld(t, nil)
	w.add("alice")
	w.contexts[clientURL] = wiki(nil)
	for raw, want := range map[string]string{
		clientURL: clientURL, portal + clientURL: clientURL,
		app + "/deep/link?a=b&c=%2Fd&next=//evil.test": app + "/deep/link?a=b&c=%2Fd&next=//evil.test",
		app: app + "/", "/account": "/account", "/account/keys?x=1": "/account/keys?x=1", "/": "/", "": "/",
		app + "/b\u00fccher#part": app + "/b%C3%BCcher",
	} {
		b := w.browser()
		page := b.get("/login?return_url=" + url.QueryEscape(raw))
		again := b.post("/login", page.fill("username", "alice", "password", wrong))
		if a := b.post("/login", again.fill("password", right)); a.to() != want || b.who() != "alice" {
			t.Errorf("%q: %d to %q, want %q", raw, a.StatusCode, a.to(), want)
		}
	}
	// Two parameters are none (LGN-07).
	if a := w.browser().get("/login?return_url=/account&return_url=" + url.QueryEscape(app)); a.StatusCode != 200 || a.form().Get("return_url") != "" {
		t.Errorf("doubled: %v", a.form())
	}
}

// In single-site mode every path of the site may be returned to, and none of
// our own below the issuer that could send people round.
func TestSingleSite(t *testing.T) {
	w := newWorld(t, func(c *login.Config) {
		c.Issuer, c.SingleSite, c.Sites = "https://app.example.com/.gatehouse", true, nil
	})
	w.add("alice")
	b := w.browser()
	for raw, want := range map[string]string{
		"/the/path?query": "/the/path?query", "": "/", "/.gatehouse/login": "/", "/.gatehouse/logout": "/", "//evil.test": "/", "/.gatehousex": "/.gatehousex",
		"/.gatehouse/": "/.gatehouse/", "https://app.example.com/x": "/x", "https://auth.example.com/": "/",
	} {
		b = w.browser()
		page := b.get("/.gatehouse/login?return_url=" + url.QueryEscape(raw))
		if a := b.post("/.gatehouse/login", page.fill("username", "alice", "password", right)); a.to() != want {
			t.Errorf("%q: %d to %q, want %q", raw, a.StatusCode, a.to(), want)
		}
	}
	if a := b.get("/.gatehouse/"); a.StatusCode != 200 {
		t.Errorf("home: %d", a.StatusCode)
	}
	if a := w.browser().get("/.gatehouse/"); a.to() != "/.gatehouse/login?return_url=%2F.gatehouse%2F" {
		t.Errorf("home, signed out: %q", a.to())
	}
}

// FWD-01, FWD-02: nothing that a client says about our address is believed.
func TestForwardedHeadersChangeNothing(t *testing.T) {
	w := newWorld(t, nil)
	plain := w.serve(httptest.NewRequest(http.MethodGet, portal+"/", nil))
	r := httptest.NewRequest(http.MethodGet, "http://evil.test/", nil)
	for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-Url", "Referer", "X-Forwarded-Prefix"} {
		r.Header.Set(name, "https://evil.test/")
	}
	odd := w.serve(r)
	if odd.Code != plain.Code || odd.Header().Get("Location") != plain.Header().Get("Location") {
		t.Errorf("%d to %q", odd.Code, odd.Header().Get("Location"))
	}
	r = httptest.NewRequest(http.MethodGet, "http://evil.test/login", nil)
	r.Header.Set("X-Forwarded-Host", "evil.test")
	if a := w.serve(r); strings.Contains(a.Body.String(), "evil.test") || !strings.Contains(a.Header().Get("Set-Cookie"), "Secure") { // FWD-06
		t.Errorf("%v %s", a.Header(), a.Body)
	}
}

// The property behind RED-01: whatever the address, the browser ends up at
// home, at a known site or at a known request, and nothing panics.
func FuzzReturnURL(f *testing.F) {
	w := newWorld(f, nil)
	w.add("alice")
	w.contexts[clientURL] = wiki(nil)
	b := w.browser()
	b.login("/login", "alice", right)
	var cookies []*http.Cookie
	at, _ := url.Parse(portal)
	cookies = b.client.Jar.Cookies(at)
	for _, raw := range append(hostile, clientURL, app+"/x?y", "/account", "/") {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest(http.MethodGet, portal+"/login?return_url="+url.QueryEscape(raw), nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		a := w.serve(r)
		to, err := url.Parse(a.Header().Get("Location"))
		if a.Code != http.StatusSeeOther || err != nil {
			t.Fatalf("%q: %d, %v", raw, a.Code, err)
		}
		location := a.Header().Get("Location")
		local := location == "/" || location == clientURL || location == "/account" || strings.HasPrefix(location, "/account/") || strings.HasPrefix(location, "/account?") || strings.HasPrefix(location, "/?")
		if site := to.Scheme + "://" + to.Host; !local && (site != app || to.User != nil) {
			t.Fatalf("%q leads to %q", raw, location)
		}
	})
}
