package session_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/session"
	"github.com/gatehouse-auth/gatehouse/store/memory"
)

// FuzzValue holds the peek against a plain model of what browsers send (RFC
// 6265, section 4.2.1): pairs split at semicolons, names byte by byte.
// COO-08, COO-09, COO-10
func FuzzValue(f *testing.F) {
	n := "__Host-Http-gatehouse"
	for _, seed := range [][2]string{
		{n + "=" + goodID, ""},
		{"a=1; " + n + "=v; b=2", "c=3"},
		{n + "=v", n + "=w"},
		{n + `="v"`, `$Version=1; $Path=/`},
		{"=" + n + "=v", ";;;"},
		{n + " =v;\t" + n + "=w", "%5F_Host-Http-gatehouse=x"},
		{strings.ToLower(n) + "=v; " + n + "-binder=w", n},
		{n + "=\x00", "\xff=\xfe"},
		{strings.Repeat("a=b;", 800), n + "=v,w"},
	} {
		f.Add(seed[0], seed[1])
	}
	s, err := session.NewSite(appOrigin)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		r := &http.Request{Header: http.Header{"Cookie": {one, two}}}
		for _, suffix := range []string{"", "binder"} {
			name := s.CookieName(suffix)
			var values []string
			for _, pair := range append(strings.Split(one, ";"), strings.Split(two, ";")...) {
				if k, v, ok := strings.Cut(strings.TrimLeft(pair, " "), "="); ok && k == name {
					values = append(values, v)
				}
			}
			want := ""
			if len(values) == 1 && !strings.ContainsFunc(values[0], func(c rune) bool {
				return c <= ' ' || c >= 0x7f || strings.ContainsRune(`",\`, c)
			}) {
				want = values[0]
			}
			if got := s.Value(r, suffix); got != want {
				t.Errorf("%q: got %q, want %q", suffix, got, want)
			}
		}
	})
}

// FuzzTarget: whatever the guard was asked for, the way back from the login
// stays at the origin and survives a second round. RED-02, RED-04, DOS-06
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"/", "", "/a/b?c=d&e=%20f", "//evil.example", `/\evil.example`, "/\t/evil.example", "/\r\nSet-Cookie: a=b", "https://evil.example",
		"@evil.example", ".evil.example", "/#x", "/ü?ö", "/a b", "/a\"<>^`{|}", "/%zz", "/..//evil.example", strings.Repeat("/a", 3000),
	} {
		f.Add(seed)
	}
	h := newHouse(f, memory.NewShorts(memory.Options{}), session.Config{}, session.Options{})
	f.Fuzz(func(t *testing.T, target string) {
		sealed := h.manager.SealVisit(visit(h.app, target))
		v, err := h.manager.OpenVisit(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) > 6400 || strings.ContainsFunc(v.Target, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '\\' || c == '#' }) {
			t.Errorf("target %q, %d bytes sealed", v.Target, len(sealed))
		}
		if !strings.HasPrefix(v.Target, "/") || strings.HasPrefix(v.Target, "//") {
			t.Errorf("not a path: %q", v.Target)
		}
		base, _ := url.Parse(appOrigin + "/login")
		if u, err := base.Parse(v.Target); err == nil && (u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil) {
			t.Errorf("%q leads to %s", v.Target, u)
		}
		again, err := h.manager.OpenVisit(h.manager.SealVisit(v))
		if err != nil || again.Target != v.Target {
			t.Errorf("%q became %q, %v", v.Target, again.Target, err)
		}
	})
}
