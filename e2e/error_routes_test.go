package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/internal/rig"
)

// sites starts a login host with one site made of this text, in which APP is
// the application and SITE the site's address; other is the text of a second
// site, at wiki.
func sites(t *testing.T, site, other string) *house {
	t.Helper()
	h := &house{app: rig.NewApp(t), port: rig.Ports(t, 1)[0]}
	h.auth, h.cookie = fmt.Sprintf("http://auth.localhost:%d", h.port), fmt.Sprintf("gatehouse-%d", h.port)
	h.site, h.wiki = fmt.Sprintf("http://app.localhost:%d", h.port), fmt.Sprintf("http://wiki.localhost:%d", h.port)
	text := fmt.Sprintf("{\n\tadmin ADMIN\n\tpersist_config off\n\tgatehouse {\n\t\tissuer %[1]s\n\t\tusers\n\t}\n}\n%[1]s {\n\tgatehouse_portal\n}\n%[2]s {\n%[3]s\n}\n%[4]s {\n%[5]s\n}\n", h.auth, h.site, site, h.wiki, other)
	h.Caddy = rig.Prepare(t, strings.ReplaceAll(text, "APP", h.app.Addr()))
	h.addUser("alice", "--group", "staff")
	h.addUser("bob")
	h.Start()
	return h
}

// HDR-02, PRX-02: error routes that proxy. Whatever makes a request fail, and
// whatever it brings along, the application that shows errors hears of nobody
// who was refused and of no identity that was made up.
func TestErrorRoutesThatProxy(t *testing.T) {
	h := sites(t, `
	gatehouse {
		allow group staff
		public /pub/*
		headers {
			X-Webauth-User {http.auth.user.username}
		}
	}
	handle /broken {
		error 500
	}
	reverse_proxy APP
	handle_errors {
		gatehouse {
			public /pub/*
			headers {
				X-Webauth-User {http.auth.user.username}
			}
		}
		reverse_proxy APP
	}
`, "\tgatehouse\n\treverse_proxy APP")
	bob, alice := rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, alice, h.site+"/", "alice")
	h.login(t, bob, h.wiki+"/", "bob")
	bob.Get(h.site + "/")
	host := strings.TrimPrefix(h.site, "http://")
	h.app.Requests()
	spoof := "Remote-User: root\nRemote_Groups: root\nX-Webauth-User: root\nX_WEBAUTH_USER: root\nConnection: close, Remote-User\n"
	for _, who := range []struct {
		name, cookie string
	}{{"nobody", ""}, {"bob", bob.Cookie(h.site, h.cookie)}, {"alice", alice.Cookie(h.site, h.cookie)}} {
		for _, line := range []string{
			"GET /pub/../x", "GET /pub/x;y", "GET /broken", "GET /private", "POST /private", "GET /pub/%zz", "GET /.gatehouse/../x", "GET /?gatehouse_ticket=x", "POST /?gatehouse_ticket=x", "CONNECT " + host, "GET /x\nUpgrade: h2c", "POST /x\nOrigin: http://evil.example", "GET //x",
		} {
			request, more, _ := strings.Cut(line, "\n")
			cookie := ""
			if who.cookie != "" {
				cookie = "Cookie: " + h.cookie + "=" + who.cookie + "\n"
			}
			got := raw(t, h, request+" HTTP/1.1\nHost: "+host+"\n"+spoof+cookie+more+"\n\n")
			for _, seen := range h.app.Requests() {
				all := fmt.Sprint(seen.Header)
				user := strings.Join(append(seen.Header["Remote-User"], seen.Header["X-Webauth-User"]...), ",")
				if strings.Contains(all, "root") || strings.Contains(all, who.cookie) && who.cookie != "" || user != "" && user != who.name+","+who.name {
					t.Errorf("%s as %s (%s) arrived with %s", line, who.name, got, all)
				}
				if who.name == "nobody" && !strings.HasPrefix(seen.URI, "/pub/") {
					t.Errorf("%s as nobody (%s) arrived as %s", line, got, seen.URI)
				}
			}
			if strings.Contains(got, " 5") && request != "GET /broken" {
				t.Errorf("%s as %s: %s", line, who.name, got)
			}
		}
	}
}

// The error routes of one site are nothing to another: there a refusal shows
// our page, which names who is signed in and leads out. AUZ-01
func TestErrorRoutesOfAnotherSite(t *testing.T) {
	h := sites(t, "\tgatehouse {\n\t\tallow group staff\n\t}\n\treverse_proxy APP", "\tgatehouse\n\treverse_proxy APP\n\thandle_errors {\n\t\trespond mine\n\t}")
	bob := rig.NewBrowser(t)
	h.login(t, bob, h.wiki+"/", "bob")
	p := bob.Get(h.site + "/x")
	if p.Status != http.StatusForbidden || !strings.Contains(p.Body, "bob") || !strings.Contains(p.Body, "/logout") {
		t.Errorf("%d: %.600s", p.Status, p.Body)
	}
}

// PTH-04, AUZ-01, HDR-02: several guards, with matchers, in blocks and behind
// rewrites: all that match must pass, a later one never loosens, and what no
// matcher takes is cleaned.
func TestSeveralGuards(t *testing.T) {
	h := sites(t, `
	rewrite /alias/* /admin{uri}
	gatehouse /admin/* {
		allow group staff
	}
	gatehouse /admin/secret/* {
		allow user nobody-at-all
		headers {
			X-Webauth-User {http.auth.user.username}
		}
	}
	@api path /api/*
	gatehouse @api
	reverse_proxy APP
`, "\troute {\n\t\tgatehouse {\n\t\t\tallow group staff\n\t\t}\n\t\tgatehouse\n\t\treverse_proxy APP\n\t}")
	alice, bob := rig.NewBrowser(t), rig.NewBrowser(t)
	h.login(t, alice, h.site+"/api/x", "alice")
	h.login(t, bob, h.site+"/api/x", "bob")
	host := strings.TrimPrefix(h.site, "http://")
	for _, c := range []struct {
		who   *rig.Browser
		paths []string
		in    bool
	}{
		{nil, []string{"/admin/x", "/ADMIN/x", "/%61dmin/x", "/admin//x", "//admin/x", "/./admin/x", "/x/../admin/x", "/admin%2fx", "/admin;/x", `/admin\x`, "/Admin/Secret/x", "/api/x", "/API/x", "/alias/x", "/admin/%73ecret/x", "/admin/."}, false},
		{bob, []string{"/admin/x", "/ADMIN/x", "/%61dmin/x", "//admin/x", "/x/../admin/x", "/admin/secret/x", "/alias/x"}, false},
		{alice, []string{"/admin/secret/x", "/ADMIN/SECRET/x", "/admin/%73ecret/x", "/admin//secret/x"}, false},
		{alice, []string{"/admin/x", "/ADMIN/x", "/api/x", "/open/x", "/alias/x"}, true},
		{nil, []string{"/open/x", "/administrator", "/adminx/y", "/apix"}, true},
		{bob, []string{"/open/x", "/api/x"}, true},
	} {
		cookie := ""
		if c.who != nil {
			cookie = "Cookie: " + h.cookie + "=" + c.who.Cookie(h.site, h.cookie) + "\n"
		}
		for _, path := range c.paths {
			h.app.Requests()
			line := raw(t, h, "GET "+path+" HTTP/1.1\nHost: "+host+"\nRemote-User: root\nX_Webauth_User: root\n"+cookie+"Connection: close\n\n")
			seen := h.app.Requests()
			if got := len(seen) == 1; got != c.in {
				t.Errorf("%s: %s, reached the application: %v, want %v", path, line, got, c.in)
			}
			for _, s := range seen {
				if strings.Contains(fmt.Sprint(s.Header), "root") {
					t.Errorf("%s arrived with %v", path, s.Header)
				}
			}
		}
	}
	if resp := status(bob, "GET", h.wiki+"/x", nil); resp.StatusCode == http.StatusOK {
		t.Errorf("a later guard loosened: %d", resp.StatusCode)
	}
	if p := bob.Get(h.wiki + "/x"); p.Status != http.StatusForbidden {
		t.Errorf("bob at a site for staff: %d at %s", p.Status, p.URL)
	}
}
