package checksession_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize/checksession"
	"github.com/gatehouse-auth/gatehouse/identity"
	"github.com/gatehouse-auth/gatehouse/internal/seal"
)

const issuer = "https://auth.example.com"

func checker(t testing.TB, change ...func(*checksession.Config)) *checksession.Checker {
	t.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := checksession.Config{Issuer: issuer, Box: master.Box("check_session"), Origins: func(context.Context) ([]string, error) { return nil, nil }}
	for _, f := range change {
		f(&cfg)
	}
	c, err := checksession.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func session(sid, sub string, at time.Time) *identity.Session {
	return &identity.Session{SID: sid, User: &identity.User{Subject: identity.Subject(sub)}, Login: identity.Login{At: at}}
}

// browser has at most one cookie: what the last answer left.
type browser struct{ cookie *http.Cookie }

func (b *browser) sync(t testing.TB, c *checksession.Checker, s *identity.Session) (value string, set *http.Cookie) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, issuer+"/authorize", nil)
	if b.cookie != nil {
		r.AddCookie(&http.Cookie{Name: b.cookie.Name, Value: b.cookie.Value})
	}
	w := httptest.NewRecorder()
	value = c.Sync(w, r, s)
	switch cookies := w.Result().Cookies(); len(cookies) {
	case 0:
	case 1:
		set = cookies[0]
		if b.cookie = set; set.MaxAge < 0 {
			b.cookie = nil
		}
	default:
		t.Errorf("%v", cookies)
	}
	return value, set
}

// The cookie is a new random value after every login, stays between, goes with
// the logout, and has nothing of the session in it. COO-02, COO-04, COO-05,
// SES-03
func TestCookie(t *testing.T) {
	c, b, now := checker(t), &browser{}, time.Unix(1_800_000_000, 123)
	values := map[string]bool{}
	step := func(name string, s *identity.Session, wantNew bool) {
		t.Helper()
		value, set := b.sync(t, c, s)
		if (set != nil) != wantNew || values[value] == wantNew || s != nil && (value == "" || strings.Contains(value, s.SID)) {
			t.Errorf("%s: %q, set %v", name, value, set)
		}
		if set != nil && (set.Name != "__Host-gatehouse.session" || !set.Secure || set.HttpOnly || set.SameSite != http.SameSiteLaxMode || set.Path != "/" || set.Domain != "" || set.MaxAge != 0) {
			t.Errorf("%s: %v", name, set)
		}
		values[value] = true
	}
	first := session("sid-1", "alice", now)
	step("login", first, true)
	step("again", first, false)
	step("a copy of the session", session("sid-1", "alice", now.UTC()), false)
	step("login again, same sid", session("sid-1", "alice", now.Add(time.Nanosecond)), true)
	step("another session", session("sid-2", "alice", now), true)
	if value, set := b.sync(t, c, nil); value != "" || set == nil || set.MaxAge >= 0 || set.Value != "" {
		t.Errorf("logout: %q, %v", value, set)
	}
	if value, set := b.sync(t, c, nil); value != "" || set != nil {
		t.Errorf("nobody: %q, %v", value, set)
	}
	step("the first session once more", first, true)
}

// set are the cookies of an answer so far.
func set(w http.ResponseWriter) []*http.Cookie { return (&http.Response{Header: w.Header()}).Cookies() }

// In a frame on another site the session's cookie is missing, signed in or not,
// so nothing is concluded from that.
func TestForeignFrames(t *testing.T) {
	c := checker(t)
	good, _ := new(browser).sync(t, c, session("sid-1", "alice", time.Unix(1, 0)))
	for _, tt := range []struct {
		site, dest string
		kept       bool
	}{
		{"cross-site", "iframe", true},
		{"cross-site", "empty", true},
		{"cross-site", "document", false},
		{"cross-site", "", false},
		{"same-site", "iframe", false},
		{"same-origin", "iframe", false},
		{"none", "document", false},
		{"", "", false},
	} {
		r := httptest.NewRequest(http.MethodGet, issuer+"/authorize?prompt=none", nil)
		r.Header.Set("Cookie", "__Host-gatehouse.session="+good)
		r.Header.Set("Sec-Fetch-Site", tt.site)
		r.Header.Set("Sec-Fetch-Dest", tt.dest)
		w := httptest.NewRecorder()
		if value := c.Sync(w, r, nil); (value == good) != tt.kept || (len(set(w)) == 0) != tt.kept {
			t.Errorf("%v: %q, %v", tt, value, w.Header())
		}
		c.Sync(w, r, session("sid-2", "bob", time.Unix(2, 0))) // signing in says who it is, everywhere
		if got := set(w); len(got) != 1 || got[0].MaxAge < 0 {
			t.Errorf("%v: then %v", tt, got)
		}
	}
}

// One answer sets the cookie once: what was said last counts, and others'
// cookies stay.
func TestOneCookieAnAnswer(t *testing.T) {
	c, w := checker(t), httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, issuer, nil)
	http.SetCookie(w, &http.Cookie{Name: "__Host-Http-gatehouse", Value: "x"})
	c.Sync(w, r, session("sid-1", "alice", time.Unix(1, 0)))
	value := c.Sync(w, r, session("sid-1", "alice", time.Unix(2, 0)))
	if got := set(w); len(got) != 2 || got[0].Value != "x" || got[1].Value != value {
		t.Errorf("%v", got)
	}
	if c.Sync(w, r, nil); len(set(w)) != 1 {
		t.Errorf("after the end: %v", set(w))
	}
}

// Whatever a script or another site put there is replaced. COO-08, COO-09,
// SES-04
func TestForeignCookies(t *testing.T) {
	c, s := checker(t), session("sid-1", "alice", time.Unix(1, 0))
	good, _ := new(browser).sync(t, c, s)
	for _, header := range []string{
		"__Host-gatehouse.session=x", "__Host-gatehouse.session=", "__Host-gatehouse.session=" + good[1:], "__Host-gatehouse.session=\"" + good + "\"",
		"__Host-gatehouse.session=" + good + "; __Host-gatehouse.session=" + good, "__host-gatehouse.session=" + good, "gatehouse.session=" + good,
		"__Host-gatehouse.session=" + strings.Repeat("A", 4000),
	} {
		r := httptest.NewRequest(http.MethodGet, issuer, nil)
		r.Header.Set("Cookie", header)
		w := httptest.NewRecorder()
		if value := c.Sync(w, r, s); value == good || len(w.Result().Cookies()) != 1 {
			t.Errorf("%s: %q", header, value)
		}
	}
	r := httptest.NewRequest(http.MethodGet, issuer, nil)
	r.Header.Set("Cookie", "__Host-gatehouse.session="+good)
	if value := c.Sync(httptest.NewRecorder(), r, s); value != good {
		t.Errorf("our own: %q", value)
	}
	if value := c.Sync(httptest.NewRecorder(), r, session("sid-2", "bob", time.Unix(1, 0))); value == good {
		t.Error("one session's value passes for another's")
	}
}

// COO-04: SameSite=None by its switch alone, and never without Secure.
func TestCookieAttributes(t *testing.T) {
	for name, tt := range map[string]struct {
		issuer    string
		crossSite bool
		cookie    string
		sameSite  http.SameSite
		secure    bool
	}{
		"cross-site":           {issuer, true, "__Host-gatehouse.session", http.SameSiteNoneMode, true},
		"loopback":             {"http://localhost:8080", false, "gatehouse-8080.session", http.SameSiteLaxMode, false},
		"loopback, cross-site": {"http://localhost", true, "gatehouse-80.session", http.SameSiteLaxMode, false},
	} {
		c := checker(t, func(cfg *checksession.Config) { cfg.Issuer, cfg.CrossSite = tt.issuer, tt.crossSite })
		_, set := new(browser).sync(t, c, session("sid", "alice", time.Unix(1, 0)))
		if set == nil || set.Name != tt.cookie || set.SameSite != tt.sameSite || set.Secure != tt.secure {
			t.Errorf("%s: %v", name, set)
		}
	}
}

// session_state is what section 2 says, salted anew each time, and fits one
// client at one origin in one state.
func TestState(t *testing.T) {
	const client, origin, value = "wiki", "https://wiki.example.com", "the cookie's value"
	one, two := checksession.State(client, origin, value), checksession.State(client, origin, value)
	hash, salt, _ := strings.Cut(one, ".")
	sum := sha256.Sum256([]byte(client + " " + origin + " " + value + " " + salt))
	if one == two || hash != base64.RawURLEncoding.EncodeToString(sum[:]) || len(salt) < 22 || strings.Contains(one, " ") {
		t.Errorf("%q, %q", one, two)
	}
	for name, tt := range map[string]struct {
		state, client, origin, value string
		want                         bool
	}{
		"same":             {one, client, origin, value, true},
		"nobody":           {checksession.State(client, origin, ""), client, origin, "", true},
		"another client":   {one, "wik", origin, value, false},
		"another origin":   {one, client, origin + ":8443", value, false},
		"another value":    {one, client, origin, "", false},
		"no salt":          {hash, client, origin, value, false},
		"another salt":     {hash + ".x", client, origin, value, false},
		"nothing":          {"", client, origin, value, false},
		"a full stop":      {".", client, origin, value, false},
		"moved boundaries": {one, client + " " + origin, value, "", false},
	} {
		if got := checksession.Verify(tt.state, tt.client, tt.origin, tt.value); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := checksession.State(client, "", value); got != "" {
		t.Errorf("an app has no page: %q", got)
	}
}

var inline = regexp.MustCompile(`(?s)<script>(.*)</script>`)

// The page allows its own script by hash and nothing else, and only clients'
// pages may frame it. WEB-04, WEB-05, WEB-07, WEB-12
func TestPage(t *testing.T) {
	c := checker(t, func(cfg *checksession.Config) {
		cfg.Origins = func(context.Context) ([]string, error) {
			return []string{"https://wiki.example.com", "https://evil.example; script-src *", "http://localhost:3000"}, nil
		}
	})
	w := httptest.NewRecorder()
	if err := c.Page(w, httptest.NewRequest(http.MethodGet, issuer+"/check_session", nil)); err != nil {
		t.Fatal(err)
	}
	script := inline.FindSubmatch(w.Body.Bytes())
	if script == nil || bytes.Contains(w.Body.Bytes(), []byte("COOKIE")) || !bytes.Contains(script[1], []byte(`"__Host-gatehouse.session="`)) {
		t.Fatalf("%s", w.Body)
	}
	sum := sha256.Sum256(script[1])
	want := "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://wiki.example.com http://localhost:3000"
	h := w.Header()
	if got := h.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy %q, want %q", got, want)
	}
	if h.Get("X-Frame-Options") != "" || h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" || len(w.Result().Cookies()) != 0 {
		t.Errorf("%v", h)
	}
	for method, status := range map[string]int{http.MethodHead: 200, http.MethodPost: 405, http.MethodDelete: 405, "TRACE": 405} {
		w := httptest.NewRecorder()
		if err := c.Page(w, httptest.NewRequest(method, issuer+"/check_session", nil)); err != nil || w.Code != status || status == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, %v", method, w.Code, err)
		}
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: has a body", method)
		}
	}
}

// Where the clients can't be told, there is no page without its policy.
func TestOriginsFail(t *testing.T) {
	c := checker(t, func(cfg *checksession.Config) {
		cfg.Origins = func(context.Context) ([]string, error) { return nil, errors.New("no store") }
	})
	w := httptest.NewRecorder()
	if err := c.Page(w, httptest.NewRequest(http.MethodGet, issuer+"/check_session", nil)); err == nil || w.Body.Len() != 0 {
		t.Errorf("%v, %s", err, w.Body)
	}
}

func TestIncompleteConfig(t *testing.T) {
	for _, cfg := range []checksession.Config{{}, {Issuer: issuer}, {Issuer: "%"}} {
		if _, err := checksession.New(cfg); err == nil {
			t.Errorf("%+v accepted", cfg)
		}
	}
}
