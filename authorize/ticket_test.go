package authorize_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/authorize"
)

// visit is the request of a guarded site.
func (w *world) visit(origin string, force bool) url.Values {
	state := w.sites.seal(authorize.Visit{Origin: origin, FirstSeen: w.clock.Now(), Force: force})
	return url.Values{"client_id": {origin}, "response_type": {"ticket"}, "state": {state}}
}

func TestTicket(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	back, ok := b.ask(w.visit(site, false)).atLogin(w)
	if !ok {
		t.Fatal("no login")
	}
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	a := b.get(back)
	if a.StatusCode != 303 || !strings.HasPrefix(a.to.String(), site+"/deep?q=1&gatehouse_ticket=") {
		t.Fatalf("%d %v", a.StatusCode, a.to)
	}
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" { // WEB-06, WEB-08
		t.Errorf("headers %v", a.Header)
	}
}

// Who comes with a session that was ended elsewhere a moment ago, so that the
// cookie still seemed good, signs in: there is nothing that can't be found.
func TestTicketOfASessionThatEnded(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	w.sites.over = true
	back, ok := b.ask(w.visit(site, false)).atLogin(w)
	if !ok {
		t.Fatal("no login")
	}
	w.sites.over = false
	if a := b.get(back); a.to == nil || !strings.Contains(a.to.String(), "gatehouse_ticket=") {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
}

// A forced visit needs a login newer than the visit, whatever the cookie says.
func TestTicketForced(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	w.clock.pass(time.Second)
	back, ok := b.ask(w.visit(site, true)).atLogin(w) // MFA-10
	if !ok {
		t.Fatal("an old login was enough")
	}
	w.clock.pass(time.Second)
	b.signIn("alice", "local")
	if a := b.get(back); a.to == nil || !strings.Contains(a.to.String(), "gatehouse_ticket=") {
		t.Errorf("%d %v", a.StatusCode, a.to)
	}
	w.clock.pass(time.Second)
	zero := url.Values{"client_id": {site}, "response_type": {"ticket"}, "state": {w.sites.seal(authorize.Visit{Origin: site, Force: true})}}
	if _, ok := b.ask(zero).atLogin(w); !ok {
		t.Error("a visit without a beginning was met by an old login")
	}
	made := w.sites.made
	for range 3 {
		b.ask(zero)
	}
	if a := b.ask(zero); a.StatusCode != 403 || a.to != nil || w.sites.made != made {
		t.Errorf("the loop goes on: %d %v", a.StatusCode, a.to)
	}
}

// What never gets a ticket.
func TestNoTicket(t *testing.T) {
	w := newWorld(t, "")
	b := w.browser()
	b.signIn("alice", "local")
	good := w.visit(site, false)
	with := func(pairs ...string) url.Values {
		v := url.Values{}
		for k := range good {
			v[k] = good[k]
		}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for name, v := range map[string]url.Values{
		"other client_id":  with("client_id", "https://evil.example"),
		"origin spelt odd": with("client_id", "https://APP.example.com"),
		"no state":         with("state", ""),
		"foreign state":    with("state", good.Get("state")[:60]),
		"changed state":    with("state", good.Get("state")[1:]),
		"state twice":      {"client_id": {site}, "response_type": {"ticket"}, "state": {good.Get("state"), good.Get("state")}},
		"redirect_uri":     with("redirect_uri", "https://evil.example/"),
		"prompt":           with("prompt", "none"),
		"no origin":        w.visit("", false),
	} {
		if a := b.ask(v); a.StatusCode != 400 || a.to != nil {
			t.Errorf("%s: %d %v", name, a.StatusCode, a.to)
		}
	}
	for name, set := range map[string][2]string{
		"frame": {"Sec-Fetch-Dest", "iframe"}, "image": {"Sec-Fetch-Dest", "image"}, "fetch": {"Sec-Fetch-Dest", "empty"}, "object": {"Sec-Fetch-Dest", "object"},
		"prefetch": {"Sec-Purpose", "prefetch"}, "prerender": {"Sec-Purpose", "prefetch;prerender"}, "old prefetch": {"Purpose", "prefetch"},
	} {
		r, _ := http.NewRequest(http.MethodGet, w.issuer+"/authorize?"+good.Encode(), nil)
		r.Header.Set(set[0], set[1])
		if a := b.do(r); a.StatusCode != 403 || a.to != nil {
			t.Errorf("%s: %d %v", name, a.StatusCode, a.to)
		}
	}
	r, _ := http.NewRequest(http.MethodHead, w.issuer+"/authorize?"+good.Encode(), nil)
	if a := b.do(r); a.StatusCode != 405 || a.to != nil {
		t.Errorf("HEAD: %d %v", a.StatusCode, a.to)
	}
	posted := b.post("/authorize", good)
	if a := b.get(posted.to.String()); a.StatusCode != 400 || a.to != nil {
		t.Errorf("posted: %d %v", a.StatusCode, a.to)
	}
	if w.sites.made != 0 {
		t.Errorf("%d tickets were made", w.sites.made)
	}
	ordinary, _ := http.NewRequest(http.MethodGet, w.issuer+"/authorize?"+good.Encode(), nil)
	ordinary.Header.Set("Sec-Fetch-Dest", "document")
	if a := b.do(ordinary); a.to == nil || w.sites.made != 1 {
		t.Errorf("a navigation got %d", a.StatusCode)
	}
	w.sites.wrong = "https://evil.example"
	w.sessions.broken = nil
	if err := w.Authorize(discard{}, ticketRequest(b, good)); err == nil { // RED-01: an address elsewhere is never followed
		t.Error("a ticket went to another origin")
	}
}

// ticketRequest is a request with the browser's cookies, for the handler itself.
func ticketRequest(b *browser, v url.Values) *http.Request {
	r, _ := http.NewRequest(http.MethodGet, b.w.issuer+"/authorize?"+v.Encode(), nil)
	for _, c := range b.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r
}

// discard is a response nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
