package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// Single-site mode below rewrites: the login, its pictures and the application
// are where they were sent to, and nothing below /.gatehouse/ in any spelling
// reaches the application (PTH-01, PTH-04).
func TestSingleSiteBelowRewrites(t *testing.T) {
	for _, rewrite := range []string{"", "rewrite * /index.html", "uri strip_prefix /.gatehouse", "rewrite /.gatehouse/* /stolen"} {
		h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
		h.site, h.cookie = fmt.Sprintf("http://localhost:%d", h.port), fmt.Sprintf("gatehouse-%d", h.port)
		h.Caddy = rig.Prepare(t, fmt.Sprintf("{\n\tadmin ADMIN\n\tpersist_config off\n}\n%s {\n\t%s\n\tgatehouse\n\treverse_proxy %s\n}\n", h.site, rewrite, h.app.Addr()))
		h.addUser("alice")
		h.Start()
		b := rig.NewBrowser(t)
		p := b.Get(h.site + "/deep?x=1")
		for _, name := range []string{"/.gatehouse/static/favicon-", "/.gatehouse/static/gatehouse-"} {
			file := name + between(p.Body, name)
			if resp := status(b, "GET", h.site+file, nil); file != name && resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %s: %d", rewrite, file, resp.StatusCode)
			}
		}
		wantUser(t, b, b.Submit(p, map[string]string{"username": "alice", "password": password}), "alice")
		session := "Cookie: " + h.cookie + "=" + b.Cookie(h.site, h.cookie)
		h.app.Requests()
		for _, path := range []string{
			"/.gatehouse", "/.gatehouse/", "/.gatehouse/../x", "/%2egatehouse/login", "/.GATEHOUSE/login", "/.gatehouse/nope", "/.gatehouse/%6cogin", "//.gatehouse/login", "/.gatehouse%2flogin",
			"/x/../.gatehouse/login", "/.gatehouse;x/login", `/.gatehouse\login`, "/.Gatehouse/session", "/.gatehouse//session", "/%252egatehouse/x", "/.gatehouse%00/x", "/.%67atehouse/x",
		} {
			line := raw(t, h, "GET "+path+" HTTP/1.1\nHost: "+strings.TrimPrefix(h.site, "http://")+"\n"+session+"\nConnection: close\n\n")
			if n := len(h.app.Requests()); n != 0 || line == "" || strings.Contains(line, " 5") {
				t.Errorf("%s: %s: %q, %d requests arrived", rewrite, path, line, n)
			}
		}
	}
}

// A ticket that nobody made is no dead end in single-site mode either, which
// needs none; an address that is too long is dropped and not looped (DOS-06).
func TestSingleSiteOddAddresses(t *testing.T) {
	h := singleSite(t, "")
	for address, want := range map[string]string{
		"/y?a=1&gatehouse_ticket=junk":             "/y?a=1",
		"/y?gatehouse_ticket=a&gatehouse_ticket=b": "/y",
		"/y?a=" + strings.Repeat("z", 7000):        "/y?a=" + strings.Repeat("z", 7000),
		"/y?a=" + strings.Repeat("z", 9000):        "/",
		"/%0d%0aLocation:%20x":                     "/",
	} {
		b := rig.NewBrowser(t)
		p := b.Submit(b.Get(h.site+address), map[string]string{"username": "alice", "password": password})
		if got := wantUser(t, b, p, "alice").URI; got != want {
			t.Errorf("%.60s led to %.60s", address, got)
		}
	}
}

// WEB-06, WEB-08, WEB-09, WEB-12: every answer of the portal, to every method
// and to odd addresses, carries what keeps browsers and caches in bounds, and
// none is an error of ours.
func TestEveryAnswerOfThePortal(t *testing.T) {
	h := loginHost(t, "", "")
	b := rig.NewBrowser(t)
	paths := []string{
		"/", "/login", "/logout", "/setup", "/authorize", "/token", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/callback/work", "/login/work",
		"/static", "/static/", "/static/x.css", "/nope", "/login/x.css", "//login", "/x/../login?code=1", "//evil.example/%2f..", "/login%2f", "/.gatehouse/login", "/login?return_url=/%2f/evil.example", "/callback/%00",
		"/login?return_url=" + strings.Repeat("a", 9000), "/login?ui_locales=" + strings.Repeat("en-", 3000), "/authorize?claims=" + strings.Repeat("[", 9000), "/login?switch=%zz;", "/setup?token=" + strings.Repeat("x", 9000), "/login?%00=%ff",
	}
	for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PROPFIND", "get", "CUSTOM"} {
		for _, path := range paths {
			resp := status(b, method, h.auth+path, map[string]string{"Origin": "https://evil.example", "Accept": "text/html", "Accept-Language": strings.Repeat("de-a,", 2000), "X-Probe": "probe-text"})
			public := path == "/jwks" || strings.HasPrefix(path, "/.well-known/")
			switch {
			case resp.StatusCode >= 500, resp.StatusCode == 200 && method == "TRACE":
				t.Errorf("%s %.60s: %d", method, path, resp.StatusCode)
			case resp.Header.Get("X-Content-Type-Options") != "nosniff", resp.Header.Get("Referrer-Policy") == "":
				t.Errorf("%s %.60s (%d): %v", method, path, resp.StatusCode, resp.Header)
			case !public && resp.Header.Get("Cache-Control") != "no-store":
				t.Errorf("%s %.60s (%d): Cache-Control is %q", method, path, resp.StatusCode, resp.Header.Get("Cache-Control"))
			case resp.Header.Get("Access-Control-Allow-Credentials") != "", resp.Header.Get("Access-Control-Allow-Origin") == "https://evil.example" && !public:
				t.Errorf("%s %.60s: CORS %v", method, path, resp.Header)
			case strings.Contains(resp.Header.Get("Location"), "://evil") || strings.HasPrefix(resp.Header.Get("Location"), "//"):
				t.Errorf("%s %.60s leads to %s", method, path, resp.Header.Get("Location"))
			}
		}
	}
}
