package guard_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/guard"
)

// browserRequest is what Chrome sends for a page of an application, with its
// session cookies and ours.
func browserRequest() *http.Request {
	r := httptest.NewRequest("GET", "/dashboards/list?page=2", nil)
	r.Host = "app.example.com"
	for name, value := range map[string]string{
		"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "en-GB,en;q=0.9", "Cache-Control": "max-age=0",
		"Priority": "u=0, i", "Referer": "https://app.example.com/dashboards", "Sec-Ch-Ua": `"Chromium";v="142"`, "Sec-Ch-Ua-Mobile": "?0", "Sec-Ch-Ua-Platform": `"Linux"`, "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate",
		"Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1", "Upgrade-Insecure-Requests": "1", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Connection": "keep-alive",
	} {
		r.Header.Set(name, value)
	}
	return r
}

// site is all that a guard holds for a site.
type site struct {
	cleaner *guard.Cleaner
	hosts   *guard.Hosts
	rules   *guard.Rules
	headers *guard.Headers
	decides bool // a path decides something
}

func newSite(t testing.TB, lines ...string) site {
	h, err := guard.NewHeaders(guard.DefaultHeaders(), guard.HeaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return site{guard.NewCleaner(own), guard.NewHosts([]string{"https://app.example.com"}), policy(t, lines...), h, strings.Contains(strings.Join(lines, "\n"), "public")}
}

// pass carries a request through everything between the session and the
// application.
func (s site) pass(r *http.Request, facts guard.Facts) guard.Decision {
	err := s.cleaner.Request(r)
	s.cleaner.Cookies(r.Header)
	if err != nil {
		return guard.Decision{}
	}
	org, err := s.hosts.Origin(r)
	if err != nil {
		return guard.Decision{}
	}
	facts.Path = guard.ReadPath(r.RequestURI)
	if facts.Path.Odd(s.decides) || foreignWrite(r, org, nil) {
		return guard.Decision{}
	}
	d := s.rules.Decide(facts)
	if d.Verdict >= guard.Pass && facts.Session != nil && s.headers != nil {
		s.headers.Set(r.Header, facts.Session)
	}
	return d
}

var signedIn = guard.Facts{Session: alice(), ClientIP: netip.MustParseAddr("192.0.2.1"), Now: now}

// TestAllocations holds the budget of a signed-in request on which nothing is
// to be cleaned but our own cookie.
func TestAllocations(t *testing.T) {
	s := newSite(t, "allow group owners", "allow group staff; client_ip 192.0.2.0/24", "deny user bob", "public /healthz /static/*")
	r := browserRequest()
	cookie := []string{""}
	got := testing.AllocsPerRun(100, func() {
		cookie[0] = "lang=en; " + mine
		r.Header["Cookie"] = cookie
		if d := s.pass(r, signedIn); d.Verdict != guard.Pass {
			t.Fatal(d)
		}
	})
	if got > 2 {
		t.Errorf("%v allocations, the budget is 2", got)
	}
	if r.Header.Get("Cookie") != "lang=en" || r.Header.Get("Remote-User") != "alice" {
		t.Error("the request is not what it should be")
	}
}

// BenchmarkJudge is cleaning, path and decision of a signed-in request on
// which nothing is to be cleaned but our own cookie: the budget is 1 µs and 2
// allocations. BenchmarkJudgeAndSet writes the identity as well; since it
// cleans what it wrote before, it costs more than a real request does.
func BenchmarkJudge(b *testing.B)       { benchmark(b, false) }
func BenchmarkJudgeAndSet(b *testing.B) { benchmark(b, true) }

func benchmark(b *testing.B, set bool) {
	for name, lines := range map[string][]string{"plain": nil, "rules": {"allow group owners", "allow group staff; client_ip 192.0.2.0/24", "deny user bob", "public /healthz /static/*"}} {
		b.Run(name, func(b *testing.B) {
			s := newSite(b, lines...)
			if !set {
				s.headers = nil
			}
			r := browserRequest()
			cookie := []string{""}
			b.ReportAllocs()
			for b.Loop() {
				cookie[0] = "lang=en; " + mine
				r.Header["Cookie"] = cookie
				s.pass(r, signedIn)
			}
		})
	}
}

func BenchmarkParts(b *testing.B) {
	s := newSite(b, "allow group staff")
	r := browserRequest()
	for name, f := range map[string]func(){
		"clean":   func() { _ = s.cleaner.Request(r) },
		"cookies": func() { s.cleaner.Cookies(r.Header) },
		"origin":  func() { _, _ = s.hosts.Origin(r) },
		"path":    func() { guard.ReadPath(r.RequestURI) },
		"foreign": func() { foreignWrite(r, "https://app.example.com", nil) },
		"decide":  func() { s.rules.Decide(signedIn) },
		"headers": func() { s.headers.Set(r.Header, signedIn.Session) },
		"kind":    func() { guard.Redirectable(r) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
