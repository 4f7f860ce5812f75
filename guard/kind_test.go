package guard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/guard"
)

// request reads "METHOD; Name: value; Name: value".
func request(t testing.TB, text string) *http.Request {
	t.Helper()
	parts := strings.Split(text, "; ")
	r := httptest.NewRequest("GET", "/", nil)
	r.Method = parts[0]
	for _, line := range parts[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

const navigate = "; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document"

// PRX-03, PRX-04
func TestRedirectable(t *testing.T) {
	for text, want := range map[string]bool{
		"GET" + navigate:                            true,
		"HEAD" + navigate:                           true,
		"GET" + navigate + "; Sec-Fetch-User: ?1":   true,
		"GET" + navigate + "; Accept: */*":          true,
		"GET; Accept: text/html":                    true,
		"HEAD; Accept: text/html":                   true,
		"GET; Accept: text/plain, TEXT/HTML ;q=0.5": true,
		"GET; Accept: application/xhtml+xml,application/xml;q=0.9,text/html;q=0.8": true,

		"GET":                                  false,
		"GET; Accept: */*":                     false,
		"GET; Accept: application/json":        false,
		"GET; Accept: text/htmlx":              false,
		"GET; Accept: text/html;q=0":           false,
		"GET; Accept: text/html;level=1;q=0.0": false,
		"GET; Accept: text/event-stream":       false,
		"GET; Accept: text/html; X-Requested-With: XMLHttpRequest":                 false,
		"GET; Accept: text/html; Sec-Fetch-Mode: cors; Sec-Fetch-Dest: empty":      false,
		"GET; Accept: text/html; Sec-Fetch-Mode: no-cors; Sec-Fetch-Dest: image":   false,
		"GET; Accept: text/html; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: iframe": false,
		"GET; Accept: text/html; Sec-Fetch-Mode: websocket; Sec-Fetch-Dest: empty": false,
		"GET; Accept: text/html; Sec-Fetch-Mode: navigate":                         false,
		"GET; Accept: text/html; Sec-Fetch-Dest: document":                         false,
		"GET; Accept: text/html; Sec-Fetch-Site: cross-site":                       false,
		"GET" + navigate + "; Sec-Fetch-Mode: cors":                                false,
		"GET" + navigate + "; Sec-Purpose: prefetch":                               false,
		"GET" + navigate + "; Sec-Purpose: prefetch;prerender":                     false,
		"GET" + navigate + "; Purpose: Prefetch":                                   false,
		"GET" + navigate + "; X-Moz: prefetch":                                     false,
		"GET" + navigate + "; X-Purpose: preview":                                  false,
		"POST" + navigate:             false,
		"OPTIONS" + navigate:          false,
		"get" + navigate:              false,
		"PROPFIND; Accept: text/html": false,
		"CONNECT; Accept: text/html":  false,
		"POST; Accept: text/html; X-Http-Method-Override: GET":                        false,
		"POST; Accept: text/html; X-Method-Override: GET":                             false,
		"GET; Accept: text/html; Connection: Upgrade; Upgrade: websocket":             false,
		"GET" + navigate + "; Connection: Upgrade; Upgrade: websocket":                false,
		"GET; Accept: text/html; X-Http-Method-Override: POST; X-Http-Method: DELETE": true,
	} {
		if got := guard.Redirectable(request(t, text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// foreignWrite tells whether a request that has a session is refused.
func foreignWrite(r *http.Request, own string, trusted []string) bool {
	from, foreign := guard.Foreign(r, own)
	return foreign && !guard.Trusts(trusted, from)
}

// PRX-08
func TestForeign(t *testing.T) {
	const own = "https://app.example.com"
	trusted := []string{"https://tools.example.com", "https://[2001:db8::1]:8443"}
	const ws = "GET; Connection: Upgrade; Upgrade: websocket"
	for text, want := range map[string]bool{
		// safe methods, whoever asks
		"GET; Origin: https://evil.test": false, "HEAD; Origin: https://evil.test": false, "OPTIONS; Origin: https://evil.test; Sec-Fetch-Site: cross-site": false, "GET; Sec-Fetch-Site: cross-site": false,
		// our own pages, trusted ones, and what is no browser
		"POST": false, "POST; Origin: https://app.example.com": false, "POST; Origin: https://APP.example.com": false, "POST; Sec-Fetch-Site: same-origin": false, "POST; Sec-Fetch-Site: none": false, "DELETE; Origin: https://tools.example.com; Sec-Fetch-Site: same-site": false,
		"PUT; Origin: https://[2001:db8::1]:8443": false, ws: false, ws + "; Origin: https://app.example.com": false, ws + "; Origin: https://tools.example.com": false,
		// everybody else
		"POST; Origin: https://evil.test": true, "POST; Origin: http://app.example.com": true, "POST; Origin: https://app.example.com:8443": true, "POST; Origin: https://app.example.com.": true, "POST; Origin: https://sub.app.example.com": true,
		"POST; Origin: null": true, "POST; Origin: ": true, "POST; Origin: https://app.example.com; Origin: https://evil.test": true, "POST; Origin: https://app.example.com https://evil.test": true,
		"POST; Sec-Fetch-Site: cross-site": true, "POST; Sec-Fetch-Site: same-site": true, "POST; Sec-Fetch-Site: odd": true, "POST; Sec-Fetch-Site: ": true, "POST; Sec-Fetch-Site: none; Sec-Fetch-Site: none": true,
		"PUT; Origin: https://evil.test": true, "PATCH; Origin: https://evil.test": true, "DELETE; Origin: https://evil.test": true, "TRACE; Origin: https://evil.test": true, "get; Origin: https://evil.test": true, "MKCOL; Origin: https://evil.test": true,
		"POST; Origin: https://evil.test; X-Http-Method-Override: GET": true, "CONNECT; Origin: https://evil.test": true,
		ws + "; Origin: https://evil.test": true, ws + "; Origin: null": true, ws + "; Sec-Fetch-Site: same-site": true, ws + "; Origin: https://tools.example.com.evil.test": true,
	} {
		if got := foreignWrite(request(t, text), own, trusted); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !foreignWrite(request(t, "POST; Origin: https://app.example.com"), "", nil) {
		t.Error("with no origin of our own, somebody is at home")
	}
	if !foreignWrite(request(t, "POST; Origin: null"), own, []string{"null", ""}) {
		t.Error("a trusted \"null\" opens the door to every sandboxed frame")
	}
}

// PTH-07, PRX-14, FWD-02
func TestHosts(t *testing.T) {
	h := guard.NewHosts([]string{"https://app.example.com", "https://www.example.com:8443", "http://localhost:8080"})
	for host, want := range map[string]string{
		"app.example.com": "https://app.example.com", "APP.EXAMPLE.COM": "https://app.example.com", "app.example.com.": "https://app.example.com", "app.example.com:443": "https://app.example.com", "www.example.com:8443": "https://www.example.com:8443",
		"localhost:8080": "http://localhost:8080",
		"":               "", ".": "", "evil.test": "", "www.example.com": "", "localhost": "", "app.example.com:x": "", "app.example.com:": "", "app.example.com:8443": "", "a@app.example.com": "", "app.example.com/x": "", "app.example.com,evil.test": "", "xapp.example.com": "",
		"sub.app.example.com": "", "app.example.com\x00": "", "\u24d0pp.example.com": "", "[app.example.com]": "", "app.example.com..": "",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		r.Header.Set("X-Forwarded-Host", "app.example.com")
		got, err := h.Origin(r)
		if got != want || (err == nil) != (want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v, want %q", host, got, err, want)
		}
	}
}

// PTH-07
func TestOddTargets(t *testing.T) {
	h := guard.NewHosts([]string{"https://app.example.com"})
	for name, change := range map[string]func(*http.Request){
		"absolute form":         func(r *http.Request) { r.URL, _ = url.Parse("https://app.example.com/x") },
		"absolute, other host":  func(r *http.Request) { r.URL, _ = url.Parse("http://evil.test/x") },
		"scheme alone":          func(r *http.Request) { r.URL = &url.URL{Scheme: "http", Opaque: "x"} },
		"user name":             func(r *http.Request) { r.URL.User = url.User("x") },
		"second Host":           func(r *http.Request) { r.Header["Host"] = []string{"app.example.com", "evil.test"} },
		"another Host (HTTP/2)": func(r *http.Request) { r.Header["Host"] = []string{"evil.test"} },
		"an empty Host":         func(r *http.Request) { r.Header["Host"] = nil },
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Host = "app.example.com"
		change(r)
		if got, err := h.Origin(r); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// PRX-14: many hosts make no difference (Caddy's own list becomes
// case-sensitive above 100).
func TestManyHosts(t *testing.T) {
	var list []string
	for i := range 300 {
		list = append(list, "https://h"+strconv.Itoa(i)+".example.com")
	}
	h := guard.NewHosts(list)
	for _, host := range []string{"h299.example.com", "H299.Example.COM", "h299.example.com.:443"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		if got, err := h.Origin(r); got != "https://h299.example.com" {
			t.Errorf("%q: %q, %v", host, got, err)
		}
	}
}
