package authorize_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
)

// hostile are requests that went wrong somewhere, here or elsewhere.
func hostile(w *world) []string {
	out := []string{
		request().Encode(), request("response_mode", "form_post").Encode(), request("response_mode", "fragment", "state", "\"<>&").Encode(),
		request("prompt", "none login").Encode(), request("max_age", "-0").Encode(), request("claims", `{"id_token":{"sub":{"value":1}}}`).Encode(),
		request("claims", `{"id_token":null,"userinfo":{"sub":null}}`).Encode(), request("id_token_hint", "..").Encode(), request("scope", "\x00").Encode(),
		request("redirect_uri", "http://127.0.0.1:80@evil.example/cb", "client_id", "spa").Encode(),
		request("redirect_uri", "http://127.0.0.1:99999/cb", "client_id", "spa").Encode(),
		request("redirect_uri", "com.example.app:/cb", "client_id", "spa", "response_mode", "form_post").Encode(),
		w.visit(site, true).Encode(), w.visit("", false).Encode(), "gatehouse_post=AAAA", "gatehouse_deny=&gatehouse_post=", "%", ";", "=&=&=", "client_id=wiki&client_id=wiki",
		"response_type=ticket&client_id=&state=", strings.Repeat("a&", 5000),
	}
	return out
}

// FuzzAuthorize: whatever the query, nothing but a registered address, our own
// login page or a known site is ever the target, and nothing is our fault.
func FuzzAuthorize(f *testing.F) {
	w := newWorld(f, "")
	b := w.browser()
	b.signIn("alice", "local")
	for _, query := range hostile(w) {
		f.Add(query, true, false)
		f.Add(query, false, true)
	}
	f.Fuzz(func(t *testing.T, query string, signedIn, post bool) {
		r := httptest.NewRequest(http.MethodGet, "/authorize", nil)
		if post {
			r = httptest.NewRequest(http.MethodPost, "/authorize", strings.NewReader(query))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		} else {
			r.URL.RawQuery = query
		}
		u, _ := url.Parse(w.issuer)
		for _, c := range b.Jar.Cookies(u) {
			if signedIn {
				r.AddCookie(c)
			}
		}
		rec := httptest.NewRecorder()
		err := w.Authorize(rec, r)
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Denied || rec.Header().Get("Location") != "" {
				t.Fatalf("%v, Location %q", err, rec.Header().Get("Location"))
			}
			return
		}
		if to := rec.Header().Get("Location"); to != "" && !allowed(w, to) {
			t.Fatalf("sent to %s", to)
		}
		if strings.Contains(rec.Body.String(), "<form") {
			if action := actionPattern.FindStringSubmatch(rec.Body.String()); action == nil || !allowed(w, strings.ReplaceAll(action[1], "&amp;", "&")) {
				t.Fatalf("a form to %v", action)
			}
		}
		if rec.Code >= 500 || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", rec.Code, rec.Header())
		}
		if !signedIn && strings.Contains(rec.Header().Get("Location")+rec.Body.String(), "code=") && strings.Contains(rec.Header().Get("Location"), "?code=") {
			t.Fatal("a code for nobody") // OAU-04
		}
	})
}

// allowed tells whether a target is one of those that exist, by what a browser
// would make of it.
func allowed(w *world, to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	switch origin := u.Scheme + "://" + u.Host; {
	case origin == site, origin == "https://wiki.example.com", origin == "https://spa.example.com":
		return u.User == nil
	case u.Scheme == "com.example.app":
		return true
	case u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
		return u.User == nil && (u.Path == "/cb" || strings.HasPrefix(to, w.issuer+"/login?return_url=%2Fauthorize%3F") || strings.HasPrefix(to, w.issuer+"/authorize?gatehouse_post="))
	default:
		return false
	}
}

// FuzzToken: no body gets tokens without a code, and nothing is our fault.
func FuzzToken(f *testing.F) {
	w := newWorld(f, "")
	for _, v := range []url.Values{redeem("x"), redeem("x", "grant_type", "refresh_token"), redeem("", "client_id", "spa", "client_secret", "")} {
		f.Add(v.Encode(), "")
		f.Add(v.Encode(), "Basic d2lraTp4")
	}
	f.Add("%", "Basic "+strings.Repeat("=", 100))
	f.Add("grant_type=authorization_code&code=%00&redirect_uri=%ff", "Bearer x")
	f.Fuzz(func(t *testing.T, body, header string) {
		r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			r.Header["Authorization"] = []string{header}
		}
		rec := httptest.NewRecorder()
		if err := w.serves("/token")(rec, r); err != nil {
			t.Fatal(err)
		}
		if rec.Code != 400 && rec.Code != 401 && rec.Code != 413 || strings.Contains(rec.Body.String(), "access_token") {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	})
}

// FuzzContext: what is accepted is ours, and stays so when it is used.
func FuzzContext(f *testing.F) {
	w := newWorld(f, "/.gatehouse")
	for _, query := range hostile(w) {
		f.Add("/.gatehouse/authorize?" + query)
	}
	for _, address := range []string{"//evil.example/.gatehouse/authorize?", "/\\evil.example", "/.gatehouse/authorize\n?x", "https://evil.example/", "javascript:alert(1)"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		c, err := w.Context(t.Context(), address)
		if err != nil {
			if c != nil || !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		for _, out := range []string{c.ReturnURL, c.DenyURL} { // RED-01, RED-05
			u, err := url.Parse(out)
			if err != nil || u.Host != "" || u.Scheme != "" || u.Fragment != "" || !strings.HasPrefix(u.Path, "/.gatehouse/") || strings.ContainsAny(out, "\\\r\n\t #") {
				t.Fatalf("%q became %q", address, out)
			}
		}
		if again, err := w.Context(t.Context(), c.ReturnURL); err != nil || again.ReturnURL != c.ReturnURL {
			t.Fatalf("%q is not accepted again: %v", c.ReturnURL, err)
		}
	})
}
