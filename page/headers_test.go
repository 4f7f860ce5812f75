package page_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/page"
)

// directives splits a policy.
func directives(policy string) map[string]string {
	m := map[string]string{}
	for d := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		m[name] = value
	}
	return m
}

func TestHeadersOfEveryView(t *testing.T) {
	p := open(t, page.Options{})
	for _, v := range views(same) {
		t.Run(v.name, func(t *testing.T) {
			h := get(t, p, v.view).Header()
			for name, want := range map[string]string{
				"Content-Type":                 "text/html; charset=utf-8", // WEB-07
				"X-Content-Type-Options":       "nosniff",                  // WEB-06
				"Cache-Control":                "no-store",                 // WEB-08
				"X-Frame-Options":              "DENY",                     // WEB-05
				"Cross-Origin-Opener-Policy":   "same-origin",              // WEB-11
				"Cross-Origin-Resource-Policy": "same-origin",
				"Content-Language":             "en",
				"Access-Control-Allow-Origin":  "", // WEB-09
				"Server":                       "", // WEB-13
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if vary := strings.Join(h.Values("Vary"), ","); vary != "Accept-Language,Cookie" {
				t.Errorf("Vary: %q", vary)
			}
			csp := directives(h.Get("Content-Security-Policy")) // WEB-04
			images := "'self'"
			if v.name == "login_logo" {
				images += " https://cdn.example.com"
			}
			for name, want := range map[string]string{
				"default-src": "'none'", "style-src": "'self'", "font-src": "'self'", "img-src": images,
				"object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'", // WEB-05
			} {
				if csp[name] != want {
					t.Errorf("policy: %s %q, want %q", name, csp[name], want)
				}
			}
			if len(csp) > 8 {
				t.Errorf("policy has directives nobody thought of: %v", csp)
			}
		})
	}
}

// A page whose POST may lead to another origin has no form-action, because
// Chrome applies it to the redirects as well; a page with a form lets the
// browser send its origin.
func TestPolicyFollowsTheForm(t *testing.T) { // WEB-04, WEB-06
	p := open(t, page.Options{})
	for _, v := range views(same) {
		w := get(t, p, v.view)
		h, form := w.Header(), strings.Contains(w.Body.String(), "<form")
		action, has := directives(h.Get("Content-Security-Policy"))["form-action"]
		leaves := false
		switch v := v.view.(type) {
		case page.Login, page.Choose, page.Consent, page.Device, page.DeviceConfirm:
			leaves, form = true, true
		case page.Grants:
			leaves = len(v.Grants) > 0
		case page.Logout:
			leaves = v.ReturnURL != ""
		}
		if has == leaves || (has && action != "'self'") {
			t.Errorf("%s: form-action %q, present %v", v.name, action, has)
		}
		want := map[bool]string{true: "same-origin", false: "no-referrer"}[form]
		if _, setup := v.view.(page.Setup); setup && form {
			want = "strict-origin" // its address holds a secret, its form needs an Origin
		}
		if got := h.Get("Referrer-Policy"); got != want {
			t.Errorf("%s: Referrer-Policy %q, want %q", v.name, got, want)
		}
	}
}

func TestLogos(t *testing.T) { // WEB-02
	p := open(t, page.Options{})
	for logo, origin := range map[string]string{
		"https://cdn.example.com/a.png?x=1#f":            "https://cdn.example.com",
		"https://CDN.example.com:8443/a":                 "https://cdn.example.com:8443",
		"http://cdn.example.com/a.png":                   "",
		"data:image/svg+xml,<svg onload=alert()>":        "",
		"javascript:alert(1)":                            "",
		"//cdn.example.com/a":                            "",
		"/a.png":                                         "",
		"https://u:p@cdn.example.com/":                   "",
		"https://*.example.com/a":                        "",
		"https://*/a":                                    "",
		"https://a.example; script-src *":                "",
		"https://a.example;script-src/x":                 "",
		"https://a.example,b/x":                          "",
		"https://a.example 'unsafe-inline'/":             "",
		"https:cdn.example.com":                          "",
		"https://":                                       "",
		"https://a.example\n/x":                          "",
		"https://a.example/" + strings.Repeat("x", 3000): "",
	} {
		w := get(t, p, page.Login{Local: true, Frame: page.Frame{ClientName: "c", ClientLogo: logo}})
		want := strings.TrimSpace("'self' " + origin)
		if got := directives(w.Header().Get("Content-Security-Policy"))["img-src"]; got != want {
			t.Errorf("%q: img-src %q, want %q", logo, got, want)
		}
		if shown := strings.Contains(w.Body.String(), `class="logo"`); shown != (origin != "") {
			t.Errorf("%q: shown %v", logo, shown)
		}
	}
}

func TestHead(t *testing.T) {
	p := open(t, page.Options{})
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodHead, "/login", nil)
	if err := p.Write(w, r, http.StatusForbidden, page.ProblemFor(403)); err != nil {
		t.Fatal(err)
	}
	full := get(t, p, page.ProblemFor(403))
	if w.Code != 403 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != strconv.Itoa(full.Body.Len()) {
		t.Errorf("%d, %d bytes, Content-Length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
	if w.Header().Get("Content-Security-Policy") == "" {
		t.Error("no policy")
	}
}

// Whatever ran before can't loosen a page.
func TestForeignHeaders(t *testing.T) { // WEB-09, WEB-15
	p := open(t, page.Options{})
	w := httptest.NewRecorder()
	for name, value := range map[string]string{
		"Content-Security-Policy": "default-src *", "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true",
		"Cache-Control": "public, max-age=9", "Referrer-Policy": "unsafe-url", "ETag": `"x"`, "Vary": "Origin", "Content-Type": "text/plain",
	} {
		w.Header().Set(name, value)
	}
	if err := p.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), 200, page.LoggedOut{}); err != nil {
		t.Fatal(err)
	}
	clean := get(t, p, page.LoggedOut{}).Header()
	clean.Add("Vary", "Origin")
	for name := range w.Header() {
		if name == "Vary" {
			continue
		}
		if got, want := w.Header().Values(name), clean.Values(name); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if vary := strings.Join(w.Header().Values("Vary"), ","); vary != "Origin,Accept-Language,Cookie" {
		t.Errorf("Vary: %q", vary)
	}
}
