package authorize_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What is refused on our page, and never redirected.
func TestShownHere(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	cases := map[string]url.Values{
		"unknown client": request("client_id", "nobody"), // OAU-02
		"no client":      request("client_id", ""),       // OAU-02
		"no redirect":    request("redirect_uri", ""),    // OAU-02: no default either
		"client twice":   {"client_id": {"wiki", "wiki"}, "redirect_uri": {wikiURI}},
		"redirect twice": {"client_id": {"wiki"}, "redirect_uri": {wikiURI, wikiURI}}, // OAU-14
		"placeholder":    request("client_id", "{env.HOME}"),                          // WEB-03
	}
	for i, uri := range []string{ // OAU-01; keycloak CVE-2024-8883, pocket-id CVE-2026-28512, keycloak CVE-2022-3782
		wikiURI + "/", wikiURI + "?x", wikiURI + "#x", "https://WIKI.example.com/callback", "https://wiki.example.com/Callback",
		"https://wiki.example.com:443/callback", "https://wiki.example.com/./callback", "https://wiki.example.com/a/../callback",
		"https://wiki.example.com/%63allback", "https://wiki.example.com@evil.example/callback", "https://wiki.example.com/callback%00",
		"https://user:pass@wiki.example.com/callback", "https://evil.example/#@wiki.example.com/callback", "//wiki.example.com/callback",
		"http://wiki.example.com/callback", "https://wiki.example.com./callback", "https://wikiXexample.com/callback", "javascript:alert(1)",
		"data:text/html,x", " " + wikiURI, wikiURI + " ", "https://wiki.example.com\\@evil.example/callback", "https://wiki.example.com/cb",
		"https://wiki.example.com/callback/..;/x", "https://wiki.example.com/callback%252e%252e", "/callback", strings.Repeat("x", 5000),
	} {
		cases[fmt.Sprint("redirect ", i)] = request("redirect_uri", uri)
	}
	for i, uri := range []string{ // OAU-01, RFC 8252 7.3: the port may differ, nothing else
		"http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1:x/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:123456/cb", "http://127.0.0.1:80/cb2",
		"http://127.0.0.1.evil.example/cb", "http://127.0.0.1:80/cb#x", "http://127.0.0.1:80/cb?x", "http://localhost:80/cb", "http://127.0.0.2:80/cb",
		"https://127.0.0.1:80/cb", "http://127.0.0.1:80\\@evil.example/cb", "http://[::1]:80x/cb", "http://[::1%25x]:80/cb", "https://spa.example.com:444/",
	} {
		cases[fmt.Sprint("loopback ", i)] = request("client_id", "spa", "redirect_uri", uri)
	}
	for name, v := range cases {
		if a := b.ask(v); a.StatusCode != 400 || a.to != nil || !strings.HasPrefix(a.body, "PAGE ") || strings.Contains(a.body, "evil") {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
	}
	for _, query := range []string{"%zz", "client_id=wiki;redirect_uri=x", "a=%", ""} { // OAU-23
		if a := b.get(w.issuer + "/authorize?" + query); a.StatusCode != 400 || a.to != nil {
			t.Errorf("%q: %d", query, a.StatusCode)
		}
	}
	for _, uri := range []string{"http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb", "http://[::1]/cb", "com.example.app:/cb"} {
		if a := b.ask(request("client_id", "spa", "redirect_uri", uri)); a.to == nil || !strings.HasPrefix(a.to.String(), uri+"?code=") { // OAU-01
			t.Errorf("%s: %d %s", uri, a.StatusCode, a.body)
		}
	}
}

// told is a request that is refused to the client, and with which code.
type told struct {
	v    url.Values
	want string
}

// wrongFlow asks for what is not offered.
func wrongFlow() []told {
	return []told{
		{request("response_type", ""), "invalid_request"},
		{request("response_type", "token"), "unsupported_response_type"},         // OAU-12
		{request("response_type", "id_token"), "unsupported_response_type"},      // OAU-12
		{request("response_type", "code id_token"), "unsupported_response_type"}, // OAU-12
		{request("response_type", "none"), "unsupported_response_type"},
		{request("response_type", "CODE"), "unsupported_response_type"},
		{request("response_mode", "web_message"), "invalid_request"}, // OAU-16
		{request("response_mode", "jwt"), "invalid_request"},
		{request("code_challenge", ""), "invalid_request"}, // OAU-05
		{request("code_challenge", "", "code_challenge_method", ""), "invalid_request"},
		{request("code_challenge_method", "plain"), "invalid_request"}, // OAU-05
		{request("code_challenge_method", ""), "invalid_request"},      // OAU-05: would mean plain
		{request("code_challenge_method", "s256"), "invalid_request"},
		{request("code_challenge", "short"), "invalid_request"},
		{request("code_challenge", challenge("x")+"="), "invalid_request"},
		{request("code_challenge", strings.Repeat("!", 43)), "invalid_request"},
		{request("scope", ""), "invalid_scope"},
		{request("scope", "openid admin"), "invalid_scope"},                        // OAU-15
		{request("client_id", "narrow", "scope", "openid email"), "invalid_scope"}, // OAU-15
		{request("scope", "profile"), "invalid_scope"},
		{request("scope", "offline_access"), "invalid_scope"},
		{request("prompt", "none login"), "invalid_request"}, // OAU-17
		{request("prompt", "create"), "invalid_request"},
		{request("prompt", "consent none"), "invalid_request"}, // OAU-17
		{request("prompt", "create"), "invalid_request"},       // OAU-40: as discovery says
	}
}

// wrongForm can't be read, or is too long.
func wrongForm() []told {
	long := func(n int) string { return strings.Repeat("x", n) }
	return []told{
		{request("max_age", "-1"), "invalid_request"},
		{request("max_age", "+1"), "invalid_request"},
		{request("max_age", "1e3"), "invalid_request"},
		{request("max_age", "99999999999999999999999"), "invalid_request"},
		{request("request", "eyJhbGciOiJub25lIn0.e30."), "invalid_request_object"},             // OAU-21
		{request("request_uri", "http://169.254.169.254/"), "request_uri_not_supported"},       // OAU-22
		{request("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request_uri"}, // OAU-26
		{request("request_uri", "urn:ietf:params:oauth:request_uri:x", "request", "x"), "invalid_request"},
		{request("dpop_jkt", "x"), "invalid_request"},
		{request("registration", "{}"), "registration_not_supported"},
		{request("registration", strings.Repeat("{", 9000)), "registration_not_supported"}, // OAU-23
		{request("claims", "{"), "invalid_request"},                                        // OAU-23
		{request("claims", strings.Repeat("[", 8000)), "invalid_request"},
		{request("claims", long(9000)), "invalid_request"},
		{request("claims", `{"userinfo":[]}`), "invalid_request"},
		{request("claims", `{"userinfo":{"email":true}}`), "invalid_request"},
		{request("claims", `{"userinfo":{"email":null},"userinfo":{}}`), "invalid_request"},
		{request("claims", `{"id_token":{"sub":{"values":[]}}}`), "invalid_request"},
		{request("claims", `{"id_token":{"sub":{"value":1}}}`), "invalid_request"}, // OAU-24
		{request("claims", `{"id_token":{"acr":{"essential":true,"value":1}}}`), "unmet_authentication_requirements"},
		{request("claims", `{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}`), "invalid_request"},
		{request("nonce", long(301)), "invalid_request"},
		{request("scope", "openid "+long(300)), "invalid_request"},
		{request("ui_locales", long(1001)), "invalid_request"},
		{request("login_hint", long(257)), "invalid_request"},
		{request("login_hint", "a\nb"), "invalid_request"},
		{request("acr_values", long(301)), "invalid_request"},
		{request("id_token_hint", long(4001)), "invalid_request"},
		{request("id_token_hint", "a.b.c"), "invalid_request"},
		{request("client_id", "old", "code_challenge", "", "code_challenge_method", "", "nonce", ""), "invalid_request"}, // OAU-05
		{request("client_id", "old", "code_challenge", "", "code_challenge_method", "", "scope", "openid", "nonce", "n", "code_challenge_method", "S256"), "invalid_request"},
		{request("client_id", "old", "code_challenge_method", "plain"), "invalid_request"},
	}
}

// What goes to the client, with its state and our name, and without a code.
func TestToldToClient(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	cases := append(wrongFlow(), wrongForm()...)
	for _, name := range []string{"response_type", "scope", "nonce", "prompt", "code_challenge", "login_hint", "response_mode"} {
		v := request("response_mode", "query", "prompt", "login", "login_hint", "x")
		v.Add(name, v.Get(name))
		cases = append(cases, told{v, "invalid_request"}) // OAU-14
	}
	for _, name := range []string{
		"max_age", "ui_locales", "acr_values", "id_token_hint", "code_challenge_method", "claims", "display", "claims_locales", "dpop_jkt", "registration",
	} {
		v := request()
		v[name] = []string{"", ""}
		cases = append(cases, told{v, "invalid_request"}) // OAU-14: an empty one counts
	}
	for _, c := range cases {
		a := b.ask(c.v)
		if a.to == nil || !strings.HasPrefix(a.to.String(), wikiURI+"?error=") {
			t.Errorf("%v: %d %v %s", c.v, a.StatusCode, a.to, a.body)
			continue
		}
		q := a.to.Query()
		if q.Get("error") != c.want || q.Get("state") != "the state" || q.Get("iss") != w.issuer || q.Has("code") { // OAU-19, OAU-20
			t.Errorf("%v: answered %v, want %s", c.v, q, c.want)
		}
		if a.StatusCode != 303 || a.to.Fragment != "_" || a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Cache-Control") != "no-store" { // RED-06, WEB-06, WEB-08
			t.Errorf("%v: %d %v", c.v, a.StatusCode, a.Header)
		}
	}
	if len(w.reports) != len(cases) {
		t.Errorf("%d of %d errors reported", len(w.reports), len(cases))
	}
	for _, err := range w.reports {
		if strings.Contains(err.Error(), "169.254") || strings.Contains(err.Error(), "xxx") || strings.Contains(err.Error(), "the state") { // LOG-01
			t.Errorf("the report repeats the request: %v", err)
		}
	}
}

// What is accepted although it may look odd.
func TestAccepted(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	doubled := request()
	doubled["foo"], doubled["audience"] = []string{"1", "2"}, []string{"a", "b"}
	for name, v := range map[string]url.Values{
		"unknown twice":   doubled, // OAU-14 as amended
		"no state":        request("state", ""),
		"display unknown": request("display", "hologram"),
		"offline_access":  request("scope", "openid offline_access"),
		"huge max_age":    request("max_age", "18446744073709551615"),
		"claims":          request("claims", `{"userinfo":{"email":null,"sub":{"value":"alice"}},"id_token":{"sub":{"essential":true}}}`),
		"acr wish":        request("acr_values", "urn:mfa idp:elsewhere"),
		"old client":      request("client_id", "old", "code_challenge", "", "code_challenge_method", ""),
		"old client PKCE": request("client_id", "old", "nonce", ""),
	} {
		if name == "acr wish" {
			v.Set("client_id", "work-only")
		}
		a := b.ask(v)
		if name == "acr wish" { // the wish for what the client does not take is dropped; rule 10 remains
			if _, ok := a.atLogin(w); !ok {
				t.Errorf("%s: %v", name, a.to)
			}
			continue
		}
		if a.to == nil || a.to.Query().Get("code") == "" || a.to.Fragment != "" || a.to.Query().Has("state") != v.Has("state") { // OAU-19
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.to, a.body)
		}
	}
}

// state comes back letter by letter, by every way of answering, and by each we
// say who we are, in errors too.
func TestState(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	for _, state := range []string{"a", "a+b c%20d", `"><script>alert(1)</script>`, "ünïcödé ☃", "{env.HOME}", "&code=x#y", "'\\", strings.Repeat("s", 4096)} { // OAU-19
		for mode, read := range map[string]func(answer) url.Values{
			"query":    func(a answer) url.Values { return a.to.Query() },
			"fragment": func(a answer) url.Values { v, _ := url.ParseQuery(a.to.EscapedFragment()); return v },
			"form_post": func(a answer) url.Values {
				v := url.Values{}
				for name, value := range formFields(t, a.body) {
					v.Add(name, value)
				}
				return v
			},
		} {
			for _, scope := range []string{"openid", "admin"} {
				got := read(b.ask(request("state", state, "response_mode", mode, "scope", scope)))
				if got.Get("state") != state || got.Get("iss") != w.issuer || got.Has("error") != (scope == "admin") { // OAU-20
					t.Errorf("%s, scope %s: %q came back as %v", mode, scope, state, got)
				}
			}
		}
	}
	twice := request()
	twice.Add("state", "another")
	if q := b.ask(twice).to.Query(); q.Get("error") != "invalid_request" || q.Has("state") { // OAU-14: which of them?
		t.Errorf("two states: %v", q)
	}
	a := b.ask(request("state", strings.Repeat("s", 20000))) // OAU-19: huge is harmless
	if q := a.to.Query(); q.Get("error") != "invalid_request" || q.Has("state") {
		t.Errorf("huge state: %v", q)
	}
	if q := b.ask(request("redirect_uri", "https://wiki.example.com/cb?x=1")).to.Query(); q.Get("x") != "1" || q.Get("code") == "" {
		t.Errorf("redirect address with a query: %v", q)
	}
}

// Methods, caching, prefetch.
func TestMethods(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	for path, allowed := range map[string]string{
		"/authorize?" + request().Encode(): "GET, POST", "/token": "POST", "/par": "POST", "/userinfo": "GET, POST", "/jwks": "GET, HEAD",
		"/.well-known/openid-configuration": "GET, HEAD",
	} {
		for _, method := range []string{"HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "FOO", "GET"} { // WEB-12
			if strings.Contains(allowed, method) {
				continue
			}
			r, _ := http.NewRequestWithContext(context.Background(), method, w.issuer+path, nil)
			if a := b.do(r); a.StatusCode != 405 || a.Header.Get("Allow") != allowed || a.to != nil {
				t.Errorf("%s %s: %d, Allow %q", method, path, a.StatusCode, a.Header.Get("Allow"))
			}
		}
	}
	for name, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "Prefetch"} {
		r, _ := http.NewRequest(http.MethodGet, w.issuer+"/authorize?"+request().Encode(), nil)
		r.Header.Set(name, value)
		if a := b.do(r); a.StatusCode != 403 || a.to != nil {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
}
