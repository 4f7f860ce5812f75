package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/fault"
	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

func TestNewSite(t *testing.T) {
	for _, tt := range []struct{ origin, cookie string }{
		{"https://app.example.com", "__Host-Http-gatehouse"}, // COO-05
		{"https://app.example.com:8443", "__Host-Http-gatehouse"},
		{"https://localhost", "__Host-Http-gatehouse"},
		{"https://[2001:db8::1]", "__Host-Http-gatehouse"},
		{"http://localhost:8080", "gatehouse-8080"},
		{"http://localhost", "gatehouse-80"},
		{"http://app.localhost:9000", "gatehouse-9000"},
		{"http://127.0.0.1:8080", "gatehouse-8080"},
		{"http://[::1]:8080", "gatehouse-8080"},
	} {
		s, err := session.NewSite(tt.origin)
		if err != nil {
			t.Errorf("%s: %v", tt.origin, err)
			continue
		}
		if s.CookieName("") != tt.cookie || s.CookieName("binder") != tt.cookie+"-binder" || s.Origin() != tt.origin {
			t.Errorf("%s: %q, %q", tt.origin, s.CookieName(""), s.CookieName("binder"))
		}
		c := s.Cookie("binder", "v", 60)
		secure := strings.HasPrefix(tt.origin, "https:") // COO-02
		if c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 60 {
			t.Errorf("%s: %v", tt.origin, c) // COO-03, COO-04, COO-06
		}
	}
	for _, origin := range []string{
		"", "app.example.com", "https://", "https:///x", "//app.example.com", "ftp://app.example.com",
		"https://app.example.com/", "https://app.example.com?", "https://app.example.com#", "https://app.example.com/x",
		"https://App.example.com", "HTTPS://app.example.com", "https://app.example.com:443", "http://localhost:80",
		"https://app.example.com:", "https://app.example.com:0", "https://app.example.com:0443", "https://app.example.com:99999",
		"https://user@app.example.com", "https://*.example.com", "https://app.example.com.", "https://.example.com", "https://a..b",
		"https://app.example.com:x", "https://[::1", "https://[0:0::1]", "https://[fe80::1%25eth0]", "https://bücher.example",
		"http://app.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://notlocalhost", "https://a b", "https://a\x00b",
	} {
		if _, err := session.NewSite(origin); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

const goodID = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestValue(t *testing.T) {
	n := "__Host-Http-gatehouse"
	ours := n + "=" + goodID
	many := strings.Repeat("a=b; ", 400)
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"alone", []string{ours}, goodID},
		{"among others", []string{"a=1; " + ours + "; b=2"}, goodID},
		{"no space", []string{"a=1;" + ours + ";b=2"}, goodID},
		{"on the second line", []string{"a=1", ours}, goodID},
		{"none", nil, ""},
		{"empty", []string{n + "="}, ""},
		{"no value", []string{n}, ""},
		// COO-08
		{"bare name", []string{"gatehouse=" + goodID}, ""},
		{"other case", []string{strings.ToLower(n) + "=" + goodID, strings.ToUpper(n) + "=" + goodID}, ""},
		{"percent-encoded", []string{"%5F_Host-Http-gatehouse=" + goodID, "__Host%2DHttp-gatehouse=" + goodID}, ""},
		{"nameless", []string{"=" + ours}, ""},
		{"nameless with spaces", []string{" = " + ours}, ""},
		{"space in front of the equals sign", []string{n + " =" + goodID}, ""},
		{"tab in front", []string{"a=1;\t" + ours}, ""},
		{"no-break space in front", []string{"a=1; \u00a0" + ours}, ""},
		{"longer name", []string{ours[:len(n)] + "x=" + goodID, n + "-binder=" + goodID}, ""},
		{"shorter name", []string{n[1:] + "=" + goodID, n[:len(n)-1] + "=" + goodID}, ""},
		{"quoted", []string{n + `="` + goodID + `"`}, ""},
		{"inside quotes of another", []string{`a="x, ` + ours + `"`}, ""},
		{"after a comma", []string{"a=1, " + ours}, ""},
		{"version syntax", []string{`$Version="1"; ` + n + `="` + goodID + `"; $Path="/"`}, ""},
		{"cookie sandwich", []string{`$Version=1; a="` + ours[:10], `x"; ` + n + `="` + goodID + `"`}, ""},
		// COO-09
		{"twice", []string{ours + "; " + ours}, ""},
		{"twice on two lines", []string{ours, ours}, ""},
		{"twice, one empty", []string{n + "=; " + ours}, ""},
		// COO-10
		{"800 others", []string{many + ours + "; " + many}, goodID},
		{"800 of ours", []string{strings.Repeat(ours+"; ", 800)}, ""},
		{"malformed", []string{";;; =; ==;;=" + strings.Repeat("\xff\x00;", 100), ours}, goodID},
		{"control characters in the value", []string{n + "=a\x01b"}, ""},
		{"backslash in the value", []string{n + `=a\b`}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = tt.lines
		if got := site(t, appOrigin).Value(r, ""); got != tt.want {
			t.Errorf("%s: got %q", tt.name, got)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{ours + "; " + n + "-binder=v; " + n + "-binderx=w"}
	s := site(t, appOrigin)
	if s.Value(r, "binder") != "v" || s.Value(r, "login") != "" || s.Value(r, "") != goodID {
		t.Errorf("with suffixes: %q %q %q", s.Value(r, "binder"), s.Value(r, "login"), s.Value(r, ""))
	}
	// Ports of one host share a jar.
	r.Header["Cookie"] = []string{"gatehouse-8080=a; gatehouse-808=b"}
	if v := site(t, "http://localhost:808").Value(r, ""); v != "b" {
		t.Errorf("port 808: %q", v)
	}
}

// The scheme comes from the site, whatever a request claims.
func TestSchemeIsConfigured(t *testing.T) { // FWD-06
	h := newHouse(t, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	r := httptest.NewRequest("GET", "http://app.example.com/", nil)
	r.Header.Set("X-Forwarded-Proto", "http")
	r.Header.Set("Forwarded", "proto=http")
	w := httptest.NewRecorder()
	if _, err := h.app.Begin(w, r, alice, login("pwd"), false); err != nil {
		t.Fatal(err)
	}
	if c := w.Result().Cookies()[0]; !c.Secure || c.Name != "__Host-Http-gatehouse" {
		t.Errorf("cookie %s", c.Raw)
	}
}

func TestPeekDoesNotAllocate(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{strings.Repeat("a=b; ", 800) + "__Host-Http-gatehouse=" + goodID}
	s := site(t, appOrigin)
	if n := testing.AllocsPerRun(100, func() { s.Value(r, ""); s.Value(r, "binder") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
